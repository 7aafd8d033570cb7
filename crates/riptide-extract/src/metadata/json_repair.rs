//! JSON as pages write it by hand or by template, made whole in one pass.
//!
//! What breaks most: comment and CDATA marks around it, references such as `&quot;` in place of characters, line breaks
//! and quotes in strings, commas before a closing bracket, comments, brackets too many or too few, and several values one
//! after the other.

use serde_json::Value as Json;

use super::text::decoded;

/// The values that a block holds. What cannot be mended is left out.
pub(crate) fn values(block: &str) -> Vec<Json> {
    let block = unwrapped(block);
    let strict: Result<Vec<Json>, _> = serde_json::Deserializer::from_str(block).into_iter().collect();
    strict.unwrap_or_else(|_| {
        let block = if is_escaped(block) { decoded(block) } else { block.to_owned() };
        mended(&block).iter().filter_map(|value| serde_json::from_str(value).ok()).collect()
    })
}

/// The block without the comment or CDATA marks that some pages put around it.
fn unwrapped(block: &str) -> &str {
    const BEFORE: &[&str] =
        &["<!--", "//<![CDATA[", "/*<![CDATA[*/", "<![CDATA[", "//", "/*", "*/", "\u{feff}"];
    const AFTER: &[&str] = &["-->", "//]]>", "/*]]>*/", "]]>", "//", "*/", ";"];
    let mut block = block.trim();
    while let Some(rest) = BEFORE.iter().find_map(|mark| block.strip_prefix(mark)) {
        block = rest.trim_start();
    }
    while let Some(rest) = AFTER.iter().find_map(|mark| block.strip_suffix(mark)) {
        block = rest.trim_end();
    }
    block
}

/// Whether the first thing behind the opening brackets is a character reference where a quote would stand.
fn is_escaped(block: &str) -> bool {
    block.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '{' | '[')).starts_with('&')
}

/// The values of a block, each mended by itself.
fn mended(block: &str) -> Vec<String> {
    let mut mender = Mender::default();
    let mut characters = block.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' if mender.is_open() => {
                mender.out.push('"');
                copy_string(&mut characters, &mut mender.out);
            }
            '/' if characters.next_if_eq(&'/').is_some() => {
                characters.by_ref().take_while(|&c| c != '\n').for_each(drop);
            }
            '/' if characters.next_if_eq(&'*').is_some() => skip_comment(&mut characters),
            '{' | '[' => mender.open(c),
            '}' | ']' => mender.close(c),
            c if c.is_control() => mender.write(' '),
            c => mender.write(c),
        }
    }
    mender.finish()
}

fn skip_comment(characters: &mut impl Iterator<Item = char>) {
    let mut previous = ' ';
    for c in characters {
        if previous == '*' && c == '/' {
            return;
        }
        previous = c;
    }
}

/// Copies what follows an opening quote up to the closing one: control characters escaped or replaced, backslashes that
/// escape nothing doubled, and quotes escaped that what follows shows to be part of the text.
fn copy_string(characters: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) {
    while let Some(c) = characters.next() {
        match c {
            '"' if ends_string(characters.clone()) => break,
            '"' => out.push_str("\\\""),
            '\\' => {
                let escapes =
                    |next: &char| matches!(next, '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u');
                out.push('\\');
                out.push(characters.next_if(escapes).unwrap_or('\\'));
            }
            '\n' => out.push_str("\\n"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Whether a quote ends its string: behind it comes what goes on with the structure, or nothing.
fn ends_string(mut following: impl Iterator<Item = char>) -> bool {
    following.find(|c| !c.is_whitespace()).is_none_or(|c| matches!(c, ',' | ':' | '}' | ']' | '/'))
}

/// Writes values so that their brackets match.
#[derive(Default)]
struct Mender {
    values: Vec<String>,
    /// The value that is being written.
    out: String,
    /// The brackets that would close what is open, the innermost last.
    closing: Vec<char>,
    braces: usize,
}

impl Mender {
    fn is_open(&self) -> bool {
        !self.closing.is_empty()
    }

    /// Between values nothing counts.
    fn write(&mut self, c: char) {
        if self.is_open() {
            self.out.push(c);
        }
    }

    fn open(&mut self, bracket: char) {
        self.out.push(bracket);
        self.closing.push(if bracket == '{' { '}' } else { ']' });
        self.braces += usize::from(bracket == '{');
    }

    /// Closes what is open inside of the bracket too; a bracket that closes nothing is left out.
    fn close(&mut self, bracket: char) {
        let open = if bracket == '}' { self.braces } else { self.closing.len() - self.braces };
        if open == 0 {
            return;
        }
        while let Some(innermost) = self.closing.pop() {
            self.braces -= usize::from(innermost == '}');
            let kept = self.out.trim_end_matches(|c: char| c.is_whitespace() || c == ',').len();
            self.out.truncate(kept);
            self.out.push(innermost);
            if innermost == bracket {
                break;
            }
        }
        if !self.is_open() {
            self.values.push(std::mem::take(&mut self.out));
        }
    }

    fn finish(mut self) -> Vec<String> {
        while let Some(&innermost) = self.closing.last() {
            self.close(innermost);
        }
        self.values
    }
}
