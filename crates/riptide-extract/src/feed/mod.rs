//! Feeds: RSS 0.9x, 1.0 and 2.0, Atom 1.0 (RFC 4287) and 0.3, JSON Feed 1.1. A feed becomes a document with entries.
//!
//! [`xml`] reads the elements of an XML feed into records, [`syndication`] tells what they mean, [`json`] does both for
//! JSON Feed, and [`write`](mod@write) makes a document of either: the HTML of each entry goes through the parser and the
//! writers that pages go through.

mod json;
mod record;
mod syndication;
#[cfg(test)]
mod tests;
mod write;
mod xml;

use riptide_html::BaseUrl;
use riptide_types::{ContentKind, Document, ExtractionError, ExtractionMode, MediaItem, MediaKind, Page};

use crate::metadata::date::{self, Order};

/// Entries of a feed that are read.
const MOST_ENTRIES: usize = 10_000;

/// A feed, whatever its format.
#[derive(Debug, Default)]
struct Feed {
    title: Option<String>,
    /// The feed's own address.
    address: Option<String>,
    language: Option<String>,
    description: Option<String>,
    image: Option<String>,
    authors: Vec<String>,
    published: Option<String>,
    modified: Option<String>,
    tags: Vec<String>,
    entries: Vec<Item>,
    warnings: Vec<String>,
}

/// An entry of a feed, its content not parsed yet.
#[derive(Debug, Default)]
struct Item {
    title: Option<String>,
    url: Option<String>,
    id: Option<String>,
    authors: Vec<String>,
    published: Option<String>,
    modified: Option<String>,
    summary: Option<Body>,
    content: Option<Body>,
    tags: Vec<String>,
    enclosures: Vec<MediaItem>,
    /// What references in its content are resolved against.
    base: BaseUrl,
}

/// The content of an entry.
#[derive(Debug)]
enum Body {
    Html(String),
    Text(String),
}

/// Whether the page is a feed (MIME Sniffing Standard §7.3, and JSON Feed by its version).
pub(crate) fn is_feed(page: &Page) -> bool {
    ContentKind::of(Some(ContentKind::Feed), page.html.as_bytes()) == ContentKind::Feed
}

/// Turns a feed into a document.
///
/// # Errors
/// [`ExtractionError::InvalidSelector`].
pub(crate) fn extract(page: &Page, mode: &ExtractionMode) -> Result<Document, ExtractionError> {
    let text = page.html.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
    let feed =
        if text.starts_with('{') { json::read(text, &page.url) } else { syndication::read(text, &page.url) };
    write::document(page, feed, mode)
}

/// A date of a feed in ISO 8601.
fn moment(text: &str, order: Order) -> Option<String> {
    date::parse(text, order).map(|moment| moment.to_string())
}

/// A file that comes with an entry. What it is tells its media type or its medium, or else its name.
fn enclosure(url: String, kind: &str, alt: &str) -> MediaItem {
    let kind = kind.trim().to_ascii_lowercase();
    let path = url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let is = |name: &str, extensions: &[&str]| {
        kind.starts_with(name)
            || kind.is_empty() && extensions.iter().any(|extension| path.ends_with(extension))
    };
    let kind = if is("image", &[".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".svg"]) {
        MediaKind::Image
    } else if is("audio", &[".mp3", ".m4a", ".ogg", ".oga", ".opus", ".wav", ".flac"]) {
        MediaKind::Audio
    } else if is("video", &[".mp4", ".m4v", ".webm", ".mov", ".ogv"]) {
        MediaKind::Video
    } else {
        MediaKind::Embed
    };
    MediaItem { url, kind, alt: crate::metadata::text::fold(alt) }
}

/// Adds what is not there yet.
fn add<T: PartialEq>(list: &mut Vec<T>, items: impl IntoIterator<Item = T>) {
    /// Of one entry; comparing each with each stays cheap.
    const MOST: usize = 200;
    for item in items {
        if list.len() < MOST && !list.contains(&item) {
            list.push(item);
        }
    }
}
