//! One leaf on its way out: text escaped, marks as delimiters.

use super::escape::{Lone, Surroundings, block_start, write_escaped};
use super::frames::Frames;
use super::inline::{Inline, Mark, MarkKind, Span, Style};
use super::target::write_target;

/// Where a leaf is written.
pub(super) enum Place<'f> {
    Paragraph(&'f Frames),
    Heading,
    Cell,
}

/// One leaf on its way out.
pub(super) struct Leaf<'w> {
    inline: &'w mut Inline,
    out: &'w mut String,
    place: &'w Place<'w>,
    lone: Lone,
    /// The place in the text of a character that would begin a block.
    forced: Option<usize>,
    in_link: bool,
    has_code: bool,
}

impl<'w> Leaf<'w> {
    pub(super) fn new(inline: &'w mut Inline, out: &'w mut String, place: &'w Place<'w>) -> Self {
        let has = |is_meant: fn(Style) -> bool| {
            inline
                .marks
                .iter()
                .any(|mark| matches!(mark.kind, MarkKind::Open(Span::Style(style)) if is_meant(style)))
        };
        let (has_styles, has_code) = (has(|style| style != Style::Code), has(|style| style == Style::Code));
        let lone = Lone::of(&inline.text, has_styles, has_code, !inline.verbatim.is_empty());
        Self { inline, out, place, lone, forced: None, in_link: false, has_code: false }
    }

    pub(super) fn write(mut self) {
        let text = std::mem::take(&mut self.inline.text);
        self.start_line(&text, 0);
        let mut written = 0;
        let mut code_start = 0;
        for index in 0..self.inline.marks.len() {
            let Some(mark) = self.inline.marks.get(index).copied() else { break };
            if !self.has_code {
                self.run(&text, written, mark.at, index);
                written = mark.at;
            }
            match mark.kind {
                MarkKind::Open(Span::Style(Style::Code)) => {
                    self.has_code = true;
                    code_start = mark.at;
                }
                MarkKind::Close(Span::Style(Style::Code)) => {
                    self.has_code = false;
                    self.code(text.get(code_start..mark.at).unwrap_or_default());
                    written = mark.at;
                }
                MarkKind::Open(Span::Style(style)) => self.open(index, style),
                MarkKind::Close(Span::Style(style)) => self.delimiter(style, mark),
                MarkKind::Open(Span::Link(_)) => {
                    self.out.push('[');
                    self.in_link = true;
                }
                MarkKind::Close(Span::Link(target)) => self.link_end(target),
                MarkKind::Image(image) => self.image(image),
                MarkKind::Verbatim(at) => self.verbatim(at),
            }
        }
        let marks = self.inline.marks.len();
        self.run(&text, written, text.len(), marks);
        self.inline.text = text;
    }

    fn start_line(&mut self, text: &str, at: usize) {
        let line = text.get(at..).and_then(|rest| rest.split('\n').next()).unwrap_or_default();
        self.forced = match self.place {
            Place::Paragraph(_) => match block_start(line, at == 0) {
                Some(offset) => Some(at + offset),
                // Behind a reference to a footnote a colon would make the line a footnote.
                None => (line.starts_with(':') && self.has_verbatim_at(at)).then_some(at),
            },
            Place::Heading => closing_sequence(text),
            Place::Cell => None,
        };
    }

    fn has_verbatim_at(&self, at: usize) -> bool {
        let first = self.inline.marks.partition_point(|mark| mark.at < at);
        let mut here = self.inline.marks.iter().skip(first).take_while(|mark| mark.at == at);
        here.any(|mark| matches!(mark.kind, MarkKind::Verbatim(_)))
    }

    /// Writes text up to the mark of that index.
    fn run(&mut self, text: &str, start: usize, end: usize, mark: usize) {
        let mut from = start;
        while let Some(length) = text.get(from..end).and_then(|rest| memchr::memchr(b'\n', rest.as_bytes())) {
            self.line(text, from, from + length, mark, (start, end));
            from += length + 1;
            match self.place {
                Place::Paragraph(frames) => {
                    self.out.push_str("  ");
                    frames.next_line(self.out);
                }
                Place::Heading => self.out.push(' '),
                // A tag is punctuation to the delimiters beside it; the line end that it stands for is white space.
                Place::Cell => self.out.push_str(" <br> "),
            }
            if matches!(self.place, Place::Paragraph(_)) {
                self.start_line(text, from);
            }
        }
        self.line(text, from, end, mark, (start, end));
    }

    fn line(&mut self, text: &str, from: usize, to: usize, mark: usize, (start, end): (usize, usize)) {
        let next = if to == end { self.inline.marks.get(mark) } else { None };
        let surroundings = Surroundings {
            in_brackets: self.in_link,
            in_cell: matches!(self.place, Place::Cell),
            mark_before: from == start && mark > 0,
            mark_after: next.is_some(),
            link_after: next.is_some_and(|next| matches!(next.kind, MarkKind::Open(Span::Link(_)))),
        };
        write_escaped(self.out, text, (from, to), surroundings, self.lone, self.forced);
    }

    fn open(&mut self, index: usize, style: Style) {
        let Some(mark) = self.inline.marks.get(index).copied() else { return };
        let previous = index.checked_sub(1).and_then(|previous| self.inline.marks.get(previous));
        // Next to a delimiter that closes, the same character would be read as part of it.
        let follows_asterisk = previous.is_some_and(|previous| {
            previous.at == mark.at && matches!(previous.kind, MarkKind::Close(_)) && self.out.ends_with('*')
        });
        let delimiter = if follows_asterisk { '_' } else { '*' };
        for end in [index, mark.partner] {
            if let Some(mark) = self.inline.marks.get_mut(end) {
                mark.delimiter = delimiter;
            }
        }
        self.delimiter(style, Mark { delimiter, ..mark });
    }

    fn delimiter(&mut self, style: Style, mark: Mark) {
        match style {
            Style::Emphasis => self.out.push(mark.delimiter),
            Style::Strong => self.out.extend([mark.delimiter; 2]),
            Style::Struck => self.out.push_str("~~"),
            Style::Code => {}
        }
    }

    /// A code span (CommonMark §6.1): a fence longer than any run of backticks in it.
    fn code(&mut self, code: &str) {
        let longest = longest_run(code, b'`');
        let fence = if longest == 0 { 1 } else { longest + 1 };
        let needs_padding = code.starts_with('`') || code.ends_with('`');
        let push_fence = |out: &mut String| out.extend(std::iter::repeat_n('`', fence));
        push_fence(self.out);
        if needs_padding {
            self.out.push(' ');
        }
        for c in code.chars() {
            match c {
                '\n' => self.out.push(' '),
                '|' if matches!(self.place, Place::Cell) => self.out.push_str("\\|"),
                c => self.out.push(c),
            }
        }
        if needs_padding {
            self.out.push(' ');
        }
        push_fence(self.out);
    }

    fn link_end(&mut self, target: usize) {
        self.in_link = false;
        self.out.push(']');
        if let Some(target) = self.inline.targets.get(target) {
            write_target(self.out, target, matches!(self.place, Place::Cell));
        }
    }

    fn verbatim(&mut self, at: usize) {
        let Some(markup) = self.inline.verbatim.get(at) else { return };
        match self.place {
            Place::Cell => self.out.push_str(&markup.replace('|', "\\|")),
            Place::Paragraph(_) | Place::Heading => self.out.push_str(markup),
        }
    }

    fn image(&mut self, image: usize) {
        let Some((alt, target)) = self.inline.images.get(image) else { return };
        let in_cell = matches!(self.place, Place::Cell);
        let surroundings = Surroundings {
            in_brackets: true,
            in_cell,
            mark_before: true,
            mark_after: true,
            link_after: false,
        };
        self.out.push_str("![");
        write_escaped(self.out, alt, (0, alt.len()), surroundings, Lone::default(), None);
        self.out.push(']');
        write_target(self.out, target, in_cell);
    }
}

/// The longest run of a byte in a text.
pub(super) fn longest_run(text: &str, byte: u8) -> usize {
    text.as_bytes().split(|&other| other != byte).map(<[u8]>::len).max().unwrap_or(0)
}

/// The place of hashes at the end of a heading, which would be taken for its closing sequence.
fn closing_sequence(text: &str) -> Option<usize> {
    let bare = text.trim_end_matches('#');
    (bare.len() < text.len() && (bare.is_empty() || bare.ends_with([' ', '\n']))).then_some(bare.len())
}
