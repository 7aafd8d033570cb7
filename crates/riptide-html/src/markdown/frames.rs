//! What stands at the beginning of each line: block quotes and lists, one inside the other.

/// Quotes and items inside each other. Deeper ones are written at the deepest level, or else each line of a page
/// could grow by the page's depth.
const DEEPEST: usize = 16;

#[derive(Debug)]
enum Frame {
    Quote {
        is_pending: bool,
    },
    List(List),
    Item {
        marker: String,
        is_pending: bool,
        /// Blocks written in it so far, nested lists aside.
        blocks: usize,
    },
    /// A footnote.
    Note {
        marker: String,
        is_pending: bool,
    },
    /// Deeper than the deepest.
    Flat,
}

#[derive(Debug, Clone, Copy)]
struct List {
    /// The number of the next item, in an ordered list.
    number: Option<u32>,
    /// What marks its items: `-` or `*`, or what follows their number.
    mark: char,
    has_items: bool,
    /// Items are separated by blank lines.
    is_loose: bool,
}

/// What the lines of a footnote behind the first begin with.
const NOTE_INDENT: &str = "    ";

/// The quotes, lists, items and footnotes that are open. A quote or an item is written with its first block, so that none is empty.
#[derive(Debug, Default)]
pub(super) struct Frames {
    frames: Vec<Frame>,
    /// What continues the lines of all open frames.
    prefix: String,
    /// Frames that no block was written in.
    pending: usize,
    /// How much of the prefix the last block and the next have in common.
    common: usize,
    /// Where the last list ended, and its mark, while nothing followed it.
    last_list: Option<(usize, char)>,
}

impl Frames {
    pub(super) fn enter_quote(&mut self) {
        self.open(Frame::Quote { is_pending: true }, "> ");
    }

    /// `start` is the number of the first item of an ordered list.
    pub(super) fn enter_list(&mut self, start: Option<u32>) {
        let [first, other] = if start.is_some() { ['.', ')'] } else { ['-', '*'] };
        // Two lists in a row with the same mark would be one.
        let mark = if self.last_list == Some((self.prefix.len(), first)) { other } else { first };
        self.frames.push(Frame::List(List { number: start, mark, has_items: false, is_loose: false }));
    }

    /// `number` is what the item itself says. `has_paragraphs` makes its list a loose one.
    pub(super) fn enter_item(&mut self, number: Option<u32>, has_paragraphs: bool) {
        let marker = match self.frames.last_mut() {
            Some(Frame::List(list)) => {
                list.is_loose |= has_paragraphs;
                match list.number {
                    Some(next) => {
                        let number = number.unwrap_or(next);
                        list.number = Some((number + 1).min(Self::LARGEST_NUMBER));
                        format!("{number}{} ", list.mark)
                    }
                    None => format!("{} ", list.mark),
                }
            }
            _ => "- ".to_owned(),
        };
        const SPACES: &str = "            ";
        let indent = SPACES.get(..marker.len()).unwrap_or(SPACES);
        self.open(Frame::Item { marker, is_pending: true, blocks: 0 }, indent);
    }

    /// `label` is what references to the footnote name.
    pub(super) fn enter_note(&mut self, label: &str) {
        let marker = format!("[^{label}]: ");
        self.open(Frame::Note { marker, is_pending: true }, NOTE_INDENT);
    }

    /// Numbers of list items have nine digits at the most.
    pub(super) const LARGEST_NUMBER: u32 = 999_999_999;

    fn open(&mut self, frame: Frame, continuation: &str) {
        let depth = self
            .frames
            .iter()
            .filter(|frame| matches!(frame, Frame::Quote { .. } | Frame::Item { .. } | Frame::Note { .. }))
            .count();
        if depth >= DEEPEST {
            self.frames.push(Frame::Flat);
        } else {
            self.frames.push(frame);
            self.prefix.push_str(continuation);
            self.pending += 1;
        }
    }

    pub(super) fn leave(&mut self) {
        let (width, is_pending) = match self.frames.pop() {
            Some(Frame::List(list)) => {
                if list.has_items {
                    self.last_list = Some((self.prefix.len(), list.mark));
                }
                return;
            }
            Some(Frame::Quote { is_pending }) => (2, is_pending),
            Some(Frame::Item { marker, is_pending, .. }) => (marker.len(), is_pending),
            Some(Frame::Note { is_pending, .. }) => (NOTE_INDENT.len(), is_pending),
            Some(Frame::Flat) | None => return,
        };
        self.pending -= usize::from(is_pending);
        self.prefix.truncate(self.prefix.len() - width);
        self.common = self.common.min(self.prefix.len());
    }

    /// Whether a list item begins with the next block.
    pub(super) fn is_item_pending(&self) -> bool {
        self.frames.iter().any(|frame| matches!(frame, Frame::Item { is_pending: true, .. }))
    }

    /// Separates the next block from the last and writes what its first line begins with.
    pub(super) fn start_block(&mut self, out: &mut String) {
        if !out.is_empty() {
            out.push('\n');
            if !self.is_tight() {
                out.push_str(self.prefix.get(..self.common).unwrap_or_default().trim_end());
                out.push('\n');
            }
        }
        self.last_list = None;
        if self.pending == 0 {
            out.push_str(&self.prefix);
        } else {
            self.write_pending(out);
        }
        self.common = self.prefix.len();
        // Text between the items of a list ends it; the next item begins another.
        if let Some(Frame::List(list)) = self.frames.last_mut() {
            list.has_items = false;
        }
        if let Some(Frame::Item { blocks, .. }) = self.innermost_mut() {
            *blocks += 1;
        }
    }

    fn innermost_mut(&mut self) -> Option<&mut Frame> {
        self.frames.iter_mut().rev().find(|frame| matches!(frame, Frame::Quote { .. } | Frame::Item { .. }))
    }

    fn write_pending(&mut self, out: &mut String) {
        self.pending = 0;
        for at in 0..self.frames.len() {
            let begins_item = match self.frames.get_mut(at) {
                Some(Frame::Quote { is_pending }) => {
                    *is_pending = false;
                    out.push_str("> ");
                    false
                }
                Some(Frame::Note { marker, is_pending }) => {
                    out.push_str(if std::mem::take(is_pending) { marker } else { NOTE_INDENT });
                    false
                }
                Some(Frame::Item { marker, is_pending, .. }) => {
                    if *is_pending {
                        out.push_str(marker);
                    } else {
                        out.extend(marker.chars().map(|_| ' '));
                    }
                    std::mem::take(is_pending)
                }
                _ => false,
            };
            if begins_item
                && let Some(Frame::List(list)) = at.checked_sub(1).and_then(|list| self.frames.get_mut(list))
            {
                list.has_items = true;
            }
        }
    }

    /// Whether the next block follows the last without a blank line.
    fn is_tight(&mut self) -> bool {
        let first_pending = self.frames.iter().position(|frame| {
            matches!(
                frame,
                Frame::Quote { is_pending: true }
                    | Frame::Item { is_pending: true, .. }
                    | Frame::Note { is_pending: true, .. }
            )
        });
        let Some(at) = first_pending else {
            self.loosen();
            return false;
        };
        let list_at = at.checked_sub(1);
        let (Some(Frame::Item { .. }), Some(Frame::List(list))) =
            (self.frames.get(at), list_at.and_then(|list_at| self.frames.get(list_at)))
        else {
            self.loosen();
            return false;
        };
        if list.has_items {
            return !list.is_loose;
        }
        // A nested list may follow the text of its item at once, unless its number would make it part of that text.
        let can_follow_text = list.number.is_none_or(|_| self.begins_with_one(at));
        let mut above = self.frames.iter().take(at.saturating_sub(1)).rev();
        let holder_is_tight = match (above.next(), above.next()) {
            (Some(Frame::Item { blocks: 1, .. }), Some(Frame::List(outer))) => !outer.is_loose,
            _ => false,
        };
        can_follow_text && holder_is_tight
    }

    fn begins_with_one(&self, item: usize) -> bool {
        matches!(self.frames.get(item), Some(Frame::Item { marker, .. }) if marker.trim_end_matches(['.', ')', ' ']) == "1")
    }

    /// A blank line within an item makes its list a loose one.
    fn loosen(&mut self) {
        let mut in_item = false;
        for frame in self.frames.iter_mut().rev() {
            match frame {
                Frame::Item { is_pending: false, .. } => in_item = true,
                Frame::List(list) if in_item => {
                    list.is_loose = true;
                    return;
                }
                Frame::Quote { .. } | Frame::Note { .. } => return,
                _ => {}
            }
        }
    }

    /// Ends a line within a block and begins the next.
    pub(super) fn next_line(&self, out: &mut String) {
        out.push('\n');
        out.push_str(&self.prefix);
    }

    /// The same, for a line with nothing on it.
    pub(super) fn blank_line(&self, out: &mut String) {
        out.push('\n');
        out.push_str(self.prefix.trim_end());
    }
}
