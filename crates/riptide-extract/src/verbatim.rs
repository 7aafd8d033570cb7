//! Text that is its own content: plain text, Markdown and JSON become a document as they are.
//!
//! No markup of theirs is parsed, so that this needs no sandbox.

use riptide_html::{BaseUrl, Selection, to_markdown};
use riptide_types::{ContentKind, Document, ExtractionError, ExtractionMode, Page};

use crate::metadata::byline::names_stated;
use crate::metadata::date::{self, Order};
use crate::metadata::text::fold;
use crate::plain::{escape, paragraphs};
use crate::{check_url, content, document, language};

/// The longest line that is taken for a title, in characters.
const TITLE_SIZE: usize = 120;

/// Makes a document of text that needs no extraction. [`ContentKind::Markdown`] and [`ContentKind::Json`] are treated
/// as what they are, any other kind as plain text.
///
/// `markdown` holds Markdown as it is, without its front matter, which becomes metadata; JSON in a fenced code block; and
/// plain text with its paragraphs and lines kept. Selectors have nothing to select from; a warning says so.
///
/// # Errors
/// [`ExtractionError::InvalidUrl`].
pub fn verbatim(kind: ContentKind, page: &Page, mode: &ExtractionMode) -> Result<Document, ExtractionError> {
    check_url(&page.url)?;
    let text = page.html.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    let mut document = Document { url: page.url.clone(), ..Document::default() };
    let (matter, body) = match kind {
        ContentKind::Markdown => front_matter(&text),
        _ => ("", text.as_str()),
    };
    let body = body.trim_matches('\n').trim_end();
    document.title = match kind {
        ContentKind::Markdown => first_heading(body),
        ContentKind::Json => None,
        _ => first_line(body),
    };
    let language = describe(&mut document, matter);
    if *mode != ExtractionMode::Metadata {
        write(&mut document, kind, body);
    }
    if matches!(mode, ExtractionMode::Custom(_)) {
        document.warnings.push("this is no markup; the selectors were passed over".to_owned());
    }
    document::count(&mut document);
    document.quality_score = if document.text.is_empty() { 0 } else { 100 };
    document.language = match kind {
        ContentKind::Json => None,
        _ => language::of(body, language.as_deref()),
    };
    Ok(document)
}

/// Fills the content fields.
fn write(document: &mut Document, kind: ContentKind, body: &str) {
    if body.is_empty() {
        return;
    }
    document.text = format!("{body}\n");
    match kind {
        ContentKind::Markdown => document.markdown.clone_from(&document.text),
        ContentKind::Json => {
            let longest = body.split(|c| c != '`').map(str::len).max().unwrap_or_default();
            let fence = "`".repeat(longest.saturating_add(1).max(3));
            document.markdown = format!("{fence}json\n{body}\n{fence}\n");
        }
        _ => {
            document.html = paragraphs(body);
            // What is parsed here holds no markup but that of the line above.
            let dom = riptide_html::parse(&document.html);
            let whole = Selection::new(&dom, [content::body(&dom)]);
            document.markdown = to_markdown(&dom, &whole, &BaseUrl::default());
            return;
        }
    }
    document.html = String::from("<pre>");
    escape(body, &mut document.html);
    document.html.push_str("</pre>");
}

/// The first line, if it is set apart and looks like a title: short, and no sentence.
fn first_line(text: &str) -> Option<String> {
    let mut lines = text.lines();
    let title = fold(lines.next()?);
    let next = lines.next()?.trim();
    let is_underline = next.len() >= 3 && next.bytes().all(|byte| matches!(byte, b'=' | b'-' | b'*' | b'~'));
    let is_sentence = title.ends_with(['.', ',', ';', ':', '。']);
    let fits = !is_sentence && title.chars().any(char::is_alphabetic) && title.chars().count() <= TITLE_SIZE;
    ((next.is_empty() || is_underline) && fits).then_some(title)
}

/// The text of the first heading of Markdown, in either style (CommonMark §4.2, §4.3), outside of fenced code.
fn first_heading(markdown: &str) -> Option<String> {
    let mut is_code = false;
    let mut above = "";
    for line in markdown.lines() {
        let bare = line.trim();
        if bare.starts_with("```") || bare.starts_with("~~~") {
            is_code = !is_code;
        }
        let underline = bare.len() >= 2
            && !above.is_empty()
            && (bare.bytes().all(|byte| byte == b'=') || bare.bytes().all(|byte| byte == b'-'));
        let level = bare.bytes().take_while(|&byte| byte == b'#').count();
        let heading =
            bare.get(level..).filter(|rest| (1..=6).contains(&level) && rest.starts_with([' ', '\t']));
        let heading = heading.or(underline.then_some(above)).filter(|_| !is_code);
        if let Some(heading) = heading {
            return Some(fold(heading.trim_end_matches('#'))).filter(|title| !title.is_empty());
        }
        above = if is_code { "" } else { bare };
    }
    None
}

/// Splits off a front matter: YAML between `---` lines, or TOML between `+++` lines.
fn front_matter(markdown: &str) -> (&str, &str) {
    for mark in ["---\n", "+++\n"] {
        let Some(rest) = markdown.strip_prefix(mark) else { continue };
        let end = mark.trim_end();
        let mut at = 0;
        for line in rest.split_inclusive('\n') {
            if line.trim_end() == end {
                let (matter, body) = rest.split_at_checked(at).unwrap_or(("", rest));
                return (matter, body.get(line.len()..).unwrap_or_default());
            }
            at += line.len();
        }
    }
    ("", markdown)
}

/// Takes the metadata of a front matter over, so far as it stands in single lines. Tells the declared language.
fn describe(document: &mut Document, matter: &str) -> Option<String> {
    let mut language = None;
    for line in matter.lines() {
        let Some((key, value)) = line.split_once([':', '=']).filter(|_| !line.starts_with([' ', '-', '#']))
        else {
            continue;
        };
        let value = value.trim();
        let list = value.strip_prefix('[').and_then(|list| list.strip_suffix(']'));
        let texts: Vec<_> =
            list.map_or_else(|| vec![unquoted(value)], |list| list.split(',').map(unquoted).collect());
        let Some(text) = texts.first().filter(|text| !text.is_empty()).cloned() else { continue };
        let moment = || date::parse(&text, Order::MonthFirst).map(|moment| moment.to_string());
        match key.trim().to_ascii_lowercase().as_str() {
            "title" => document.title = Some(text),
            "description" | "summary" | "subtitle" => document.description = Some(text),
            "author" | "authors" => {
                document.authors = texts.iter().flat_map(|name| names_stated(name)).collect();
                document.byline = Some(texts.join(", "));
            }
            "date" | "published" => document.published = moment(),
            "updated" | "modified" | "lastmod" => document.modified = moment(),
            "tags" | "keywords" => document.tags = texts,
            "categories" | "category" => document.categories = texts,
            "lang" | "language" => language = Some(text),
            _ => {}
        }
    }
    language
}

fn unquoted(text: &str) -> String {
    let text = text.trim();
    let bare = ['"', '\''].iter().find_map(|&quote| text.strip_prefix(quote)?.strip_suffix(quote));
    fold(bare.unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(kind: ContentKind, text: &str) -> Document {
        verbatim(kind, &Page { html: text.to_owned(), url: String::new() }, &ExtractionMode::default())
            .unwrap()
    }

    #[test]
    fn plain_text_keeps_its_paragraphs_and_lines_and_stays_text() {
        let text = "The tide table\r\n\r\nHigh water: 3 * 4 <b>\r\n# no heading\r\n\r\n\r\nLow.\r\n";
        let document = document(ContentKind::Text, text);
        assert_eq!(document.title.as_deref(), Some("The tide table"));
        assert_eq!(document.text, "The tide table\n\nHigh water: 3 * 4 <b>\n# no heading\n\n\nLow.\n");
        assert_eq!(
            document.markdown,
            "The tide table\n\nHigh water: 3 * 4 \\<b>  \n\\# no heading\n\nLow.\n"
        );
        assert_eq!(
            document.html,
            "<p>The tide table</p><p>High water: 3 * 4 &lt;b&gt;<br>\n# no heading</p><p>Low.</p>"
        );
        assert_eq!((document.quality_score, document.word_count > 5), (100, true));
    }

    #[test]
    fn a_first_line_is_a_title_only_if_it_looks_like_one() {
        let title = |text: &str| document(ContentKind::Text, text).title;
        assert_eq!(title("Notes\n=====\nText").as_deref(), Some("Notes"));
        for text in ["It rained today.\n\nText", "One line", "2024\n\nText", "First line\nsecond line"] {
            assert_eq!(title(text), None, "{text}");
        }
    }

    #[test]
    fn markdown_stays_as_it_is_and_its_front_matter_becomes_metadata() {
        let text = "---\ntitle: \"Tides: a guide\"\nauthor: Ada Brook\ndate: 2024-05-17\ntags: [sea, 'low water']\nlang: en-GB\n---\n\n# Other\n\nSome *text*.\n";
        let document = document(ContentKind::Markdown, text);
        assert_eq!(document.markdown, "# Other\n\nSome *text*.\n");
        assert_eq!(document.text, document.markdown);
        assert_eq!(document.title.as_deref(), Some("Tides: a guide"));
        assert_eq!(document.authors, ["Ada Brook"]);
        assert_eq!(document.published.as_deref(), Some("2024-05-17"));
        assert_eq!(document.tags, ["sea", "low water"]);
        assert_eq!(document.language.as_deref(), Some("en-GB"));
    }

    #[test]
    fn the_title_of_markdown_is_its_first_heading() {
        let title = |text: &str| document(ContentKind::Markdown, text).title;
        assert_eq!(title("Intro\n\n## Low water ##\n").as_deref(), Some("Low water"));
        assert_eq!(title("Low water\n---\n").as_deref(), Some("Low water"));
        assert_eq!(title("```\n# code\n```\n# Real\n").as_deref(), Some("Real"));
        assert_eq!(title("#hashtag\n\n---\n"), None);
        assert_eq!(title("---\nnot closed: yes\n"), None);
    }

    #[test]
    fn json_stands_in_a_fence_that_nothing_in_it_closes() {
        let text = "{\"a\": \"```` b\"}";
        let document = document(ContentKind::Json, text);
        assert_eq!(document.markdown, "`````json\n{\"a\": \"```` b\"}\n`````\n");
        assert_eq!(document.text, "{\"a\": \"```` b\"}\n");
        assert_eq!((document.title, document.language), (None, None));
    }

    #[test]
    fn metadata_alone_has_no_content() {
        let page = Page { html: "Title\n\nText".to_owned(), url: String::new() };
        let document = verbatim(ContentKind::Text, &page, &ExtractionMode::Metadata).unwrap();
        assert_eq!(document.title.as_deref(), Some("Title"));
        assert_eq!(
            (document.text.as_str(), document.markdown.as_str(), document.html.as_str()),
            ("", "", "")
        );
    }
}
