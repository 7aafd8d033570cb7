//! The metadata of a document as a YAML front matter.

use std::fmt::Write as _;

use riptide::Document;

/// The metadata between two `---` lines. What the page does not tell is left out.
pub(crate) fn render(document: &Document) -> String {
    let mut yaml = String::from("---\n");
    let optional = |text: &Option<String>| text.clone().unwrap_or_default();
    scalar(&mut yaml, "title", &optional(&document.title));
    list(&mut yaml, "authors", &document.authors);
    scalar(&mut yaml, "published", &optional(&document.published));
    scalar(&mut yaml, "modified", &optional(&document.modified));
    scalar(&mut yaml, "site", &optional(&document.site_name));
    scalar(&mut yaml, "language", &optional(&document.language));
    scalar(&mut yaml, "description", &optional(&document.description));
    scalar(&mut yaml, "url", &document.url);
    scalar(&mut yaml, "canonical", &optional(&document.canonical_url));
    list(&mut yaml, "tags", &document.tags);
    scalar(&mut yaml, "page_type", document.page_type.name());
    let _ = writeln!(yaml, "quality: {}", document.quality_score);
    yaml.push_str("---");
    yaml
}

fn scalar(yaml: &mut String, key: &str, value: &str) {
    if !value.is_empty() {
        let _ = writeln!(yaml, "{key}: {}", Quoted(value));
    }
}

fn list(yaml: &mut String, key: &str, values: &[String]) {
    if !values.is_empty() {
        let _ = writeln!(yaml, "{key}:");
    }
    for value in values {
        let _ = writeln!(yaml, "  - {}", Quoted(value));
    }
}

/// A double-quoted scalar (YAML 1.2.2 §7.3.1): the one style that holds any text on one line and is never taken for
/// a number, a date or a truth value.
struct Quoted<'a>(&'a str);

impl std::fmt::Display for Quoted<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_char('"')?;
        for character in self.0.chars() {
            match character {
                '"' => formatter.write_str("\\\"")?,
                '\\' => formatter.write_str("\\\\")?,
                '\n' => formatter.write_str("\\n")?,
                '\t' => formatter.write_str("\\t")?,
                // Not printable by §5.1, or a line break to YAML 1.1.
                '\0'..='\u{1f}'
                | '\u{7f}'..='\u{9f}'
                | '\u{2028}'
                | '\u{2029}'
                | '\u{feff}'
                | '\u{fffe}'
                | '\u{ffff}' => write!(formatter, "\\u{:04x}", u32::from(character))?,
                _ => formatter.write_char(character)?,
            }
        }
        formatter.write_char('"')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_any_kind_stays_one_quoted_line() {
        let hostile = "a \"b\" \\ c\n---\nkey: value\u{85}\u{2028}\u{7}";
        assert_eq!(Quoted(hostile).to_string(), r#""a \"b\" \\ c\n---\nkey: value\u0085\u2028\u0007""#);
    }

    #[test]
    fn what_the_page_does_not_tell_is_left_out() {
        let document = Document { title: Some("yes".to_owned()), quality_score: 7, ..Document::default() };
        assert_eq!(render(&document), "---\ntitle: \"yes\"\npage_type: \"unknown\"\nquality: 7\n---");
    }
}
