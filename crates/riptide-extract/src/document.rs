//! The last step: what was chosen and what is known of the page become a document.

use riptide_html::{BaseUrl, Dom};
use riptide_types::{Document, Page, PageType};

use crate::content::{Choice, count_words};
use crate::language;
use crate::metadata::Metadata;

/// Words that are read in a minute (Brysbaert 2019, <https://doi.org/10.1016/j.jml.2019.104047>).
const WORDS_A_MINUTE: u64 = 238;

/// Writes the choice and puts the document together. Without a choice the content fields stay empty.
pub(crate) fn assemble(
    page: &Page,
    dom: &Dom,
    base: &BaseUrl,
    metadata: Metadata,
    page_type: PageType,
    choice: Option<Choice>,
) -> Document {
    let mut document = Document {
        url: page.url.clone(),
        canonical_url: metadata.canonical_url,
        title: metadata.title,
        byline: metadata.byline,
        authors: metadata.authors,
        published: metadata.published,
        modified: metadata.modified,
        site_name: metadata.site_name,
        description: metadata.description,
        image: metadata.image,
        page_type,
        tags: metadata.tags,
        categories: metadata.categories,
        breadcrumbs: metadata.breadcrumbs,
        product: metadata.product,
        thread: metadata.thread,
        json_ld: metadata.json_ld,
        open_graph: metadata.open_graph,
        warnings: warnings(dom),
        ..Document::default()
    };
    if let Some(choice) = choice {
        let selection = &choice.selection;
        document.quality_score = choice.quality_score;
        document.comments = choice.comments;
        document.markdown = riptide_html::to_markdown(dom, selection, base);
        document.text = riptide_html::to_text(dom, selection);
        document.html = riptide_html::to_html(dom, selection, base);
        document.links = riptide_html::links(dom, selection, base);
        document.media = riptide_html::media(dom, selection, base);
        document.tables = riptide_html::tables(dom, selection);
        count(&mut document);
    }
    document.language = language::of(&document.text, metadata.language.as_deref());
    document
}

/// Counts the words of the text, and the time to read them.
pub(crate) fn count(document: &mut Document) {
    document.word_count = count_words(&document.text);
    document.reading_time = (u64::from(document.word_count) * 60).div_ceil(WORDS_A_MINUTE) as u32;
}

fn warnings(dom: &Dom) -> Vec<String> {
    let capped = dom.capped();
    let mut warnings = Vec::new();
    if capped.depth {
        warnings.push("elements are nested too deeply; the innermost were made siblings".to_owned());
    }
    if capped.attributes {
        warnings.push("a tag has too many attributes; the last ones were left out".to_owned());
    }
    if capped.nodes {
        warnings.push("the page has too many elements; the rest was left out".to_owned());
    }
    warnings
}
