//! A page whose extraction is known.

use riptide_types::{ExtractionMode, Page};

const HTML: &str = include_str!("health/page.html");
const URL: &str = "https://example.org/notes/tides";
const TITLE: &str = "Why the tide turns";
const MARKDOWN: &str = include_str!("health/page.md");

/// Extracts the page and compares what must not change with what is known.
pub(crate) fn check() -> Result<(), String> {
    let page = Page { html: HTML.to_owned(), url: URL.to_owned() };
    let document =
        riptide_extract::extract(&page, &ExtractionMode::default()).map_err(|error| error.to_string())?;
    compare("title", document.title.as_deref().unwrap_or_default(), TITLE)?;
    compare("Markdown", document.markdown.trim_end(), MARKDOWN.trim_end())
}

fn compare(what: &str, found: &str, known: &str) -> Result<(), String> {
    if found == known {
        Ok(())
    } else {
        Err(format!("the {what} is {found:?} where {known:?} is known to be right"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_page_gives_the_known_answer() {
        assert_eq!(check(), Ok(()));
    }

    #[test]
    fn another_answer_is_told() {
        let found = compare("title", "ebb", "flow").unwrap_err();
        assert_eq!(found, r#"the title is "ebb" where "flow" is known to be right"#);
    }
}
