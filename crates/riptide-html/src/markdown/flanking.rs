//! Which emphasis can be written at all: a delimiter is one only between the right neighbours (CommonMark §6.2).

use super::inline::{Inline, Mark, MarkKind, Span, Style};

impl Style {
    /// Whether the delimiters of both are one run when they stand together.
    fn joins(self, other: Self) -> bool {
        let has_asterisks = |style| matches!(style, Self::Emphasis | Self::Strong);
        has_asterisks(self) && has_asterisks(other)
    }
}

/// What stands next to a delimiter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Neighbour {
    Space,
    Punctuation,
    Other,
}

impl Inline {
    /// Decides whether the emphasis that opens here will be read as such, by the flanking rules of CommonMark §6.2.
    /// What opens further on has been decided before.
    pub(super) fn settle(&mut self, at: usize) {
        let Some(Mark { kind: MarkKind::Open(Span::Style(style)), partner, .. }) =
            self.marks.get(at).copied()
        else {
            return;
        };
        if style == Style::Code {
            return;
        }
        let (before, follows_close) = self.outside_opening(at);
        let (after, precedes_open) = self.outside_closing(partner);
        let is_free = |neighbour| neighbour != Neighbour::Other;
        let opens = match self.inside_opening(at, style) {
            Neighbour::Space => false,
            Neighbour::Punctuation => is_free(before),
            Neighbour::Other => true,
        };
        let closes = match self.inside_closing(partner, style) {
            Neighbour::Space => false,
            Neighbour::Punctuation => is_free(after) || precedes_open,
            Neighbour::Other => true,
        };
        // Where one ends and another begins, the other takes underscores, which do not close within a word.
        let can_differ = !follows_close || is_free(after) || precedes_open;
        // Within a run of three, which is two styles at once, a delimiter that may also close would close one of them.
        let only_opens = before == Neighbour::Space && !self.follows_mark(at);
        let is_kept = opens && closes && can_differ && (only_opens || !self.is_in_shared_run(at));
        for end in [at, partner] {
            if let Some(mark) = self.marks.get_mut(end) {
                mark.is_kept = is_kept;
            }
        }
    }

    fn follows_mark(&self, at: usize) -> bool {
        let previous = at.checked_sub(1).and_then(|previous| self.marks.get(previous));
        previous.zip(self.marks.get(at)).is_some_and(|(previous, mark)| previous.at == mark.at)
    }

    /// Whether the emphasis around the one that opens here opened together with another one.
    fn is_in_shared_run(&self, at: usize) -> bool {
        let opens_at = |index: usize| match self.marks.get(index) {
            Some(Mark { kind: MarkKind::Open(Span::Style(Style::Emphasis | Style::Strong)), at, .. }) => {
                Some(*at)
            }
            _ => None,
        };
        let around = self.marks.get(at).map_or(usize::MAX, |mark| mark.around);
        let Some(position) = opens_at(around) else { return false };
        let neighbours = [around.checked_sub(1), Some(around + 1)];
        neighbours.into_iter().flatten().any(|index| index != at && opens_at(index) == Some(position))
    }

    /// What is left of an opening delimiter, and whether another delimiter closes there.
    fn outside_opening(&self, at: usize) -> (Neighbour, bool) {
        let Some(position) = self.marks.get(at).map(|mark| mark.at) else { return (Neighbour::Other, false) };
        let mut follows_close = false;
        for mark in self.marks.iter().take(at).rev().take_while(|mark| mark.at == position) {
            match mark.kind {
                MarkKind::Open(Span::Style(_)) => {}
                MarkKind::Close(Span::Style(style)) if style != Style::Code => follows_close = true,
                _ => return (Neighbour::Punctuation, follows_close),
            }
        }
        (surely(self.before(position)), follows_close)
    }

    fn inside_opening(&self, at: usize, own: Style) -> Neighbour {
        let Some(position) = self.marks.get(at).map(|mark| mark.at) else { return Neighbour::Space };
        let inner = self.marks.iter().skip(at + 1).take_while(|mark| mark.at == position);
        for mark in inner {
            match mark.kind {
                MarkKind::Open(Span::Style(style)) if style.joins(own) || !mark.is_kept => {}
                _ => return Neighbour::Punctuation,
            }
        }
        possibly(self.after(position))
    }

    /// What is right of a closing delimiter, and whether another delimiter opens there.
    fn outside_closing(&self, at: usize) -> (Neighbour, bool) {
        let Some(position) = self.marks.get(at).map(|mark| mark.at) else { return (Neighbour::Other, false) };
        let mut precedes_open = false;
        for mark in self.marks.iter().skip(at + 1).take_while(|mark| mark.at == position) {
            match mark.kind {
                MarkKind::Close(Span::Style(style)) if style != Style::Code => {}
                // A style that closed here may go on once what lies between is not written.
                MarkKind::Open(span @ Span::Style(style)) if style != Style::Code => {
                    precedes_open |= mark.is_kept && !self.closes_at(at, position, span);
                }
                _ => return (Neighbour::Punctuation, precedes_open),
            }
        }
        (surely(self.after(position)), precedes_open)
    }

    fn closes_at(&self, first: usize, position: usize, span: Span) -> bool {
        let mut together = self.marks.iter().skip(first).take_while(|mark| mark.at == position);
        together.any(|mark| mark.kind == MarkKind::Close(span))
    }

    fn inside_closing(&self, at: usize, own: Style) -> Neighbour {
        let Some(position) = self.marks.get(at).map(|mark| mark.at) else { return Neighbour::Space };
        for mark in self.marks.iter().take(at).rev().take_while(|mark| mark.at == position) {
            match mark.kind {
                MarkKind::Close(Span::Style(style)) if style.joins(own) || !mark.is_kept => {}
                _ => return Neighbour::Punctuation,
            }
        }
        possibly(self.before(position))
    }

    fn before(&self, position: usize) -> Option<char> {
        self.text.get(..position).and_then(|text| text.chars().next_back())
    }

    fn after(&self, position: usize) -> Option<char> {
        self.text.get(position..).and_then(|text| text.chars().next())
    }
}

/// Which neighbour a character is, at worst, on the side where punctuation does harm.
fn possibly(c: Option<char>) -> Neighbour {
    match c {
        None => Neighbour::Space,
        Some(c) if c.is_whitespace() => Neighbour::Space,
        Some(c) if c.is_alphanumeric() => Neighbour::Other,
        Some(_) => Neighbour::Punctuation,
    }
}

/// Which neighbour a character is, at least, on the side where punctuation helps.
fn surely(c: Option<char>) -> Neighbour {
    match c {
        None | Some(' ' | '\n' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}') => {
            Neighbour::Space
        }
        Some(c) if c.is_ascii_punctuation() => Neighbour::Punctuation,
        Some(
            '\u{2010}'..='\u{2027}'
            | '\u{2030}'..='\u{205e}'
            | '\u{3001}'..='\u{3003}'
            | '\u{3008}'..='\u{3011}',
        ) => Neighbour::Punctuation,
        Some(_) => Neighbour::Other,
    }
}
