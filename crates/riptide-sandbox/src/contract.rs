//! The contract's types as Wasmtime sees them, and their way to and from RipTide's own.
//!
//! Every value that lifts has exactly one counterpart, so nothing here can fail. How large a value may be was settled
//! when it was lifted.

use riptide_types as types;

mod bindings {
    wasmtime::component::bindgen!({ path: "../../wit", world: "extractor" });
}

use bindings::exports::riptide::extractor::extraction as wit;

use crate::ComponentInfo;

/// The contract itself.
pub(crate) const CONTRACT: &str = include_str!("../../../wit/extractor.wit");

/// The interface's name in a component. Compatible versions go by semantic versioning, that is 0.1.x.
pub(crate) const INTERFACE: &str = "riptide:extractor/extraction@0.1.0";

pub(crate) type ExtractParams = (String, String, wit::ExtractionMode);
pub(crate) type ExtractResults = (Result<wit::ExtractedContent, wit::ExtractionError>,);
pub(crate) type DescribeResults = (wit::ComponentInfo,);
pub(crate) type HealthResults = (Result<(), String>,);

pub(crate) fn extract_params(page: types::Page, mode: types::ExtractionMode) -> ExtractParams {
    (page.html, page.url, mode.into())
}

impl From<types::ExtractionMode> for wit::ExtractionMode {
    fn from(mode: types::ExtractionMode) -> Self {
        match mode {
            types::ExtractionMode::Article(focus) => Self::Article(match focus {
                types::Focus::Precision => wit::Focus::Precision,
                types::Focus::Balanced => wit::Focus::Balanced,
                types::Focus::Recall => wit::Focus::Recall,
            }),
            types::ExtractionMode::Full => Self::Full,
            types::ExtractionMode::Metadata => Self::Metadata,
            types::ExtractionMode::Custom(types::Selectors { include, exclude }) => {
                Self::Custom(wit::Selectors { include, exclude })
            }
        }
    }
}

impl From<wit::ExtractedContent> for types::Document {
    fn from(content: wit::ExtractedContent) -> Self {
        Self {
            url: content.url,
            canonical_url: content.canonical_url,
            title: content.title,
            byline: content.byline,
            authors: content.authors,
            published: content.published,
            modified: content.modified,
            site_name: content.site_name,
            language: content.language,
            description: content.description,
            image: content.image,
            page_type: content.page_type.into(),
            markdown: content.markdown,
            text: content.text,
            html: content.html,
            links: content.links.into_iter().map(Into::into).collect(),
            media: content.media.into_iter().map(Into::into).collect(),
            tables: content.tables.into_iter().map(Into::into).collect(),
            comments: content.comments.into_iter().map(Into::into).collect(),
            entries: content.entries.into_iter().map(Into::into).collect(),
            tags: content.tags,
            categories: content.categories,
            breadcrumbs: content.breadcrumbs,
            product: content.product.map(Into::into),
            thread: content.thread.map(Into::into),
            json_ld: content.json_ld,
            open_graph: content.open_graph.into_iter().map(Into::into).collect(),
            page_count: content.page_count,
            word_count: content.word_count,
            reading_time: content.reading_time,
            // The type has room for more than the contract allows.
            quality_score: content.quality_score.min(100),
            refresh: content.refresh.map(|wit::Refresh { seconds, url }| types::Refresh { seconds, url }),
            script_built: content.script_built,
            warnings: content.warnings,
        }
    }
}

impl From<wit::PageType> for types::PageType {
    fn from(page_type: wit::PageType) -> Self {
        match page_type {
            wit::PageType::Article => Self::Article,
            wit::PageType::Documentation => Self::Documentation,
            wit::PageType::Service => Self::Service,
            wit::PageType::Forum => Self::Forum,
            wit::PageType::Collection => Self::Collection,
            wit::PageType::Listing => Self::Listing,
            wit::PageType::Product => Self::Product,
            wit::PageType::Feed => Self::Feed,
            wit::PageType::Unknown => Self::Unknown,
        }
    }
}

impl From<wit::Comment> for types::Comment {
    fn from(wit::Comment { author, published, text }: wit::Comment) -> Self {
        Self { author, published, text }
    }
}

impl From<wit::Entry> for types::Entry {
    fn from(entry: wit::Entry) -> Self {
        Self {
            title: entry.title,
            url: entry.url,
            id: entry.id,
            authors: entry.authors,
            published: entry.published,
            modified: entry.modified,
            summary: entry.summary,
            markdown: entry.markdown,
            text: entry.text,
            tags: entry.tags,
            media: entry.media.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<wit::Product> for types::Product {
    fn from(wit::Product { price, currency, availability, sku, brand }: wit::Product) -> Self {
        Self { price, currency, availability, sku, brand }
    }
}

impl From<wit::Thread> for types::Thread {
    fn from(wit::Thread { replies, views, answered }: wit::Thread) -> Self {
        Self { replies, views, answered }
    }
}

impl From<wit::Link> for types::Link {
    fn from(wit::Link { url, text, rel }: wit::Link) -> Self {
        Self { url, text, rel }
    }
}

impl From<wit::MediaItem> for types::MediaItem {
    fn from(wit::MediaItem { url, kind, alt }: wit::MediaItem) -> Self {
        let kind = match kind {
            wit::MediaKind::Image => types::MediaKind::Image,
            wit::MediaKind::Video => types::MediaKind::Video,
            wit::MediaKind::Audio => types::MediaKind::Audio,
            wit::MediaKind::Embed => types::MediaKind::Embed,
        };
        Self { url, kind, alt }
    }
}

impl From<wit::Table> for types::Table {
    fn from(wit::Table { caption, header, rows }: wit::Table) -> Self {
        Self { caption, header, rows }
    }
}

impl From<wit::Property> for types::Property {
    fn from(wit::Property { name, content }: wit::Property) -> Self {
        Self { name, content }
    }
}

impl From<wit::ExtractionError> for types::ExtractionError {
    fn from(error: wit::ExtractionError) -> Self {
        match error {
            wit::ExtractionError::InvalidUrl(url) => Self::InvalidUrl(riptide_events::redacted(&url)),
            wit::ExtractionError::InvalidSelector(wit::SelectorError { selector, message }) => {
                Self::InvalidSelector { selector, message }
            }
            wit::ExtractionError::Encrypted => Self::Encrypted,
            wit::ExtractionError::LimitExceeded(limit) => Self::LimitExceeded(limit),
            wit::ExtractionError::Failed(reason) => Self::Failed(reason),
        }
    }
}

impl From<wit::ComponentInfo> for ComponentInfo {
    fn from(wit::ComponentInfo { name, version, description }: wit::ComponentInfo) -> Self {
        Self { name, version, description }
    }
}
