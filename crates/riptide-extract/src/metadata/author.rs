//! Who wrote the page.

use super::byline;
use super::facts::{Facts, Mark};
use super::names::{given_name_first, is_placeholder};
use super::site::Site;
use super::structured::Item;
use super::subject;
use super::text::{self, plain};
use super::title::Headline;

/// Nodes behind the headline where its byline stands.
const NEAR: usize = 80;
/// Authors that are kept.
const AUTHORS: usize = 100;
/// Bytes of a line that names authors.
const BYLINE_SIZE: usize = 160;
/// Names of `meta` elements that state an author.
const META: &[&str] = &[
    "author",
    "article:author",
    "article:author_name",
    "article.author",
    "parsely-author",
    "sailthru.author",
    "cxenseparse:author",
    "byl",
    "citation_author",
    "citation_authors",
    "dc.creator",
    "dcterms.creator",
    "dc.contributor",
    "og:author",
    "book:author",
];

/// Authors as one source names them.
#[derive(Debug, Default, Clone)]
pub(super) struct Authors {
    /// The line as written.
    pub(super) byline: String,
    pub(super) names: Vec<String>,
}

/// Settles the authors; the order of trust stands in the table of [`super`].
pub(super) fn resolve(
    facts: &Facts<'_>,
    subjects: &[&Item],
    is_text: bool,
    headline: &Headline,
    site: &Site,
) -> Authors {
    let named = |authors: &Authors| authors.names.iter().any(|name| !is_placeholder(name));
    let personal =
        |authors: &Authors| authors.names.iter().any(|name| !is_placeholder(name) && !site.is_named(name));
    let stated = |types: &[&str]| {
        subjects.iter().filter(|item| item.is_a(types)).map(|item| of_item(facts, item)).find(personal)
    };
    let in_meta = |fits: &dyn Fn(&Authors) -> bool| {
        let labelled = std::iter::once_with(|| of_twitter_label(facts)).find(fits);
        labelled.map_or_else(|| META.iter().map(|name| of_meta(facts, name)).find(fits), Some)
    };
    let shown = shown(facts, headline);
    let near = |limit: usize, fits: &dyn Fn(&Authors) -> bool| {
        let near = shown.iter().filter(|(distance, authors)| *distance <= limit && fits(authors));
        near.min_by_key(|(distance, _)| *distance).map(|(_, authors)| authors.clone())
    };
    let found = stated(subject::DISCUSSIONS)
        .or_else(|| near(NEAR, &personal))
        .or_else(|| Some(of_twitter_label(facts)).filter(personal))
        .or_else(|| stated(subject::ARTICLES))
        .or_else(|| in_meta(&personal));
    let found = match found {
        None if is_text => stated(subject::PAGES)
            .or_else(|| near(usize::MAX, &personal))
            .or_else(|| near(NEAR, &named))
            .or_else(|| in_meta(&named)),
        found => found,
    };
    let mut authors = found.unwrap_or_default();
    authors.names.retain(|name| !is_placeholder(name));
    authors
}

fn of_item(facts: &Facts<'_>, item: &Item) -> Authors {
    let values = item.values("author").chain(item.values("creator"));
    collected(values.filter_map(|value| facts.items.name(value)))
}

fn of_meta(facts: &Facts<'_>, name: &str) -> Authors {
    let mut authors = collected(facts.all_meta(name));
    if name.starts_with("citation_") {
        authors.names.iter_mut().for_each(|name| *name = given_name_first(name));
    }
    authors
}

/// `twitter:label1` names what `twitter:data1` holds, at times the author; so do those with a 2.
fn of_twitter_label(facts: &Facts<'_>) -> Authors {
    let labels = [("twitter:label1", "twitter:data1"), ("twitter:label2", "twitter:data2")];
    let labelled = |label: &str| facts.meta(&[label]).is_some_and(byline::starts_byline);
    labels.iter().find(|(label, _)| labelled(label)).map(|(_, data)| of_meta(facts, data)).unwrap_or_default()
}

fn collected<'a>(texts: impl Iterator<Item = &'a str>) -> Authors {
    let mut authors = Authors::default();
    for text in texts {
        if authors.names.len() >= AUTHORS {
            break;
        }
        let names = byline::names_stated(text);
        if !names.is_empty() {
            if !authors.byline.is_empty() {
                authors.byline.push_str(", ");
            }
            authors.byline.push_str(&plain(text));
        }
        for name in names {
            if !authors.names.contains(&name) {
                authors.names.push(name);
            }
        }
    }
    authors
}

/// All authors that the page shows behind its headline, with their distance to it, in no order.
fn shown(facts: &Facts<'_>, headline: &Headline) -> Vec<(usize, Authors)> {
    let place = |mark: &Mark| headline.distance_in_content(mark);
    let elements = facts.authored.iter().filter_map(|mark| Some((place(mark)?, of_element(facts, mark))));
    let texts = facts.byline_texts.iter().filter_map(|mark| Some((place(mark)?, of_text(facts, mark))));
    elements.chain(texts).collect()
}

fn of_element(facts: &Facts<'_>, mark: &Mark) -> Authors {
    shown_in(text::pieces(facts.dom, mark.node, BYLINE_SIZE).unwrap_or_default())
}

/// A text that starts a byline, with what stands beside it if that is where the name is.
fn of_text(facts: &Facts<'_>, mark: &Mark) -> Authors {
    let around = facts.dom.ancestors(mark.node).take(2);
    let lines = around.map(|node| shown_in(text::pieces(facts.dom, node, BYLINE_SIZE).unwrap_or_default()));
    let own = facts.dom.text(mark.node).map(|text| shown_in(vec![text::fold(text)]));
    lines.chain(own).find(|authors| !authors.names.is_empty()).unwrap_or_default()
}

fn shown_in(pieces: Vec<String>) -> Authors {
    Authors { byline: pieces.join(" "), names: byline::names_in_pieces(&pieces) }
}
