//! What comes out: a document.

/// A page turned into content and metadata; `extracted-content` of the contract.
#[derive(Debug, Clone, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Document {
    /// The URL that was given; empty when none was.
    pub url: String,
    /// Absolute URL that the page calls its own.
    pub canonical_url: Option<String>,
    /// The page's title without the site's name.
    pub title: Option<String>,
    /// The line that names the authors, as written.
    pub byline: Option<String>,
    /// The authors' names, one each.
    pub authors: Vec<String>,
    /// ISO 8601: a date, or a date and time with offset when the page tells them.
    pub published: Option<String>,
    /// ISO 8601, as [`Document::published`].
    pub modified: Option<String>,
    /// The name of the site that the page belongs to.
    pub site_name: Option<String>,
    /// BCP 47 language tag.
    pub language: Option<String>,
    /// The page's own summary.
    pub description: Option<String>,
    /// Absolute URL of the image that stands for the page.
    pub image: Option<String>,
    /// What kind of page it is.
    pub page_type: PageType,
    /// The content as CommonMark with GitHub's tables; links are absolute.
    pub markdown: String,
    /// The content as plain text, blocks separated by blank lines.
    pub text: String,
    /// The content as HTML without scripts, styles, event handlers and layout attributes. Formulas are MathML with their TeX as
    /// annotation.
    pub html: String,
    /// The content's links in document order.
    pub links: Vec<Link>,
    /// The content's images, videos, audio files and players in document order.
    pub media: Vec<MediaItem>,
    /// The content's data tables in document order.
    pub tables: Vec<Table>,
    /// What readers wrote about the main content, in article mode and in document order. The posts of a forum are content.
    pub comments: Vec<Comment>,
    /// The entries of a feed, in its order; empty for all else.
    pub entries: Vec<Entry>,
    /// Keywords that the page gives itself.
    pub tags: Vec<String>,
    /// Sections or categories that the page puts itself in.
    pub categories: Vec<String>,
    /// The way from the site's start to the page, as the page shows it, the outermost first.
    pub breadcrumbs: Vec<String>,
    /// What the page says about the one product that it offers.
    pub product: Option<Product>,
    /// What the page says about the discussion that it shows.
    pub thread: Option<Thread>,
    /// The text of each JSON-LD block, as found.
    pub json_ld: Vec<String>,
    /// OpenGraph and article properties in document order, as found.
    pub open_graph: Vec<Property>,
    /// Pages of a PDF document; `None` for all else.
    pub page_count: Option<u32>,
    /// Words of [`Document::text`]. In scripts that put no space between words each character counts as one.
    pub word_count: u32,
    /// Seconds, at 238 words a minute (Brysbaert 2019, <https://doi.org/10.1016/j.jml.2019.104047>).
    pub reading_time: u32,
    /// 0 to 100: how far the content can be trusted to be the page's main content, whole and alone.
    /// 0 means no content; below 40 a look at the page, or a rendering of it, is advisable.
    pub quality_score: u8,
    /// Where the page sends its readers by itself, if anywhere.
    pub refresh: Option<Refresh>,
    /// Whether the page shows that its scripts make its content, and that it is not there yet: a browser would see more.
    pub script_built: bool,
    /// What was left out or mended, for a person to read.
    pub warnings: Vec<String>,
}

/// A page's wish to be left for another (HTML, "Refresh state").
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Refresh {
    /// Seconds after which the browser goes there.
    pub seconds: u32,
    /// Absolute URL.
    pub url: String,
}

/// What kind of page it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
pub enum PageType {
    /// News, blog post, essay, recipe: a text with a title.
    Article,
    /// Manual, reference, tutorial.
    Documentation,
    /// A company, product or event presenting itself.
    Service,
    /// Posts of a discussion.
    Forum,
    /// A themed selection, such as a shop's category.
    Collection,
    /// A list of entries that lead elsewhere.
    Listing,
    /// One thing that can be bought.
    Product,
    /// RSS, Atom or JSON Feed.
    Feed,
    /// Nothing tells the kind, as of a page without text, or the document is no web page.
    #[default]
    Unknown,
}

impl PageType {
    /// The name by which it is told: its own in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::Documentation => "documentation",
            Self::Service => "service",
            Self::Forum => "forum",
            Self::Collection => "collection",
            Self::Listing => "listing",
            Self::Product => "product",
            Self::Feed => "feed",
            Self::Unknown => "unknown",
        }
    }
}

/// A product on offer, as its page states it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Product {
    /// A decimal number with a full stop and without grouping, such as `1299.00`; the lowest of several.
    pub price: Option<String>,
    /// The price's currency, an ISO 4217 code such as `EUR`.
    pub currency: Option<String>,
    /// A member of schema.org's `ItemAvailability`, such as `InStock`, `OutOfStock` or `PreOrder`.
    pub availability: Option<String>,
    /// The seller's own identifier of the product.
    pub sku: Option<String>,
    /// The name of the brand.
    pub brand: Option<String>,
}

/// A discussion, as its page states it. Nothing is counted: a page may show a part of it alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Thread {
    /// How many posts answer the first one.
    pub replies: Option<u32>,
    /// How often it was looked at.
    pub views: Option<u32>,
    /// Whether an answer was accepted; `None` when nothing was asked.
    pub answered: Option<bool>,
}

/// A hyperlink of the content.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Link {
    /// Absolute URL.
    pub url: String,
    /// The link's text, white space folded.
    pub text: String,
    /// The words of the `rel` attribute, separated by a space.
    pub rel: String,
}

/// An image, video, audio file or embedded player of the content.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct MediaItem {
    /// Absolute URL.
    pub url: String,
    /// What it is.
    pub kind: MediaKind,
    /// The text alternative; empty when the page gives none.
    pub alt: String,
}

/// What a [`MediaItem`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
pub enum MediaKind {
    /// A picture.
    Image,
    /// A film.
    Video,
    /// A sound recording.
    Audio,
    /// An embedded document, such as a player in a frame.
    Embed,
}

/// A data table of the content. Cells that span rows or columns are repeated in each place they cover.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Table {
    /// The text of its `caption`; empty when there is none.
    pub caption: String,
    /// The header cells; empty when the table has no header row.
    pub header: Vec<String>,
    /// The other rows, cell by cell.
    pub rows: Vec<Vec<String>>,
}

/// What a reader wrote below the main content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Comment {
    /// The name that the reader goes by, if it is told.
    pub author: Option<String>,
    /// When it was written, as the page's markup states it.
    pub published: Option<String>,
    /// Its text, paragraphs separated by blank lines.
    pub text: String,
}

/// An entry of a feed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Entry {
    /// Its title.
    pub title: Option<String>,
    /// Absolute URL of the page that it stands for.
    pub url: Option<String>,
    /// What identifies it within the feed, as written.
    pub id: Option<String>,
    /// The authors' names, one each.
    pub authors: Vec<String>,
    /// ISO 8601, as [`Document::published`].
    pub published: Option<String>,
    /// ISO 8601, as [`Document::published`].
    pub modified: Option<String>,
    /// Its summary as plain text.
    pub summary: Option<String>,
    /// Its content as [`Document::markdown`]; its summary if the feed gives no content.
    pub markdown: String,
    /// The same as plain text.
    pub text: String,
    /// Its keywords and categories.
    pub tags: Vec<String>,
    /// The files that come with it, and the media of its content.
    pub media: Vec<MediaItem>,
}

/// An OpenGraph property as the page states it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Property {
    /// Such as `og:title` or `article:published_time`.
    pub name: String,
    /// Its value.
    pub content: String,
}
