//! Folding of white space, as in CSS Text §4.1 with `white-space: normal`.

/// Folds the white space of one line of text that comes in pieces. White space at the start and at the end of the
/// line goes; a space shows only when more text follows.
///
/// No-break spaces fold as well: pages use them for layout far more often than between words. Soft hyphens, byte order
/// marks and control characters, which have no width, are left out.
#[derive(Debug, Clone)]
pub(crate) struct Fold {
    /// White space was met, which shows when text follows.
    space_due: bool,
    at_start: bool,
}

impl Fold {
    pub(crate) fn new() -> Self {
        Self { space_due: false, at_start: true }
    }

    /// Starts a line.
    pub(crate) fn start_line(&mut self) {
        *self = Self::new();
    }

    /// The space that must come before something that is no text.
    pub(crate) fn before_object(&mut self, mut emit: impl FnMut(&str)) {
        if self.space_due {
            emit(" ");
        }
        self.space_due = false;
        self.at_start = false;
    }

    /// Notes white space that is not part of the text.
    pub(crate) fn space(&mut self) {
        self.space_due = !self.at_start;
    }

    /// Whether a space shows once text follows.
    pub(crate) fn is_space_due(&self) -> bool {
        self.space_due
    }

    /// Adds text; `emit` gets it folded, with each space as a piece of its own when it stands between two calls.
    pub(crate) fn push(&mut self, text: &str, mut emit: impl FnMut(&str)) {
        let bytes = text.as_bytes();
        let mut start = 0;
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            let special = special_length(byte, bytes, at);
            let next_is_plain = |&next: &u8| next > b' ' && next < 0x7f;
            if special == Special::No
                || (byte == b' ' && at > start && bytes.get(at + 1).is_some_and(next_is_plain))
            {
                at += 1;
                continue;
            }
            self.piece(text.get(start..at).unwrap_or_default(), &mut emit);
            let length = match special {
                Special::Space(length) => {
                    self.space();
                    length
                }
                Special::Nothing(length) => length,
                Special::No => 1,
            };
            at += length;
            start = at;
        }
        self.piece(text.get(start..).unwrap_or_default(), &mut emit);
    }

    fn piece(&mut self, piece: &str, emit: &mut impl FnMut(&str)) {
        if !piece.is_empty() {
            self.before_object(&mut *emit);
            emit(piece);
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Special {
    No,
    /// White space of so many bytes.
    Space(usize),
    /// A character without width, of so many bytes.
    Nothing(usize),
}

#[inline]
fn special_length(byte: u8, bytes: &[u8], at: usize) -> Special {
    match byte {
        b' ' | b'\t' | b'\n' | 0x0c | b'\r' => Special::Space(1),
        0..=0x1f | 0x7f => Special::Nothing(1),
        0xc2 => match bytes.get(at + 1) {
            Some(0xa0) => Special::Space(2),
            Some(0x80..=0x9f | 0xad) => Special::Nothing(2),
            _ => Special::No,
        },
        0xef if bytes.get(at + 1..at + 3) == Some(&[0xbb, 0xbf]) => Special::Nothing(3),
        _ => Special::No,
    }
}

/// Folds a whole text.
pub(crate) fn folded(text: &str) -> String {
    let mut out = String::new();
    Fold::new().push(text, |piece| out.push_str(piece));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_folds_within_and_goes_at_the_ends() {
        assert_eq!(folded("  a \n\t b\u{a0}\u{a0}c d  "), "a b c d");
        assert_eq!(folded(" \u{a0}\n"), "");
        assert_eq!(folded("so\u{ad}ft \u{feff}x\u{1}\u{85}y ©"), "soft xy ©");
    }

    #[test]
    fn space_between_pieces_shows_once_and_before_text_only() {
        let mut pieces = Vec::new();
        let mut fold = Fold::new();
        for text in [" ", "a ", " ", " b", "c", " "] {
            fold.push(text, |piece| pieces.push(piece.to_owned()));
        }
        assert_eq!(pieces, ["a", " ", "b", "c"]);
    }

    proptest::proptest! {
        #[test]
        fn folding_agrees_with_splitting_into_words(texts: Vec<String>) {
            let mut out = String::new();
            let mut fold = Fold::new();
            for text in &texts {
                fold.push(text, |piece| out.push_str(piece));
            }
            let whole: String = texts.concat();
            let zero_width = |c: &char| {
                !matches!(c, '\u{ad}' | '\u{feff}') && (!c.is_control() || c.is_ascii_whitespace())
            };
            let kept: String = whole.chars().filter(zero_width).collect();
            let words: Vec<&str> = kept
                .split(|c: char| c.is_ascii_whitespace() || c == '\u{a0}')
                .filter(|word| !word.is_empty())
                .collect();
            proptest::prop_assert_eq!(out, words.join(" "));
        }
    }
}
