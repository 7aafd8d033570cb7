//! RipTide's types to and from the contract's.

use riptide_types as types;

use crate::bindings::exports::riptide::extractor::extraction as wit;

impl From<wit::ExtractionMode> for types::ExtractionMode {
    fn from(mode: wit::ExtractionMode) -> Self {
        match mode {
            wit::ExtractionMode::Article(focus) => Self::Article(match focus {
                wit::Focus::Precision => types::Focus::Precision,
                wit::Focus::Balanced => types::Focus::Balanced,
                wit::Focus::Recall => types::Focus::Recall,
            }),
            wit::ExtractionMode::Full => Self::Full,
            wit::ExtractionMode::Metadata => Self::Metadata,
            wit::ExtractionMode::Custom(wit::Selectors { include, exclude }) => {
                Self::Custom(types::Selectors { include, exclude })
            }
        }
    }
}

impl From<types::Document> for wit::ExtractedContent {
    fn from(document: types::Document) -> Self {
        Self {
            url: document.url,
            canonical_url: document.canonical_url,
            title: document.title,
            byline: document.byline,
            authors: document.authors,
            published: document.published,
            modified: document.modified,
            site_name: document.site_name,
            language: document.language,
            description: document.description,
            image: document.image,
            page_type: document.page_type.into(),
            markdown: document.markdown,
            text: document.text,
            html: document.html,
            links: document.links.into_iter().map(Into::into).collect(),
            media: document.media.into_iter().map(Into::into).collect(),
            tables: document.tables.into_iter().map(Into::into).collect(),
            comments: document.comments.into_iter().map(Into::into).collect(),
            entries: document.entries.into_iter().map(Into::into).collect(),
            tags: document.tags,
            categories: document.categories,
            breadcrumbs: document.breadcrumbs,
            product: document.product.map(Into::into),
            thread: document.thread.map(Into::into),
            json_ld: document.json_ld,
            open_graph: document.open_graph.into_iter().map(Into::into).collect(),
            page_count: document.page_count,
            word_count: document.word_count,
            reading_time: document.reading_time,
            quality_score: document.quality_score,
            refresh: document.refresh.map(|types::Refresh { seconds, url }| wit::Refresh { seconds, url }),
            script_built: document.script_built,
            warnings: document.warnings,
        }
    }
}

impl From<types::PageType> for wit::PageType {
    fn from(page_type: types::PageType) -> Self {
        match page_type {
            types::PageType::Article => Self::Article,
            types::PageType::Documentation => Self::Documentation,
            types::PageType::Service => Self::Service,
            types::PageType::Forum => Self::Forum,
            types::PageType::Collection => Self::Collection,
            types::PageType::Listing => Self::Listing,
            types::PageType::Product => Self::Product,
            types::PageType::Feed => Self::Feed,
            types::PageType::Unknown => Self::Unknown,
        }
    }
}

impl From<types::Comment> for wit::Comment {
    fn from(types::Comment { author, published, text }: types::Comment) -> Self {
        Self { author, published, text }
    }
}

impl From<types::Entry> for wit::Entry {
    fn from(entry: types::Entry) -> Self {
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

impl From<types::Product> for wit::Product {
    fn from(types::Product { price, currency, availability, sku, brand }: types::Product) -> Self {
        Self { price, currency, availability, sku, brand }
    }
}

impl From<types::Thread> for wit::Thread {
    fn from(types::Thread { replies, views, answered }: types::Thread) -> Self {
        Self { replies, views, answered }
    }
}

impl From<types::Link> for wit::Link {
    fn from(types::Link { url, text, rel }: types::Link) -> Self {
        Self { url, text, rel }
    }
}

impl From<types::MediaItem> for wit::MediaItem {
    fn from(types::MediaItem { url, kind, alt }: types::MediaItem) -> Self {
        let kind = match kind {
            types::MediaKind::Image => wit::MediaKind::Image,
            types::MediaKind::Video => wit::MediaKind::Video,
            types::MediaKind::Audio => wit::MediaKind::Audio,
            types::MediaKind::Embed => wit::MediaKind::Embed,
        };
        Self { url, kind, alt }
    }
}

impl From<types::Table> for wit::Table {
    fn from(types::Table { caption, header, rows }: types::Table) -> Self {
        Self { caption, header, rows }
    }
}

impl From<types::Property> for wit::Property {
    fn from(types::Property { name, content }: types::Property) -> Self {
        Self { name, content }
    }
}

impl From<types::ExtractionError> for wit::ExtractionError {
    fn from(error: types::ExtractionError) -> Self {
        match error {
            types::ExtractionError::InvalidUrl(url) => Self::InvalidUrl(url),
            types::ExtractionError::InvalidSelector { selector, message } => {
                Self::InvalidSelector(wit::SelectorError { selector, message })
            }
            types::ExtractionError::Encrypted => Self::Encrypted,
            types::ExtractionError::LimitExceeded(limit) => Self::LimitExceeded(limit),
            types::ExtractionError::Failed(reason) => Self::Failed(reason),
            // The type may grow; what the contract has no case for keeps its words.
            other => Self::Failed(other.to_string()),
        }
    }
}
