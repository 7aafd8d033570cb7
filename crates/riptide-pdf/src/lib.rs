//! PDF documents (ISO 32000-2): bytes in, a document out.
//!
//! `glyphs` has each page interpreted and keeps what is written where; `lines` puts glyphs together to lines, and the
//! lines in the order in which they are read; `paragraphs` puts lines together to headings, paragraphs and lists, without
//! what only repeats on each page. Those are written as markup, which the writers of pages turn into Markdown and text.
//! Nothing here does I/O, reads a clock or holds a global.

mod glyphs;
mod lines;
mod metadata;
mod paragraphs;

use hayro_interpret::InterpreterCache;
use hayro_syntax::{LoadPdfError, Pdf};
use riptide_types::{Document, ExtractionError, ExtractionMode, Page};

/// Pages that are read.
const MOST_PAGES: usize = 5000;

/// A PDF document as a page of the contract, which knows text alone: each byte is the character of its number.
#[must_use]
pub fn page(bytes: &[u8], url: String) -> Page {
    Page { html: bytes.iter().map(|&byte| char::from(byte)).collect(), url }
}

/// Turns a PDF document, as [`page`] makes one, into a document. Selectors have nothing to select from; a warning says so.
///
/// # Errors
/// [`ExtractionError::Encrypted`] when it opens with a password alone, [`ExtractionError::Failed`] when it is damaged beyond
/// reading, [`ExtractionError::InvalidUrl`].
pub fn extract(page: &Page, mode: &ExtractionMode) -> Result<Document, ExtractionError> {
    let damaged =
        || ExtractionError::Failed("the PDF document is damaged; no pages can be found in it".to_owned());
    let bytes: Option<Vec<u8>> =
        page.html.chars().map(|character| u8::try_from(u32::from(character)).ok()).collect();
    let pdf = Pdf::new(bytes.ok_or_else(damaged)?).map_err(|error| match error {
        LoadPdfError::Decryption(_) => ExtractionError::Encrypted,
        LoadPdfError::Invalid => damaged(),
    })?;
    let (mut document, language) = metadata::read(&pdf);
    document.url.clone_from(&page.url);
    document.page_count = u32::try_from(pdf.pages().len()).ok();
    if pdf.pages().len() > MOST_PAGES {
        document
            .warnings
            .push(format!("the document has more than {MOST_PAGES} pages; the rest was left out"));
    }
    if matches!(mode, ExtractionMode::Custom(_)) {
        document.warnings.push("this is no markup; the selectors were passed over".to_owned());
    }
    if *mode == ExtractionMode::Metadata {
        return riptide_extract::complete(document, "", language.as_deref());
    }
    let cache = InterpreterCache::new();
    let mut pages = Vec::new();
    let mut unreadable = 0;
    for page in pdf.pages().iter().take(MOST_PAGES) {
        let drawn = glyphs::of(page, &cache, pdf.xref());
        unreadable += drawn.unreadable;
        pages.push(lines::of(drawn));
    }
    let content = paragraphs::of(pages);
    if document.title.is_none() {
        document.title = content.title;
    }
    if content.markup.is_empty() {
        document.warnings.push("the document holds no text; its pages may be pictures".to_owned());
    } else if unreadable > 0 {
        document.warnings.push(format!(
            "{unreadable} characters have no meaning outside of their font; they were left out"
        ));
    }
    riptide_extract::complete(document, &content.markup, language.as_deref())
}

/// Extracts a document of a few words, and tells when they are other ones.
///
/// # Errors
/// What is wrong, for a person to read.
pub fn check_health() -> Result<(), String> {
    const KNOWN: &[u8] = include_bytes!("health.pdf");
    let document = extract(&page(KNOWN, String::new()), &ExtractionMode::default())
        .map_err(|error| error.to_string())?;
    let expected = "# Ebb\n\nThe sea goes out.\n";
    if document.markdown == expected {
        return Ok(());
    }
    Err(format!("the Markdown is {:?} where {expected:?} is known to be right", document.markdown))
}

#[cfg(test)]
mod tests;
