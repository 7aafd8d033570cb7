//! URLs, and what an outbound guard has to make of them.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "the table is a part of this crate, whose users are tests"
)]

/// A URL, and what an outbound guard has to make of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardVector {
    /// The policy that it is judged by, as the table names it.
    pub policy: &'static str,
    /// `allowed`, `invalid` (no URL at all), or the name of the reason to refuse it.
    pub expected: &'static str,
    /// The URL, as somebody may write it.
    pub url: String,
    /// The host and port that are dialled if it is allowed, with a colon between them; otherwise empty.
    pub dialled: &'static str,
}

/// The table of guard vectors, in its order.
///
/// # Panics
/// If the table is not written as it says itself.
pub fn guard_vectors() -> impl Iterator<Item = GuardVector> {
    let mut policy = "";
    lines(include_str!("guard_vectors.txt")).filter_map(move |line| {
        if let Some(name) = line.strip_prefix("= ") {
            policy = name;
            return None;
        }
        let (expected, rest) = line.split_once(' ').expect("a line has an outcome and a URL");
        let allowed = rest.rsplit_once(' ').filter(|_| expected == "allowed");
        let (url, dialled) = allowed.unwrap_or((rest, ""));
        Some(GuardVector { policy, expected, url: unescaped(url), dialled })
    })
}

fn lines(table: &str) -> impl Iterator<Item = &str> {
    table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        let mut marks = after.chars();
        plain.push(match marks.next() {
            Some('t') => '\t',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('\\') => '\\',
            Some('u') => {
                let number = marks.as_str().strip_prefix('{').and_then(|digits| digits.split_once('}'));
                let (digits, after) = number.expect("\\u{HEX}");
                marks = after.chars();
                u32::from_str_radix(digits, 16).ok().and_then(char::from_u32).expect("a code point")
            }
            other => panic!("`\\{other:?}` in `{text}` stands for nothing"),
        });
        rest = marks.as_str();
    }
    plain + rest
}
