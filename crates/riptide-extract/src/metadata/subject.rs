//! Which of the items on a page is the page itself.

use super::facts::Facts;
use super::structured::{Item, ItemGraph, Syntax};

/// Texts with an author and a date (schema.org `Article` and what is like it).
pub(super) const ARTICLES: &[&str] = &[
    "Article",
    "NewsArticle",
    "BlogPosting",
    "Report",
    "TechArticle",
    "ScholarlyArticle",
    "OpinionNewsArticle",
    "AnalysisNewsArticle",
    "BackgroundNewsArticle",
    "ReportageNewsArticle",
    "ReviewNewsArticle",
    "AskPublicNewsArticle",
    "AdvertiserContentArticle",
    "SatiricalArticle",
    "LiveBlogPosting",
    "MedicalScholarlyArticle",
    "APIReference",
    "SocialMediaPosting",
    "Review",
    "CriticReview",
    "Recipe",
    "HowTo",
    "MedicalWebPage",
    "LearningResource",
];

/// Discussions, whose first post is the page.
pub(super) const DISCUSSIONS: &[&str] = &["DiscussionForumPosting", "Question", "Conversation"];

/// Things that a page can be about without being written by anybody.
pub(super) const THINGS: &[&str] = &[
    "Product",
    "ProductGroup",
    "IndividualProduct",
    "SoftwareApplication",
    "WebApplication",
    "MobileApplication",
    "VideoGame",
    "Event",
    "JobPosting",
    "Course",
    "Book",
    "Movie",
    "TVSeries",
    "VideoObject",
    "PodcastEpisode",
    "Service",
    "Dataset",
    "SoftwareSourceCode",
];

/// Pages as such.
pub(super) const PAGES: &[&str] = &[
    "WebPage",
    "ItemPage",
    "FAQPage",
    "AboutPage",
    "ContactPage",
    "ProfilePage",
    "QAPage",
    "CollectionPage",
    "SearchResultsPage",
    "CheckoutPage",
    "RealEstateListing",
];

/// The items that stand for the page, by how much they tell: texts, then discussions, then things, then pages. In each
/// group those of JSON-LD come first: they are written for machines, the others at times only adorn a list.
pub(super) fn of_page(graph: &ItemGraph) -> Vec<&Item> {
    let mut found = Vec::new();
    for group in [ARTICLES, DISCUSSIONS, THINGS, PAGES] {
        for syntax in [Syntax::JsonLd, Syntax::Inline] {
            let fits = |item: &&Item| item.syntax == syntax && item.is_a(group) && is_subject(graph, item);
            found.extend(graph.items().iter().filter(fits));
        }
    }
    found
}

/// Whether an item is no part of another, unless that one says that it is what the page is about.
fn is_subject(graph: &ItemGraph, item: &Item) -> bool {
    match &item.held_by {
        None => true,
        // The questions of an FAQ are no discussion.
        Some((holder, property)) => {
            matches!(property.as_str(), "mainEntity" | "mainEntityOfPage")
                && graph.get(*holder).is_some_and(|holder| !holder.is_a(&["FAQPage"]))
        }
    }
}

/// What a page says about its kind, in machine-readable form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageTypeHints {
    /// The types of the items that are no part of others, without vocabulary and repetition: `NewsArticle`, `Product`.
    pub schema_types: Vec<String>,
    /// How many of those items are articles of any kind: lists of articles hold several.
    pub texts: usize,
    /// The `og:type`, lower-cased, such as `article` or `product`.
    pub og_type: Option<String>,
    /// Whether a `meta` element states when an article was published.
    pub has_publication_date: bool,
    /// `article` elements that stand in the content.
    pub article_elements: usize,
}

impl PageTypeHints {
    pub(super) fn of(facts: &Facts<'_>) -> Self {
        let subjects = of_page(&facts.items);
        let mut schema_types: Vec<String> = Vec::new();
        let independent = facts.items.items().iter().filter(|item| is_subject(&facts.items, item));
        for name in independent.flat_map(|item| &item.types) {
            if schema_types.len() < 32 && !schema_types.contains(name) {
                schema_types.push(name.clone());
            }
        }
        Self {
            schema_types,
            texts: subjects.iter().filter(|item| item.is_a(ARTICLES)).count(),
            og_type: facts.meta(&["og:type"]).map(|kind| kind.trim().to_ascii_lowercase()),
            has_publication_date: facts.meta(&["article:published_time"]).is_some(),
            article_elements: facts.articles,
        }
    }

    fn any_of(&self, types: &[&str]) -> bool {
        self.schema_types.iter().any(|name| types.contains(&name.as_str()))
    }

    /// Whether it says that it is a text or a discussion that somebody wrote.
    #[must_use]
    pub fn is_text(&self) -> bool {
        (self.is_article() || self.is_discussion()) && !self.is_offer()
    }

    /// Whether it says that it sells something: nobody signs such a page.
    #[must_use]
    pub fn is_offer(&self) -> bool {
        (self.is_product() || self.is_collection()) && !self.any_of(ARTICLES)
    }

    /// Whether it says that it is an article of any kind.
    #[must_use]
    pub fn is_article(&self) -> bool {
        self.any_of(ARTICLES) || self.og_type.as_deref() == Some("article") || self.has_publication_date
    }

    /// Whether it says that it is a discussion.
    #[must_use]
    pub fn is_discussion(&self) -> bool {
        self.any_of(DISCUSSIONS) || self.any_of(&["QAPage"])
    }

    /// Whether it says that it sells one thing.
    #[must_use]
    pub fn is_product(&self) -> bool {
        self.any_of(&["Product", "ProductGroup", "IndividualProduct"])
            || self
                .og_type
                .as_deref()
                .is_some_and(|kind| matches!(kind, "product" | "og:product" | "product.item"))
    }

    /// Whether it says that it leads to others of its kind.
    #[must_use]
    pub fn is_collection(&self) -> bool {
        self.any_of(&["CollectionPage", "SearchResultsPage"])
            || self.og_type.as_deref().is_some_and(|kind| matches!(kind, "product.group" | "product:group"))
    }
}
