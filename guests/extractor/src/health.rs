//! A page whose extraction is known.

use riptide_types::{Document, ExtractionMode, Page, Selectors};

const HTML: &str = include_str!("health/page.html");
const URL: &str = "https://example.org/notes/tides";
const TITLE: &str = "Why the tide turns";
/// The `article` element of the page.
const MARKDOWN: &str = include_str!("health/page.md");
const CONTENT: [&str; 3] = ["The moon pulls at the sea", "How high the water comes", "Funnel-shaped bay"];
const BOILERPLATE: [&str; 2] = ["About", "Imprint"];

/// Extracts the page and compares what must not change with what is known.
pub(crate) fn check() -> Result<(), String> {
    let selected = extract(ExtractionMode::Custom(Selectors {
        include: vec!["article".to_owned()],
        exclude: Vec::new(),
    }))?;
    compare("title", selected.title.as_deref().unwrap_or_default(), TITLE)?;
    compare("Markdown", selected.markdown.trim_end(), MARKDOWN.trim_end())?;
    let chosen = extract(ExtractionMode::default())?.text;
    if let Some(missing) = CONTENT.iter().find(|content| !chosen.contains(**content)) {
        return Err(format!("the main content lacks {missing:?}"));
    }
    match BOILERPLATE.iter().find(|boilerplate| chosen.contains(**boilerplate)) {
        Some(boilerplate) => Err(format!("the main content holds {boilerplate:?}")),
        None => Ok(()),
    }
}

fn extract(mode: ExtractionMode) -> Result<Document, String> {
    let page = Page { html: HTML.to_owned(), url: URL.to_owned() };
    riptide_extract::extract(&page, &mode).map_err(|error| error.to_string())
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
