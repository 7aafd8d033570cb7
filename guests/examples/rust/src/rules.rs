//! What is known of single sites, and how it is used.

use riptide_html::select::{Selector, SelectorError};
use riptide_types::{Document, ExtractionError, ExtractionMode, Page, Selectors};
use url::Url;

/// Where a site keeps what.
struct Rule {
    /// The site's host; those below it, such as `www`, count as well.
    host: &'static str,
    /// The elements that hold the content.
    content: &'static str,
    /// What is left out of them.
    clutter: &'static str,
    /// The element whose text is the title.
    title: &'static str,
    /// The elements whose texts are the authors' names.
    author: &'static str,
}

const RULES: [Rule; 2] = [
    Rule {
        host: "courier.example.org",
        content: "article.post",
        clutter: ".post-header > :not(h1), .newsletter, .ad-slot, .tags",
        title: ".post-header h1",
        author: ".byline [rel=author]",
    },
    Rule {
        host: "notes.example.net",
        content: "#entry",
        clutter: ".margin",
        title: "#entry > h2",
        author: ".signed b",
    },
];

/// Turns a page into a document, by the rule for its site when there is one and the main content is wanted.
pub(crate) fn extract(page: &Page, mode: &ExtractionMode) -> Result<Document, ExtractionError> {
    match rule_for(&page.url) {
        Some(rule) if matches!(mode, ExtractionMode::Article(_)) => by_rule(rule, page, mode),
        _ => riptide_extract::extract(page, mode),
    }
}

fn rule_for(url: &str) -> Option<&'static Rule> {
    let url = Url::parse(url).ok()?;
    let host = url.host_str()?;
    let is_for = |rule: &&Rule| {
        host.strip_suffix(rule.host).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    RULES.iter().find(is_for)
}

fn by_rule(rule: &Rule, page: &Page, mode: &ExtractionMode) -> Result<Document, ExtractionError> {
    let selectors =
        Selectors { include: vec![rule.content.to_owned()], exclude: vec![rule.clutter.to_owned()] };
    let mut document = riptide_extract::extract(page, &ExtractionMode::Custom(selectors))?;
    if document.text.is_empty() {
        let mut document = riptide_extract::extract(page, mode)?;
        document.warnings.push(format!("the rule for {} finds nothing in this page", rule.host));
        return Ok(document);
    }
    let title = texts(page, rule.title)?.into_iter().next();
    document.title = title.or(document.title);
    let authors = texts(page, rule.author)?;
    if !authors.is_empty() {
        document.byline = Some(authors.join(", "));
        document.authors = authors;
    }
    Ok(document)
}

/// The texts of the elements that match, white space folded.
fn texts(page: &Page, selector: &str) -> Result<Vec<String>, ExtractionError> {
    let refused =
        |SelectorError { selector, message }| ExtractionError::InvalidSelector { selector, message };
    let dom = riptide_html::parse(&page.html);
    let found = Selector::parse(selector).map_err(refused)?.select(&dom, dom.document()).into_iter();
    let texts = found.map(|node| dom.text_content(node).split_whitespace().collect::<Vec<_>>().join(" "));
    Ok(texts.filter(|text| !text.is_empty()).collect())
}

/// Extracts a page by a rule and compares the outcome with the known answer.
pub(crate) fn check() -> Result<(), String> {
    let html = "<title>Notes</title><div id=entry><h2>Ebb</h2><p>The <b>tide</b> turns.<p class=margin>Ad\
                <p class=signed>By <b>Ada</b></div>";
    let page = Page { html: html.to_owned(), url: "https://www.notes.example.net/ebb".to_owned() };
    let document = extract(&page, &ExtractionMode::default()).map_err(|error| error.to_string())?;
    let found = (document.title.as_deref(), document.authors.join(", "), document.markdown.trim_end());
    let known = (Some("Ebb"), "Ada".to_owned(), "## Ebb\n\nThe **tide** turns.\n\nBy **Ada**");
    if found == known {
        Ok(())
    } else {
        Err(format!("the answer is {found:?} where {known:?} is known to be right"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn article(html: &str, url: &str) -> Document {
        let page = Page { html: html.to_owned(), url: url.to_owned() };
        extract(&page, &ExtractionMode::default()).unwrap()
    }

    #[test]
    fn the_known_page_gives_the_known_answer() {
        assert_eq!(check(), Ok(()));
    }

    #[test]
    fn every_selector_of_a_rule_parses() {
        for rule in &RULES {
            for selector in [rule.content, rule.clutter, rule.title, rule.author] {
                assert!(Selector::parse(selector).is_ok(), "{selector}");
            }
        }
    }

    #[test]
    fn a_rule_holds_for_its_host_and_those_below() {
        let host = |url| rule_for(url).map(|rule| rule.host);
        assert_eq!(host("https://courier.example.org/a"), Some("courier.example.org"));
        assert_eq!(host("https://www.courier.example.org:8080/a"), Some("courier.example.org"));
        for other in ["https://mycourier.example.org/", "https://example.org/", "", "courier.example.org"] {
            assert_eq!(host(other), None, "{other}");
        }
    }

    #[test]
    fn a_rule_that_finds_nothing_gives_way_with_a_warning() {
        let document = article("<title>T</title><p>Some text.", "https://notes.example.net/x");
        assert_eq!(document.text, "Some text.\n");
        assert_eq!(document.warnings, ["the rule for notes.example.net finds nothing in this page"]);
    }

    #[test]
    fn other_sites_and_modes_are_extracted_as_ever() {
        let html = "<title>T</title><div id=entry><h2>Ebb</h2><p>Flow.</div><p>Elsewhere.";
        assert_eq!(article(html, "https://other.example/").warnings, [""; 0]);
        let page = Page { html: html.to_owned(), url: "https://notes.example.net/x".to_owned() };
        let full = extract(&page, &ExtractionMode::Full).unwrap();
        assert!(full.text.contains("Elsewhere."), "{}", full.text);
    }
}
