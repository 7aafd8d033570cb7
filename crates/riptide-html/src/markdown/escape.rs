//! Text that stays text: a backslash before what Markdown would read as syntax, and nowhere else.

/// What a run of text stands in.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Surroundings {
    /// The text of a link or an image.
    pub(super) in_brackets: bool,
    /// A cell of a table.
    pub(super) in_cell: bool,
    /// Something other than text comes right before.
    pub(super) mark_before: bool,
    /// Something other than text comes right behind.
    pub(super) mark_after: bool,
    /// What comes right behind is the bracket of a link.
    pub(super) link_after: bool,
}

/// Marks that mean nothing when a leaf has only one of them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Lone {
    asterisk: bool,
    underscore: bool,
    tilde: bool,
    backtick: bool,
    dollar: bool,
}

impl Lone {
    /// `has_styles`, `has_code` and `has_formulas`: whether the leaf has delimiters beside those in its text. Dollars
    /// alone are none: prices are many, and pages that leave their TeX to a script mean it to stay as it is.
    pub(super) fn of(text: &str, has_styles: bool, has_code: bool, has_formulas: bool) -> Self {
        let is_lone = |byte| memchr::memchr_iter(byte, text.as_bytes()).nth(1).is_none();
        Self {
            asterisk: !has_styles && is_lone(b'*'),
            underscore: !has_styles && is_lone(b'_'),
            tilde: !has_styles && is_lone(b'~'),
            backtick: !has_code && is_lone(b'`'),
            dollar: !has_formulas,
        }
    }

    fn has(self, byte: u8) -> bool {
        match byte {
            b'*' => self.asterisk,
            b'_' => self.underscore,
            b'~' => self.tilde,
            b'$' => self.dollar,
            _ => self.backtick,
        }
    }
}

/// Writes `text[start..end]`, a run without line ends. `forced` is the place of a character that would begin a block.
pub(super) fn write_escaped(
    out: &mut String,
    text: &str,
    (start, end): (usize, usize),
    surroundings: Surroundings,
    lone: Lone,
    forced: Option<usize>,
) {
    let bytes = text.as_bytes();
    let mut copied = start;
    let mut at = start;
    while at < end {
        let Some(&byte) = bytes.get(at) else { break };
        let mut run_end = at + 1;
        let is_syntax = match byte {
            b'*' | b'_' | b'~' | b'`' | b'$' => {
                while run_end < end && bytes.get(run_end) == Some(&byte) {
                    run_end += 1;
                }
                let at_edge =
                    (at == start && surroundings.mark_before) || (run_end == end && surroundings.mark_after);
                !lone.has(byte) && (at_edge || may_delimit(text, byte, at, run_end))
            }
            b'\\' | b'[' | b']' | b'<' | b'&' | b'!' | b'|' => is_syntax(bytes, byte, at, end, surroundings),
            _ => false,
        };
        if is_syntax {
            for special in at..run_end {
                out.push_str(text.get(copied..special).unwrap_or_default());
                out.push('\\');
                copied = special;
            }
        } else if forced.is_some_and(|forced| (at..run_end).contains(&forced)) {
            let forced = forced.unwrap_or(at);
            out.push_str(text.get(copied..forced).unwrap_or_default());
            out.push('\\');
            copied = forced;
        }
        at = run_end;
    }
    out.push_str(text.get(copied..end).unwrap_or_default());
}

/// Whether a run of `*`, `_`, `~`, dollars or backticks could open or close something.
fn may_delimit(text: &str, byte: u8, start: usize, end: usize) -> bool {
    if byte == b'`' {
        return true;
    }
    let before = text.get(..start).and_then(|text| text.chars().next_back());
    let after = text.get(end..).and_then(|text| text.chars().next());
    let is_space = |neighbour: Option<char>| neighbour.is_none_or(|c| matches!(c, ' ' | '\n'));
    let is_word = |neighbour: Option<char>| neighbour.is_some_and(char::is_alphanumeric);
    let stands_alone = is_space(before) && is_space(after);
    let is_within_word = byte == b'_' && is_word(before) && is_word(after);
    !stands_alone && !is_within_word
}

fn is_syntax(bytes: &[u8], byte: u8, at: usize, end: usize, surroundings: Surroundings) -> bool {
    let next = bytes.get(at + 1).copied();
    match byte {
        b'\\' => next.is_none_or(|next| next.is_ascii_punctuation() || next == b'\n') || at + 1 == end,
        b'[' => surroundings.in_brackets || next == Some(b'^'),
        b']' => {
            surroundings.in_brackets
                || next == Some(b'(')
                || (next == Some(b':') && bytes.first() == Some(&b'['))
        }
        b'<' => {
            next.is_some_and(|next| next.is_ascii_alphabetic() || matches!(next, b'/' | b'!' | b'?'))
                || is_email_autolink(bytes.get(at + 1..).unwrap_or_default())
        }
        b'&' => is_character_reference(bytes.get(at + 1..).unwrap_or_default()),
        b'!' => surroundings.link_after && at + 1 == end,
        _ => surroundings.in_cell,
    }
}

/// Whether what follows a `&` makes it the beginning of a character reference, known or not.
pub(super) fn is_character_reference(after: &[u8]) -> bool {
    let length =
        after.iter().take(33).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'#').count();
    length > 0 && after.get(length) == Some(&b';')
}

/// Whether what follows a `<` may be an email address and a `>` (CommonMark §6.4).
fn is_email_autolink(after: &[u8]) -> bool {
    const LONGEST: usize = 512;
    after
        .iter()
        .take(LONGEST)
        .take_while(|byte| !matches!(byte, b' ' | b'<' | b'>'))
        .any(|&byte| byte == b'@')
}

/// The place in a line of a character that would make it the beginning of a block, or of a task, or of a definition.
pub(super) fn block_start(line: &str, is_first: bool) -> Option<usize> {
    let bytes = line.as_bytes();
    let is_end = |at: usize| bytes.get(at).is_none_or(|&byte| byte == b' ');
    let consists_of = |marks: &[u8]| bytes.iter().all(|byte| *byte == b' ' || marks.contains(byte));
    match *bytes.first()? {
        b'#' => {
            let level = bytes.iter().take_while(|&&byte| byte == b'#').count();
            (level <= 6 && is_end(level)).then_some(0)
        }
        b'>' => Some(0),
        mark @ (b'-' | b'+' | b'*' | b'_') => {
            let is_item = mark != b'_' && is_end(1);
            let is_rule = consists_of(&[mark]) && bytes.iter().filter(|&&byte| byte == mark).count() >= 3;
            let underlines = !is_first && consists_of(b"-:|");
            (is_item || is_rule || underlines).then_some(0)
        }
        b'=' | b':' | b'|' => (!is_first && (consists_of(b"=") || consists_of(b"-:|"))).then_some(0),
        b'~' => line.starts_with("~~~").then_some(0),
        b'[' => {
            (matches!(bytes.get(1), Some(b' ' | b'x' | b'X')) && bytes.get(2) == Some(&b']')).then_some(0)
        }
        b'0'..=b'9' => {
            let digits = bytes.iter().take(10).take_while(|byte| byte.is_ascii_digit()).count();
            let is_item = digits <= 9 && matches!(bytes.get(digits), Some(b'.' | b')')) && is_end(digits + 1);
            is_item.then_some(digits)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str) -> String {
        let mut out = String::new();
        let forced = block_start(text, true);
        let lone = Lone::of(text, false, false, false);
        write_escaped(&mut out, text, (0, text.len()), Surroundings::default(), lone, forced);
        out
    }

    #[test]
    fn text_that_means_nothing_to_markdown_stays_as_it_is() {
        for text in [
            "5 * 3 * 2",
            "snake_case_name",
            "a * b",
            "3 < 4 && 5 > 4",
            "AT&T and R&D",
            "[1] and [2]",
            "C:\\path\\file",
            "5* hotel",
            "~5 km",
            "#hashtag",
            "-5 degrees",
            "1.5 litres",
            "Hello! (yes)",
            "a | b",
            "=== x",
            "x [ ] y",
            "+1",
            "2024.",
            "100% 😀",
        ] {
            let expected = if text == "2024." { "2024\\." } else { text };
            assert_eq!(escaped(text), expected);
        }
    }

    #[test]
    fn text_that_would_be_syntax_is_escaped() {
        for (text, expected) in [
            ("*a*", "\\*a\\*"),
            ("__init__", "\\_\\_init\\_\\_"),
            ("~~x~~", "\\~\\~x\\~\\~"),
            ("a `b` c", "a \\`b\\` c"),
            ("[a](b)", "[a\\](b)"),
            ("[a]: b", "[a\\]: b"),
            ("<b> </b> <!-- x", "\\<b> \\</b> \\<!-- x"),
            ("&amp; &#39;", "\\&amp; \\&#39;"),
            ("\\*", "\\\\*"),
            ("\\* *", "\\\\\\* *"),
            ("# x", "\\# x"),
            ("> x", "\\> x"),
            ("- x", "\\- x"),
            ("* x", "\\* x"),
            ("1. x", "1\\. x"),
            ("12) x", "12\\) x"),
            ("---", "\\---"),
            ("* * *", "\\* * *"),
            ("[ ] task", "\\[ ] task"),
            ("~~~", "\\~~~"),
        ] {
            assert_eq!(escaped(text), expected);
        }
    }
}
