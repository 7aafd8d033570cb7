//! When the page was published and last changed.

use html5ever::local_name;
use riptide_html::{Dom, NodeId};

use super::date::{self, Moment, Order};
use super::facts::{Facts, Mark};
use super::languages;
use super::structured::Item;
use super::subject;
use super::text;
use super::title::Headline;
use super::vocabulary::Roles;

/// Nodes behind the headline where its date stands.
const NEAR: usize = 100;
/// Bytes of a line that tells a date.
const LINE_SIZE: usize = 120;
/// Names of `meta` elements that state when a page was published.
const PUBLISHED: &[&str] = &[
    "article:published_time",
    "article:published",
    "og:published_time",
    "og:article:published_time",
    "og:publish_date",
    "datepublished",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:publishtime",
    "citation_publication_date",
    "citation_date",
    "citation_online_date",
    "dc.date.issued",
    "dcterms.issued",
    "dc.date.created",
    "dcterms.created",
    "dcterms.date",
    "dc.date",
    "dc:created",
    "dc:date",
    "published-date",
    "publish-date",
    "publish_date",
    "published",
    "publication_date",
    "publicationdate",
    "pubdate",
    "pub_date",
    "article.published",
    "article_date_original",
    "originalpublicationdate",
    "displaydate",
    "datecreated",
    "created",
    "date",
];
/// Names of `meta` elements that state when a page was last changed.
const MODIFIED: &[&str] = &[
    "article:modified_time",
    "article:modified",
    "og:modified_time",
    "og:article:modified_time",
    "og:updated_time",
    "datemodified",
    "dcterms.modified",
    "dc.date.modified",
    "lastmod",
    "last-modified",
    "last-updated",
    "modified",
    "revised",
];

/// When the page says it was published and changed.
#[derive(Debug, Default)]
pub(super) struct Dates {
    pub(super) published: Option<Moment>,
    pub(super) modified: Option<Moment>,
}

/// A date that readers see.
#[derive(Debug, Clone, Copy)]
struct Shown {
    moment: Moment,
    /// Whether it is said to be that of a change.
    is_change: bool,
    distance: usize,
}

/// Settles the dates; the order of trust stands in the table of [`super`].
pub(super) fn resolve(
    facts: &Facts<'_>,
    subjects: &[&Item],
    is_text: bool,
    headline: &Headline,
    url: &str,
) -> Dates {
    let order = Order::of_language(facts.language);
    let read = |text: &str| date::parse(text, order);
    let stated = |types: &[&str], properties: &[&str]| {
        let items = subjects.iter().filter(|item| item.is_a(types));
        items.flat_map(|item| properties.iter().filter_map(|name| item.text(name))).find_map(read)
    };
    let meta = |names: &[&str]| names.iter().flat_map(|name| facts.all_meta(name)).find_map(read);
    let shown = shown(facts, headline, order);
    let near = |limit: usize, is_change: bool| {
        let near = shown.iter().filter(|date| date.distance <= limit && date.is_change == is_change);
        near.min_by_key(|date| date.distance).map(|date| date.moment)
    };
    let created = &["datePublished", "dateCreated", "created"];
    let published = stated(subject::DISCUSSIONS, created)
        .or_else(|| date::in_url(url))
        .or_else(|| meta(PUBLISHED))
        .or_else(|| near(NEAR, false))
        .or_else(|| stated(subject::ARTICLES, created))
        .or_else(|| near(NEAR, true))
        .or_else(|| near(usize::MAX, false).filter(|_| is_text))
        .map(|date| stated(subject::ARTICLES, created).map_or(date, |stated| date.settled_by(stated)));
    let changed = &["dateModified", "dateUpdated"];
    let modified = stated(subject::ARTICLES, changed)
        .or_else(|| meta(MODIFIED))
        .or_else(|| stated(subject::PAGES, changed))
        .or_else(|| near(NEAR, true));
    Dates { published, modified }
}

/// All dates that the page shows behind its headline, in no order.
fn shown(facts: &Facts<'_>, headline: &Headline, order: Order) -> Vec<Shown> {
    let line =
        |mark: &Mark| text::line(facts.dom, mark.node, LINE_SIZE).and_then(|line| date::find(&line, order));
    let text = |mark: &Mark| facts.dom.text(mark.node).and_then(|text| date::find(text, order));
    let read = |marks: &[Mark], moment: &dyn Fn(&Mark) -> Option<Moment>| -> Vec<Shown> {
        let placed = marks.iter().filter_map(|mark| Some((mark, headline.distance_in_content(mark)?)));
        placed
            .filter_map(|(mark, distance)| {
                Some(Shown { moment: moment(mark)?, is_change: is_change(facts, mark), distance })
            })
            .collect()
    };
    let mut shown = read(&facts.times, &|mark| of_time(facts, mark, order));
    shown.extend(read(&facts.dated, &line));
    shown.extend(read(&facts.date_texts, &text));
    shown
}

fn of_time(facts: &Facts<'_>, mark: &Mark, order: Order) -> Option<Moment> {
    let stated =
        facts.dom.attribute(mark.node, &local_name!("datetime")).and_then(|text| date::parse(text, order));
    stated.or_else(|| text::line(facts.dom, mark.node, LINE_SIZE).and_then(|line| date::find(&line, order)))
}

/// Whether the words before a date, or the names of its element, say that it is that of a change.
fn is_change(facts: &Facts<'_>, mark: &Mark) -> bool {
    let says = |text: &str| {
        let text = text.to_lowercase();
        if languages::PUBLISHED.iter().any(|word| text.contains(word)) {
            Some(false)
        } else {
            languages::CHANGED.iter().any(|word| text.contains(word)).then_some(true)
        }
    };
    let dom = facts.dom;
    let own = dom.text(mark.node).map(str::to_owned).or_else(|| text::line(dom, mark.node, LINE_SIZE));
    let before =
        std::iter::once(mark.node).chain(dom.parent(mark.node)).filter_map(|node| text_before(dom, node));
    own.into_iter()
        .chain(before)
        .find_map(|text| says(&text))
        .unwrap_or(mark.roles.has(Roles::MODIFIED) && !mark.roles.has(Roles::DATE))
}

/// The words that stand before a node, if they are few and belong to no date of their own.
fn text_before(dom: &Dom, node: NodeId) -> Option<String> {
    let is_blank = |node: NodeId| dom.text(node).is_some_and(|text| text.trim().is_empty());
    let mut before = dom.previous_sibling(node)?;
    if is_blank(before) {
        before = dom.previous_sibling(before)?;
    }
    text::line(dom, before, LINE_SIZE).filter(|text| !date::may_hold_date(text))
}
