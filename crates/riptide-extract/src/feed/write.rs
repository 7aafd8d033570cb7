//! A feed as a document: its entries in order, each a heading that links to it, its date, and its content.

use riptide_html::select::Selector;
use riptide_html::{Dom, NodeId, NodeSet, Selection, to_html, to_markdown, to_text};
use riptide_types::{Document, Entry, ExtractionError, ExtractionMode, Page, PageType};

use super::{Body, Feed, Item, add};
use crate::metadata::text::fold;
use crate::plain::{self, escape};
use crate::{content, document, language, selectors_of};

/// Puts the document together.
///
/// # Errors
/// [`ExtractionError::InvalidSelector`].
pub(super) fn document(page: &Page, feed: Feed, mode: &ExtractionMode) -> Result<Document, ExtractionError> {
    let scope = Scope::of(mode)?;
    let mut document = Document {
        url: page.url.clone(),
        canonical_url: feed.address,
        site_name: feed.title.clone(),
        title: feed.title,
        byline: Some(feed.authors.join(", ")).filter(|line| !line.is_empty()),
        authors: feed.authors,
        published: feed.published,
        modified: feed.modified,
        description: feed.description,
        image: feed.image,
        tags: feed.tags,
        page_type: PageType::Feed,
        warnings: feed.warnings,
        ..Document::default()
    };
    for item in feed.entries {
        let entry = write(item, &scope, &mut document);
        document.entries.push(entry);
    }
    document::count(&mut document);
    document.quality_score = if document.text.is_empty() { 0 } else { 100 };
    document.language = language::of(&document.text, feed.language.as_deref());
    Ok(document)
}

/// What of an entry is wanted.
enum Scope {
    Everything,
    Metadata,
    Selected { include: Vec<Selector>, exclude: Vec<Selector> },
}

impl Scope {
    fn of(mode: &ExtractionMode) -> Result<Self, ExtractionError> {
        Ok(match mode {
            ExtractionMode::Article(_) | ExtractionMode::Full => Self::Everything,
            ExtractionMode::Metadata => Self::Metadata,
            ExtractionMode::Custom(selectors) => Self::Selected {
                include: selectors_of(&selectors.include)?,
                exclude: selectors_of(&selectors.exclude)?,
            },
        })
    }
}

/// Writes one entry behind the others, and tells what it is by itself.
fn write(item: Item, scope: &Scope, document: &mut Document) -> Entry {
    let day = item.published.as_ref().or(item.modified.as_ref());
    let (head, head_size) = head(item.title.as_deref(), item.url.as_deref(), day.map(String::as_str));
    let summary = item.summary.as_ref().map(text_of).filter(|text| !text.is_empty());
    let mut entry = Entry {
        title: item.title,
        url: item.url,
        id: item.id,
        authors: item.authors,
        published: item.published,
        modified: item.modified,
        summary,
        tags: item.tags,
        media: item.enclosures,
        ..Entry::default()
    };
    if matches!(scope, Scope::Metadata) {
        return entry;
    }
    let markup = head + &item.content.or(item.summary).map(into_html).unwrap_or_default();
    let dom = riptide_html::parse(&markup);
    let (whole, own) = selections(&dom, head_size, scope);
    entry.markdown = to_markdown(&dom, &own, &item.base);
    entry.text = to_text(&dom, &own);
    append(&mut document.markdown, &to_markdown(&dom, &whole, &item.base));
    append(&mut document.text, &to_text(&dom, &whole));
    append(&mut document.html, &to_html(&dom, &whole, &item.base));
    add(&mut entry.media, riptide_html::media(&dom, &own, &item.base));
    document.media.extend(entry.media.iter().cloned());
    document.links.extend(riptide_html::links(&dom, &whole, &item.base));
    document.tables.extend(riptide_html::tables(&dom, &whole));
    entry
}

/// The heading of an entry and its date as markup, and how many elements these are.
fn head(title: Option<&str>, url: Option<&str>, moment: Option<&str>) -> (String, usize) {
    let day = moment.and_then(|moment| moment.split('T').next());
    let (mut head, mut size) = (String::new(), 0);
    if let Some(heading) = title.or(day).or(url) {
        head.push_str("<h2>");
        if let Some(url) = url {
            head.push_str("<a href=\"");
            escape(url, &mut head);
            head.push_str("\">");
        }
        escape(heading, &mut head);
        head.push_str(if url.is_some() { "</a></h2>" } else { "</h2>" });
        size += 1;
    }
    if let (Some(day), Some(moment), true) = (day, moment, title.is_some()) {
        head.extend(["<p><time datetime=\"", moment, "\">", day, "</time></p>"]);
        size += 1;
    }
    (head, size)
}

/// What is shown of an entry in the feed, and what of it is its content.
fn selections(dom: &Dom, head_size: usize, scope: &Scope) -> (Selection, Selection) {
    let body = content::body(dom);
    let Scope::Selected { include, exclude } = scope else {
        let whole = Selection::new(dom, [body]);
        let mut own = whole.clone();
        for node in dom.children(body).take(head_size) {
            own.drop_subtree(node);
        }
        return (whole, own);
    };
    let matching = |selectors: &[Selector]| {
        let mut found = NodeSet::of(dom);
        for node in selectors.iter().flat_map(|selector| selector.select(dom, dom.document())) {
            found.insert(node);
        }
        found
    };
    let (included, excluded) = (matching(include), matching(exclude));
    let is_chosen = |node: NodeId| if include.is_empty() { node == body } else { included.contains(node) };
    let roots: Vec<_> = dom.descendants(dom.document()).filter(|&node| is_chosen(node)).collect();
    let mut selection = Selection::new(dom, roots);
    for node in dom.descendants(dom.document()).filter(|&node| excluded.contains(node)) {
        selection.drop_subtree(node);
    }
    (selection.clone(), selection)
}

fn append(out: &mut String, part: &str) {
    let part = part.trim_end();
    if !out.is_empty() && !part.is_empty() {
        out.push('\n');
    }
    if !part.is_empty() {
        out.push_str(part);
        out.push('\n');
    }
}

fn text_of(body: &Body) -> String {
    match body {
        Body::Text(text) => fold(text),
        Body::Html(html) => {
            let dom = riptide_html::parse(html);
            to_text(&dom, &Selection::new(&dom, [content::body(&dom)])).trim_end().to_owned()
        }
    }
}

fn into_html(body: Body) -> String {
    match body {
        Body::Html(html) => html,
        Body::Text(text) => plain::paragraphs(&text),
    }
}
