//! The fields that need no more than picking and folding: addresses, language, summary, image, tags, categories.

use riptide_html::BaseUrl;
use riptide_types::Property;

use super::facts::Facts;
use super::structured::{Item, Value};
use super::text::{self, plain};

/// Tags or categories that are kept.
const LABELS: usize = 100;
/// Bytes of one tag or category.
const LABEL_SIZE: usize = 100;

/// Absolute URL that the page calls its own.
pub(super) fn canonical_url(facts: &Facts<'_>, base: &BaseUrl) -> Option<String> {
    let linked = link(facts, "canonical");
    linked.or_else(|| facts.meta(&["og:url"])).and_then(|href| base.resolve(href))
}

/// The target of the first `link` element that has a relation among its words.
fn link<'d>(facts: &Facts<'d>, relation: &str) -> Option<&'d str> {
    let related = |words: &str| words.split_ascii_whitespace().any(|word| word == relation);
    facts.links.iter().find(|(words, href)| related(words) && !href.trim().is_empty()).map(|(_, href)| *href)
}

/// The language that the page declares, as a BCP 47 tag in its usual case.
pub(super) fn language(facts: &Facts<'_>) -> Option<String> {
    let stated = facts.items.items().iter().find_map(|item| item.text("inLanguage"));
    [
        facts.language,
        facts.meta(&["content-language", "language", "dc.language", "dcterms.language"]),
        stated,
        facts.meta(&["og:locale"]),
    ]
    .into_iter()
    .flatten()
    .find_map(language_tag)
}

/// A language tag with hyphens, the language in lower case and a region in upper case (RFC 5646, section 2.1.1).
fn language_tag(stated: &str) -> Option<String> {
    let first = stated.split([',', ';']).next()?.trim().replace('_', "-");
    let mut parts = first.split(['-', '.']);
    let language = parts.next().filter(|part| matches!(part.len(), 2 | 3))?.to_ascii_lowercase();
    let mut tag = language;
    for part in parts.take_while(|part| (2..=8).contains(&part.len())) {
        tag.push('-');
        match part.len() {
            2 => tag.push_str(&part.to_ascii_uppercase()),
            4 if part.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
                let (initial, rest) = part.split_at_checked(1)?;
                tag.push_str(&initial.to_ascii_uppercase());
                tag.push_str(&rest.to_ascii_lowercase());
            }
            _ => tag.push_str(&part.to_ascii_lowercase()),
        }
    }
    tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-').then_some(tag)
}

/// The page's own summary.
pub(super) fn description(facts: &Facts<'_>, subjects: &[&Item]) -> Option<String> {
    let stated = facts.meta(&["description"]).or_else(|| facts.meta(&["og:description"]));
    stated
        .or_else(|| subjects.iter().find_map(|item| item.text("description")))
        .or_else(|| {
            facts.meta(&["twitter:description", "dc.description", "dcterms.description", "dcterms.abstract"])
        })
        .map(plain)
        .filter(|text| !text.is_empty())
}

/// Absolute URL of the image that stands for the page.
pub(super) fn image(facts: &Facts<'_>, subjects: &[&Item], base: &BaseUrl) -> Option<String> {
    let stated = facts.meta(&["og:image", "og:image:url", "og:image:secure_url"]);
    stated
        .or_else(|| subjects.iter().find_map(|item| image_of(facts, item)))
        .or_else(|| facts.meta(&["twitter:image", "twitter:image:src", "thumbnail"]))
        .or_else(|| link(facts, "image_src"))
        .and_then(|reference| base.resolve(reference))
}

fn image_of<'a>(facts: &'a Facts<'_>, item: &'a Item) -> Option<&'a str> {
    ["image", "primaryImageOfPage", "thumbnailUrl"].into_iter().flat_map(|name| item.values(name)).find_map(
        |value| match facts.items.follow(value) {
            Some(image) => image.text("url").or_else(|| image.text("contentUrl")),
            None => match value {
                Value::Text(url) => Some(url.as_str()),
                Value::Item(_) | Value::Reference(_) => None,
            },
        },
    )
}

/// Keywords that the page gives itself.
pub(super) fn tags(facts: &Facts<'_>, subjects: &[&Item]) -> Vec<String> {
    const META: &[&str] = &[
        "article:tag",
        "og:article:tag",
        "keywords",
        "news_keywords",
        "parsely-tags",
        "sailthru.tags",
        "citation_keywords",
        "dc.subject",
    ];
    let mut tags = Labels::default();
    META.iter().flat_map(|name| facts.all_meta(name)).for_each(|list| tags.add_list(list));
    for value in subjects.iter().flat_map(|item| item.values("keywords")) {
        facts.items.name(value).into_iter().for_each(|list| tags.add_list(list));
    }
    for mark in &facts.tags {
        text::line(facts.dom, mark.node, LABEL_SIZE).into_iter().for_each(|tag| tags.add(&tag));
    }
    tags.labels
}

/// Sections or categories that the page puts itself in.
pub(super) fn categories(facts: &Facts<'_>, subjects: &[&Item]) -> Vec<String> {
    const META: &[&str] =
        &["article:section", "og:article:section", "parsely-section", "cxenseparse:category", "category"];
    let mut categories = Labels::default();
    META.iter().flat_map(|name| facts.all_meta(name)).for_each(|name| categories.add(&plain(name)));
    for value in subjects.iter().flat_map(|item| item.values("articleSection")) {
        facts.items.name(value).into_iter().for_each(|name| categories.add(&plain(name)));
    }
    categories.labels
}

/// Labels without repetition, whatever their case.
#[derive(Default)]
struct Labels {
    labels: Vec<String>,
}

impl Labels {
    fn add_list(&mut self, list: &str) {
        plain(list).split([',', ';']).for_each(|label| self.add(label.trim()));
    }

    fn add(&mut self, label: &str) {
        let label = label.trim_start_matches('#').trim();
        let known = || self.labels.iter().any(|known| known.to_lowercase() == label.to_lowercase());
        if !label.is_empty() && label.len() <= LABEL_SIZE && self.labels.len() < LABELS && !known() {
            self.labels.push(label.to_owned());
        }
    }
}

/// OpenGraph properties and those of its namespaces (<https://ogp.me/#types>), in document order.
pub(super) fn open_graph(facts: &Facts<'_>) -> Vec<Property> {
    const NAMESPACES: &[&str] = &["og", "article", "book", "profile", "music", "video", "product"];
    facts
        .meta
        .iter()
        .filter(|(name, _)| {
            name.split_once(':').is_some_and(|(namespace, _)| NAMESPACES.contains(&namespace))
        })
        .map(|(name, content)| Property { name: name.clone(), content: (*content).to_owned() })
        .collect()
}

/// The text of the article as the structured data repeats it.
pub(super) fn article_body(facts: &Facts<'_>) -> Option<String> {
    let bodies = facts.items.items().iter().filter(|item| item.role() != Some("comment"));
    bodies.filter_map(|item| item.text("articleBody")).next().map(plain).filter(|body| !body.is_empty())
}
