//! The engine: a page in, a document out.
//!
//! [`extract`] is the whole path. Nothing here does I/O, reads a clock or holds a global, so that the same code runs in
//! the sandbox and, for trusted pages, beside it.

mod content;
mod discussion;
mod document;
mod embedded;
mod feed;
mod forest;
mod language;
pub mod metadata;
mod model;
mod page_type;
mod plain;
mod refresh;
mod script_built;
mod verbatim;

use riptide_html::select::Selector;
use riptide_html::{BaseUrl, Dom, NodeSet, Selection};
use riptide_types::{Document, ExtractionError, ExtractionMode, Focus, Page, PageType, Selectors};
use url::Url;

use content::{Blocks, Choice};
use metadata::Metadata;
use page_type::Votes;

pub use content::explain::{ExplainedBlock, Explanation, Reason};
pub use content::feature_names;
pub use discussion::append_comments;
pub use metadata::byline::names_stated;
pub use model::{Model, ModelError};
pub use plain::escape;
pub use refresh::refresh_field;
pub use verbatim::verbatim;

/// Turns one page into content, with the built-in model.
///
/// # Errors
/// As [`extract_with`].
pub fn extract(page: &Page, mode: &ExtractionMode) -> Result<Document, ExtractionError> {
    extract_with(&Model::built_in(), page, mode)
}

/// Turns one page, or one feed, into content.
///
/// # Errors
/// [`ExtractionError::InvalidUrl`] and [`ExtractionError::InvalidSelector`]. No markup is an error.
pub fn extract_with(model: &Model, page: &Page, mode: &ExtractionMode) -> Result<Document, ExtractionError> {
    if feed::is_feed(page) {
        check_url(&page.url)?;
        return feed::extract(page, mode);
    }
    let known = Known::of(page)?;
    let choice = match mode {
        ExtractionMode::Article(focus) => Some(known.blocks(page, model).main_content(*focus)),
        ExtractionMode::Full => Some(known.blocks(page, model).everything()),
        ExtractionMode::Custom(selectors) => {
            Some(by_selectors(&known.dom, &known.blocks(page, model), selectors)?)
        }
        ExtractionMode::Metadata => None,
    };
    let page_type = match &choice {
        Some(choice) => choice.page_type,
        None => known.page_type(page, model),
    };
    let Known { dom, base, mut metadata, .. } = known;
    let article_body = metadata.article_body.take();
    let mut document = document::assemble(page, &dom, &base, metadata, page_type, choice);
    document.refresh = refresh::of(&dom, &base);
    let embedded = says_nothing(&document, mode).then(|| embedded::content(&dom, article_body)).flatten();
    match embedded {
        Some(markup) => show_embedded(&mut document, model, markup)?,
        None => document.script_built = script_built::is_script_built(&dom),
    }
    if cfg!(target_family = "wasm") {
        // The instance ends with its document; freeing the tree node by node would be work for nobody.
        std::mem::forget(dom);
    }
    Ok(document)
}

/// Words of a page that are too few to be its content.
const SAYS_NOTHING: u32 = 25;

/// Whether a page that was to show all it has shows next to nothing.
fn says_nothing(document: &Document, mode: &ExtractionMode) -> bool {
    matches!(mode, ExtractionMode::Article(_) | ExtractionMode::Full) && document.word_count < SAYS_NOTHING
}

/// Replaces the content of a document by what its page carries as data.
fn show_embedded(document: &mut Document, model: &Model, markup: String) -> Result<(), ExtractionError> {
    let page = Page { html: markup, url: std::mem::take(&mut document.url) };
    let known = Known::of(&page)?;
    let choice = known.blocks(&page, model).everything();
    let Known { dom, base, metadata, .. } = known;
    let shown = document::assemble(&page, &dom, &base, metadata, document.page_type, Some(choice));
    *document = Document {
        url: page.url,
        markdown: shown.markdown,
        text: shown.text,
        html: shown.html,
        links: shown.links,
        media: shown.media,
        tables: shown.tables,
        language: document.language.take().or(shown.language),
        word_count: shown.word_count,
        reading_time: shown.reading_time,
        quality_score: shown.quality_score,
        ..std::mem::take(document)
    };
    document
        .warnings
        .push("the content was found in data for the page's scripts, not in its markup".to_owned());
    Ok(())
}

/// Tells for each block of a page why it is main content or not, with at most `reasons` reasons for each.
///
/// # Errors
/// [`ExtractionError::InvalidUrl`].
pub fn explain(
    model: &Model,
    page: &Page,
    focus: Focus,
    reasons: usize,
) -> Result<Explanation, ExtractionError> {
    let known = Known::of(page)?;
    Ok(content::explain::explain(&known.blocks(page, model), focus, reasons))
}

/// What is known of a page before its content is chosen.
struct Known {
    dom: Dom,
    base: BaseUrl,
    metadata: Metadata,
    votes: Votes,
}

impl Known {
    fn of(page: &Page) -> Result<Self, ExtractionError> {
        check_url(&page.url)?;
        let dom = riptide_html::parse(&page.html);
        let base = BaseUrl::of(&dom, &page.url);
        let metadata = metadata::collect(&dom, &base, &page.url);
        let votes = page_type::vote(&dom, &metadata, &page.url);
        Ok(Self { dom, base, metadata, votes })
    }

    fn page_type(&self, page: &Page, model: &Model) -> PageType {
        content::page_type(&self.dom, &self.metadata, self.votes, &page.url, model)
    }

    fn blocks<'p>(&'p self, page: &Page, model: &'p Model) -> Blocks<'p, 'p> {
        Blocks::judge(&self.dom, &self.metadata, self.votes, &page.url, model)
    }
}

/// Fills the content of a document from markup that RipTide wrote itself for a document in another format, all of which
/// is content, and tells its language.
///
/// # Errors
/// [`ExtractionError::InvalidUrl`].
pub fn complete(
    mut document: Document,
    markup: &str,
    language: Option<&str>,
) -> Result<Document, ExtractionError> {
    check_url(&document.url)?;
    if !markup.is_empty() {
        let dom = riptide_html::parse(markup);
        let base = BaseUrl::at(&document.url);
        let whole = Selection::new(&dom, [content::body(&dom)]);
        document.markdown = riptide_html::to_markdown(&dom, &whole, &base);
        document.text = riptide_html::to_text(&dom, &whole);
        document.html = riptide_html::to_html(&dom, &whole, &base);
        document.links = riptide_html::links(&dom, &whole, &base);
        document.quality_score = if document.text.is_empty() { 0 } else { 100 };
    }
    document::count(&mut document);
    document.language = language::of(&document.text, language);
    Ok(document)
}

/// Reads a date and writes it in ISO 8601, as [`Document::published`]; nothing when it is none, or of a time before the web.
#[must_use]
pub fn moment(text: &str) -> Option<String> {
    metadata::date::parse(text, metadata::date::Order::MonthFirst).map(|moment| moment.to_string())
}

fn check_url(url: &str) -> Result<(), ExtractionError> {
    if url.is_empty() || Url::parse(url).is_ok() {
        return Ok(());
    }
    Err(ExtractionError::InvalidUrl(url.to_owned()))
}

fn by_selectors(
    dom: &Dom,
    blocks: &Blocks<'_, '_>,
    selectors: &Selectors,
) -> Result<Choice, ExtractionError> {
    let excluded = matching(dom, &selectors.exclude)?;
    if selectors.include.is_empty() {
        return Ok(blocks.of_roots(vec![content::body(dom)], &excluded));
    }
    let included = matching(dom, &selectors.include)?;
    let roots = dom.descendants(dom.document()).filter(|&node| included.contains(node)).collect();
    Ok(blocks.of_roots(roots, &excluded))
}

fn matching(dom: &Dom, selectors: &[String]) -> Result<NodeSet, ExtractionError> {
    let mut found = NodeSet::of(dom);
    for selector in selectors_of(selectors)? {
        for node in selector.select(dom, dom.document()) {
            found.insert(node);
        }
    }
    Ok(found)
}

fn selectors_of(selectors: &[String]) -> Result<Vec<Selector>, ExtractionError> {
    let parsed = selectors.iter().map(|selector| Selector::parse(selector));
    parsed
        .map(|parsed| {
            parsed.map_err(|error| ExtractionError::InvalidSelector {
                selector: error.selector,
                message: error.message,
            })
        })
        .collect()
}
