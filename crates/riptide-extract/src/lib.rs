//! The engine: a page in, a document out.
//!
//! [`extract`] is the whole path. Nothing here does I/O, reads a clock or holds a global, so that the same code runs in
//! the sandbox and, for trusted pages, beside it.

mod content;
mod document;
mod language;
pub mod metadata;
mod page_type;
mod quality;
mod words;

use riptide_html::select::Selector;
use riptide_html::{BaseUrl, Dom, NodeSet};
use riptide_types::{Document, ExtractionError, ExtractionMode, Page, PageType, Selectors};
use url::Url;

use content::Choice;

/// Turns one page into content.
///
/// # Errors
/// [`ExtractionError::InvalidUrl`] and [`ExtractionError::InvalidSelector`]. No markup is an error.
pub fn extract(page: &Page, mode: &ExtractionMode) -> Result<Document, ExtractionError> {
    check_url(&page.url)?;
    let dom = riptide_html::parse(&page.html);
    let base = BaseUrl::of(&dom, &page.url);
    let metadata = metadata::collect(&dom, &base, &page.url);
    let page_type = page_type::judge(&dom, &metadata, &page.url);
    let choice = match mode {
        ExtractionMode::Article(focus) => {
            let discussion = page_type == PageType::Forum;
            Some(content::choose(&dom, discussion, *focus))
        }
        ExtractionMode::Full => Some(content::everything(&dom)),
        ExtractionMode::Custom(selectors) => Some(by_selectors(&dom, selectors)?),
        ExtractionMode::Metadata => None,
    };
    let document = document::assemble(page, &dom, &base, metadata, page_type, choice);
    if cfg!(target_family = "wasm") {
        // The instance ends with its document; freeing the tree node by node would be work for nobody.
        std::mem::forget(dom);
    }
    Ok(document)
}

fn check_url(url: &str) -> Result<(), ExtractionError> {
    if url.is_empty() || Url::parse(url).is_ok() {
        return Ok(());
    }
    Err(ExtractionError::InvalidUrl(url.to_owned()))
}

fn by_selectors(dom: &Dom, selectors: &Selectors) -> Result<Choice, ExtractionError> {
    let excluded = matching(dom, &selectors.exclude)?;
    if selectors.include.is_empty() {
        return Ok(content::of_roots(dom, vec![content::body(dom)], &excluded));
    }
    let included = matching(dom, &selectors.include)?;
    let roots = dom.descendants(dom.document()).filter(|&node| included.contains(node)).collect();
    Ok(content::of_roots(dom, roots, &excluded))
}

fn matching(dom: &Dom, selectors: &[String]) -> Result<NodeSet, ExtractionError> {
    let mut found = NodeSet::of(dom);
    for selector in selectors {
        let selector = Selector::parse(selector).map_err(|error| ExtractionError::InvalidSelector {
            selector: error.selector,
            message: error.message,
        })?;
        for node in selector.select(dom, dom.document()) {
            found.insert(node);
        }
    }
    Ok(found)
}
