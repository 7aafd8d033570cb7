//! What links and images point to.

use super::escape::is_character_reference;

/// What a link or an image points to.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) url: String,
    pub(super) title: String,
}

/// Writes `(url "title")` (CommonMark §6.3).
pub(super) fn write_target(out: &mut String, target: &Target, in_cell: bool) {
    out.push('(');
    write_destination(out, &target.url, in_cell);
    if !target.title.is_empty() {
        out.push_str(" \"");
        for c in target.title.chars() {
            if matches!(c, '"' | '\\' | '&') || (c == '|' && in_cell) {
                out.push('\\');
            }
            out.push(c);
        }
        out.push('"');
    }
    out.push(')');
}

fn write_destination(out: &mut String, url: &str, in_cell: bool) {
    let parentheses_balance = parentheses_balance(url);
    let bytes = url.as_bytes();
    let mut copied = 0;
    for (at, byte) in url.bytes().enumerate() {
        let replacement = match byte {
            b' ' => "%20",
            b'<' => "%3C",
            b'>' => "%3E",
            b'\\' => "%5C",
            b'|' if in_cell => "%7C",
            b'(' if !parentheses_balance => "%28",
            b')' if !parentheses_balance => "%29",
            b'&' if is_character_reference(bytes.get(at + 1..).unwrap_or_default()) => "\\&",
            _ => continue,
        };
        out.push_str(url.get(copied..at).unwrap_or_default());
        out.push_str(replacement);
        copied = at + 1;
    }
    out.push_str(url.get(copied..).unwrap_or_default());
}

/// Whether parentheses may stay: balanced, and not nested so deeply that parsers give up.
fn parentheses_balance(url: &str) -> bool {
    const DEEPEST: i32 = 8;
    let mut depth = 0;
    for byte in url.bytes() {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => continue,
        }
        if !(0..=DEEPEST).contains(&depth) {
            return false;
        }
    }
    depth == 0
}
