//! Content that a page carries as data for its scripts.

use html5ever::local_name;
use riptide_html::Dom;
use serde_json::Value as Json;

use crate::metadata::json_repair;

/// Text shorter than this, in bytes, is a label rather than the content of a page: where it is stated to be the article,
/// where its name says that it is content, and where its name says little.
const SHORTEST_STATED: usize = 100;
const SHORTEST: usize = 200;
const SHORTEST_DOUBTFUL: usize = 600;

/// Data longer than this, in bytes, is left alone.
const LONGEST_DATA: usize = 8 * 1024 * 1024;

/// The keys that content goes by in the data of frameworks and content management systems.
const KEYS: [&str; 12] = [
    "articlebody",
    "body",
    "bodyhtml",
    "body_html",
    "content",
    "contenthtml",
    "content_html",
    "html",
    "markdown",
    "fulltext",
    "full_text",
    "rendered",
];

/// The keys that teasers and labels go by as well.
const DOUBTFUL_KEYS: [&str; 4] = ["text", "story", "description", "value"];

/// The content of a page that its markup does not show, as markup: the `articleBody` of its structured data, or else the
/// longest text of a promising name in the state that its scripts start from (`__NEXT_DATA__` and its like).
pub(crate) fn content(dom: &Dom, article_body: Option<String>) -> Option<String> {
    let stated = article_body.filter(|body| body.len() >= SHORTEST_STATED);
    stated.or_else(|| in_state(dom)).map(|text| as_markup(&text))
}

/// Scripts hold their state as JSON of a type that browsers do not run.
fn in_state(dom: &Dom) -> Option<String> {
    let scripts = dom.descendants(dom.document()).filter(|&node| {
        dom.is_html(node, &local_name!("script"))
            && dom
                .attribute(node, &local_name!("type"))
                .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
    });
    let texts = scripts.map(|script| dom.text_content(script)).filter(|data| data.len() <= LONGEST_DATA);
    texts.flat_map(|data| json_repair::values(&data)).filter_map(longest_content).max_by_key(String::len)
}

/// The longest text of a promising name.
fn longest_content(json: Json) -> Option<String> {
    let mut longest: Option<String> = None;
    let mut open = vec![json];
    while let Some(value) = open.pop() {
        match value {
            Json::Array(members) => open.extend(members),
            Json::Object(fields) => {
                for (key, value) in fields {
                    match value {
                        Json::String(text) => {
                            let is_longer = longest.as_ref().is_none_or(|longest| text.len() > longest.len());
                            if is_longer && text.len() >= shortest(&key) && is_prose(&text) {
                                longest = Some(text);
                            }
                        }
                        other => open.push(other),
                    }
                }
            }
            _ => {}
        }
    }
    longest
}

/// How long a text of this name must be to be content.
fn shortest(key: &str) -> usize {
    let key = key.to_lowercase();
    if KEYS.contains(&&*key) {
        SHORTEST
    } else if DOUBTFUL_KEYS.contains(&&*key) {
        SHORTEST_DOUBTFUL
    } else {
        usize::MAX
    }
}

/// Whether a text is for readers: words with spaces between them, or markup, rather than code or encoded bytes.
fn is_prose(text: &str) -> bool {
    let spaces = text.bytes().take(2000).filter(u8::is_ascii_whitespace).count();
    let code = text.bytes().take(2000).filter(|byte| matches!(byte, b'{' | b'}' | b';')).count();
    spaces * 12 > text.len().min(2000) && code * 25 < text.len().min(2000) || !text.is_ascii()
}

/// Plain text gets its paragraphs marked; markup stays as it is.
fn as_markup(text: &str) -> String {
    let is_markup = ["<p", "<div", "<br", "<h2", "<ul", "<li", "<article", "<section"]
        .iter()
        .any(|tag| text.contains(tag));
    if is_markup {
        return format!("<article>{text}</article>");
    }
    let paragraphs = text.split("\n\n").flat_map(|part| {
        // Some write a line for each paragraph; lines that are wrapped are short.
        let is_wrapped = part.lines().all(|line| line.len() < 100);
        if is_wrapped { vec![part] } else { part.lines().collect() }
    });
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let marked: String = paragraphs
        .map(str::trim)
        .filter(|paragraph| !paragraph.is_empty())
        .map(|paragraph| format!("<p>{}</p>", escaped(paragraph)))
        .collect();
    format!("<article>{marked}</article>")
}

#[cfg(test)]
mod tests {
    use riptide_html::BaseUrl;

    use super::*;
    use crate::metadata;

    fn content_of(html: &str) -> Option<String> {
        let dom = riptide_html::parse(html);
        let base = BaseUrl::of(&dom, "");
        content(&dom, metadata::collect(&dom, &base, "").article_body)
    }

    fn prose() -> String {
        "The river rose two metres in the night, and the mill stood in water. ".repeat(10)
    }

    #[test]
    fn the_state_of_a_framework_holds_the_content() {
        let state = serde_json::json!({ "props": { "pageProps": { "post": {
            "id": "x".repeat(3000), "title": "Flood", "content": format!("<p>{}</p><script>x</script>", prose()), "excerpt": "Short."
        } } } });
        let html =
            format!("<div id=__next></div><script id=__NEXT_DATA__ type=application/json>{state}</script>");
        let found = content_of(&html).unwrap();
        assert!(found.starts_with("<article><p>The river rose"), "{found}");
    }

    #[test]
    fn structured_data_come_first_and_keep_their_paragraphs() {
        let body = format!("{}\\n\\n{}", prose(), "It fell < again & again. ".repeat(20));
        let html = format!(
            "<script type=application/ld+json>{{\"@type\":\"NewsArticle\",\"headline\":\"Flood\",\"articleBody\":\"{body}\"}}</script>"
        );
        let found = content_of(&html).unwrap();
        assert!(found.contains("water.</p>") || found.contains("It fell &lt; again &amp; again."), "{found}");
    }

    #[test]
    fn labels_code_and_encoded_bytes_are_not_content() {
        for value in ["Short.".to_owned(), "a{b:c;d:e}".repeat(100), "QUJD".repeat(300)] {
            let state = serde_json::json!({ "content": value });
            let html = format!("<script type=application/json>{state}</script>");
            assert_eq!(content_of(&html), None, "{value}");
        }
        assert_eq!(content_of("<p>Nothing</p>"), None);
    }
}
