//! PDF documents (ISO 32000-2): bytes in, a document out.
//!
//! [`glyphs`] has each page interpreted and keeps what is written where; [`lines`] puts glyphs together to lines, and the
//! lines in the order in which they are read; [`paragraphs`] puts lines together to headings, paragraphs and lists, without
//! what only repeats on each page. Those are written as markup, which the writers of pages turn into Markdown and text.
//! Nothing here does I/O, reads a clock or holds a global.

mod glyphs;
mod lines;
mod metadata;
mod paragraphs;

use hayro_interpret::InterpreterCache;
use hayro_syntax::{LoadPdfError, Pdf};
use riptide_types::{Document, ExtractionError, ExtractionMode};

/// Pages that are read.
const MOST_PAGES: usize = 5000;

/// Turns a PDF document into a document. `url` is the address it was loaded from, or empty. Selectors have nothing to select
/// from; a warning says so.
///
/// # Errors
/// [`ExtractionError::Encrypted`] when it opens with a password alone, [`ExtractionError::Failed`] when it is damaged beyond
/// reading, [`ExtractionError::InvalidUrl`].
pub fn extract(bytes: &[u8], url: &str, mode: &ExtractionMode) -> Result<Document, ExtractionError> {
    let pdf = Pdf::new(bytes.to_vec()).map_err(|error| match error {
        LoadPdfError::Decryption(_) => ExtractionError::Encrypted,
        LoadPdfError::Invalid => {
            ExtractionError::Failed("the PDF document is damaged; no pages can be found in it".to_owned())
        }
    })?;
    let (mut document, language) = metadata::read(&pdf);
    url.clone_into(&mut document.url);
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

#[cfg(test)]
mod tests;
