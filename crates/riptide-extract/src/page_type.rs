//! What kind of page it is: the votes of structured data, address and markup, and what the model makes of these and of the text.

use html5ever::local_name;
use riptide_html::{Dom, NodeId};
use riptide_types::PageType;
use url::Url;

use crate::forest::Forest;
use crate::metadata::Metadata;
use crate::model::Model;

/// A page without text is only said to be of a kind that has as many votes.
const LEAST_VOTES: u32 = 2;
/// Paragraphs from which on a page without other marks is an article.
const PARAGRAPHS_OF_ARTICLE: usize = 4;
/// Prices from which on a page sells more than one thing.
const PRICES_OF_COLLECTION: usize = 6;

/// The kinds that are told apart.
pub(crate) const KINDS: [PageType; 7] = [
    PageType::Article,
    PageType::Documentation,
    PageType::Service,
    PageType::Forum,
    PageType::Collection,
    PageType::Listing,
    PageType::Product,
];

/// Votes for each of [`KINDS`].
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Votes([u32; KINDS.len()]);

impl Votes {
    /// Each kind's name with its votes.
    pub(crate) fn each(&self) -> impl Iterator<Item = (&'static str, f32)> {
        KINDS.into_iter().zip(self.0).map(|(kind, votes)| (kind.name(), votes as f32))
    }

    fn vote(&mut self, kind: PageType, votes: u32) {
        for (known, sum) in KINDS.iter().zip(&mut self.0) {
            if *known == kind {
                *sum += votes;
            }
        }
    }

    /// The kind with most votes; of equals the first.
    fn winner(&self) -> PageType {
        let mut best = (PageType::Unknown, LEAST_VOTES - 1);
        for (kind, votes) in KINDS.iter().zip(self.0) {
            if votes > best.1 {
                best = (*kind, votes);
            }
        }
        best.0
    }
}

/// The kind that the model finds most probable for a page, by the mean of its blocks' features; of a page without text, the
/// kind with most votes.
pub(crate) fn judge(model: &Model, mean: &[f32], votes: Votes) -> PageType {
    let is_fitting = |forest: &Forest<'_>| !mean.is_empty() && forest.features() == mean.len();
    if !model.kinds.iter().all(is_fitting) {
        return votes.winner();
    }
    let sum = |forest: &Forest<'_>| forest.sums(mean).first().copied().unwrap_or_default();
    let judged = KINDS.into_iter().zip(model.kinds.iter().map(sum));
    judged.max_by(|one, other| one.1.total_cmp(&other.1)).map_or(PageType::Unknown, |(kind, _)| kind)
}

/// Collects the votes of a page.
pub(crate) fn vote(dom: &Dom, metadata: &Metadata, url: &str) -> Votes {
    let mut ballot = Votes::default();
    for schema_type in &metadata.page_type_hints.schema_types {
        by_schema(schema_type, &mut ballot);
    }
    match metadata.page_type_hints.og_type.as_deref() {
        Some("article" | "blog" | "news") => ballot.vote(PageType::Article, 2),
        Some("product" | "product.item" | "og:product") => ballot.vote(PageType::Product, 4),
        Some("product.group") => ballot.vote(PageType::Collection, 4),
        _ => {}
    }
    if let Ok(url) = Url::parse(url) {
        by_address(&url, &mut ballot);
    }
    by_markup(dom, &mut ballot);
    ballot
}

/// schema.org types.
fn by_schema(name: &str, ballot: &mut Votes) {
    match name {
        "DiscussionForumPosting" | "QAPage" | "Question" => ballot.vote(PageType::Forum, 5),
        "Product" | "ProductGroup" | "IndividualProduct" => ballot.vote(PageType::Product, 4),
        "TechArticle" | "APIReference" => ballot.vote(PageType::Documentation, 4),
        "ItemList" | "SearchResultsPage" => ballot.vote(PageType::Listing, 2),
        "CollectionPage" | "OfferCatalog" => ballot.vote(PageType::Collection, 3),
        "Service" | "LocalBusiness" | "ProfessionalService" | "SoftwareApplication" => {
            ballot.vote(PageType::Service, 3)
        }
        "FAQPage" => ballot.vote(PageType::Service, 1),
        _ if name.ends_with("Article")
            || name.ends_with("Posting")
            || name == "Recipe"
            || name == "HowTo" =>
        {
            ballot.vote(PageType::Article, 4);
        }
        _ => {}
    }
}

/// Words that sites of all kinds use in their addresses.
fn by_address(url: &Url, ballot: &mut Votes) {
    let host = url.host_str().unwrap_or_default();
    match host.split('.').next().unwrap_or_default() {
        "docs" | "doc" | "developer" | "developers" | "wiki" | "api" => {
            ballot.vote(PageType::Documentation, 4)
        }
        "forum" | "forums" | "community" | "discuss" | "talk" => ballot.vote(PageType::Forum, 3),
        "blog" | "news" => ballot.vote(PageType::Article, 2),
        "shop" | "store" => ballot.vote(PageType::Product, 1),
        _ => {}
    }
    let segments: Vec<&str> = url.path().split('/').filter(|segment| !segment.is_empty()).collect();
    if segments.is_empty() {
        ballot.vote(PageType::Service, 2);
    }
    if url
        .query_pairs()
        .any(|(name, value)| matches!(&*name, "topic" | "showtopic" | "tid") && is_numbered(&value))
    {
        ballot.vote(PageType::Forum, 4);
    }
    for (at, segment) in segments.iter().enumerate() {
        let rest = segments.get(at + 1..).unwrap_or_default();
        let is_last = rest.is_empty();
        let stem = segment.split('.').next().unwrap_or_default().to_ascii_lowercase();
        match stem.as_str() {
            "forum" | "forums" | "thread" | "threads" | "viewtopic" | "showthread" | "discussion"
            | "discussions" | "questions" => ballot.vote(PageType::Forum, 4),
            "topic" | "t" if rest.iter().any(|part| is_numbered(part)) => ballot.vote(PageType::Forum, 4),
            "r" if rest.contains(&"comments") => ballot.vote(PageType::Forum, 4),
            "docs" | "doc" | "documentation" | "reference" | "manual" | "api" | "wiki" | "handbook" => {
                ballot.vote(PageType::Documentation, 3);
            }
            "product" | "products" | "p" | "dp" | "itm" | "item" | "pd" if !is_last => {
                ballot.vote(PageType::Product, 3)
            }
            "collections" | "collection" | "c" | "category" | "categories" | "browse" | "cat" | "b"
            | "shop" => {
                ballot.vote(PageType::Collection, 3);
            }
            "tag" | "tags" | "jobs" | "search" | "list" | "topics" | "archive" | "events" => {
                ballot.vote(PageType::Listing, 3);
            }
            "blog" | "news" | "articles" if is_last => ballot.vote(PageType::Listing, 3),
            "blog" | "news" | "article" | "articles" | "story" | "stories" | "recipes" => {
                ballot.vote(PageType::Article, 2)
            }
            "services" | "service" | "solutions" | "pricing" | "about" | "features" => {
                ballot.vote(PageType::Service, 3)
            }
            _ => {}
        }
    }
}

fn is_numbered(part: &str) -> bool {
    part.starts_with(|c: char| c.is_ascii_digit())
}

/// Forum software that names itself, paragraphs, code, prices.
fn by_markup(dom: &Dom, ballot: &mut Votes) {
    let (mut paragraphs, mut code, mut prices, mut articles) = (0, 0, 0, 0);
    for node in dom.descendants(dom.document()) {
        match dom.html_name(node) {
            Some(&local_name!("p")) if is_long(dom, node) => paragraphs += 1,
            Some(&local_name!("pre")) => code += 1,
            Some(&local_name!("article")) => articles += 1,
            Some(&local_name!("meta")) => by_generator(dom, node, ballot),
            Some(&local_name!("span") | &local_name!("div")) => {
                let class = dom.attribute(node, &local_name!("class")).unwrap_or_default();
                prices += usize::from(class.split_ascii_whitespace().any(|name| name == "price"));
            }
            _ => {}
        }
    }
    if paragraphs >= PARAGRAPHS_OF_ARTICLE {
        ballot.vote(PageType::Article, 2);
    }
    if code >= 3 {
        ballot.vote(PageType::Documentation, 1);
    }
    if prices >= PRICES_OF_COLLECTION {
        ballot.vote(PageType::Collection, 2);
    }
    if articles >= 6 {
        ballot.vote(PageType::Listing, 1);
    }
}

fn is_long(dom: &Dom, paragraph: NodeId) -> bool {
    dom.children(paragraph).filter_map(|child| dom.text(child)).map(str::len).sum::<usize>() > 120
}

fn by_generator(dom: &Dom, meta: NodeId, ballot: &mut Votes) {
    let is_generator =
        dom.attribute(meta, &local_name!("name")).is_some_and(|name| name.eq_ignore_ascii_case("generator"));
    if !is_generator {
        return;
    }
    let generator = dom.attribute(meta, &local_name!("content")).unwrap_or_default().to_ascii_lowercase();
    let is = |names: &[&str]| names.iter().any(|name| generator.contains(name));
    if is(&[
        "discourse",
        "phpbb",
        "vbulletin",
        "xenforo",
        "flarum",
        "invision",
        "mybb",
        "smf",
        "vanilla",
        "nodebb",
    ]) {
        ballot.vote(PageType::Forum, 5);
    } else if is(&[
        "sphinx",
        "docusaurus",
        "mkdocs",
        "mdbook",
        "hugo book",
        "gitbook",
        "vitepress",
        "antora",
        "jsdoc",
    ]) {
        ballot.vote(PageType::Documentation, 5);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content;
    use riptide_html::{BaseUrl, parse};

    fn voted(html: &str, url: &str) -> PageType {
        let dom = parse(html);
        let metadata = crate::metadata::collect(&dom, &BaseUrl::of(&dom, url), url);
        vote(&dom, &metadata, url).winner()
    }

    #[test]
    fn an_empty_page_is_of_no_kind() {
        assert_eq!(voted("", ""), PageType::Unknown);
    }

    #[test]
    fn forum_software_makes_a_forum() {
        let html = r#"<meta name="generator" content="Discourse 3.2"><p>Hello</p>"#;
        assert_eq!(voted(html, "https://talk.example.org/t/hello/12"), PageType::Forum);
    }

    #[test]
    fn structured_data_outvotes_the_address() {
        let html = r#"<script type="application/ld+json">{"@type":"Product","name":"Kettle"}</script>"#;
        assert_eq!(voted(html, "https://shop.example.org/blog/kettle"), PageType::Product);
    }

    #[test]
    fn a_topic_with_a_number_is_a_discussion_and_one_of_the_news_is_not() {
        for url in [
            "https://example.org/t/how-to-sharpen-a-plane/4711",
            "https://example.org/topic/4711-how-to-sharpen-a-plane",
            "https://example.org/index.php?topic=4711.0",
            "https://example.org/r/woodwork/comments/1abcde/how_to_sharpen_a_plane",
        ] {
            assert_eq!(voted("", url), PageType::Forum, "{url}");
        }
        for url in ["https://example.org/topic/politics", "https://example.org/r/politics"] {
            assert_ne!(voted("", url), PageType::Forum, "{url}");
        }
    }

    #[test]
    fn a_page_with_text_is_judged_by_the_model_and_one_without_by_its_votes() {
        let model = Model::built_in();
        let votes = Votes::default();
        assert_eq!(judge(&model, &[], votes), PageType::Unknown);
        let row = vec![0.0; content::feature_names().len()];
        assert_ne!(judge(&model, &row, votes), PageType::Unknown);
    }
}
