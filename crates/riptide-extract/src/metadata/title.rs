//! The page's title, without the name of its site.

use html5ever::local_name;

use super::facts::{Facts, Mark, TITLE_SIZE};
use super::site::Site;
use super::structured::Item;
use super::subject;
use super::text::{comparable, plain};
use super::vocabulary::Roles;

/// What sites put between a title and their name.
const SEPARATORS: &[&str] = &[
    " | ", " - ", " – ", " — ", " · ", " » ", " « ", " :: ", " : ", " • ", " / ", " < ", " > ", " ~ ", "| ",
    " |",
];

/// The title and where the page shows it.
#[derive(Debug, Default)]
pub(super) struct Headline {
    pub(super) text: Option<String>,
    /// The heading that the title is or that comes closest to one.
    pub(super) mark: Option<Mark>,
}

impl Headline {
    /// How far behind the headline something stands, in nodes. A little before it counts too, twice as far; `None`
    /// farther up and where the page shows no headline.
    pub(super) fn distance(&self, mark: &Mark) -> Option<usize> {
        const BEFORE: usize = 30;
        let start = self.mark?.position;
        match mark.position.checked_sub(start) {
            Some(behind) => Some(behind),
            None => Some(start - mark.position).filter(|&before| before <= BEFORE).map(|before| 2 * before),
        }
    }
}

/// A heading with its text.
struct Heading {
    mark: Mark,
    text: String,
    words: String,
}

impl Heading {
    fn is_central(&self) -> bool {
        self.mark.is_central() && !self.mark.roles.has(Roles::ASIDE)
    }
}

/// Settles the title: the heading that the other sources confirm, else what they say themselves.
///
/// `is_text` says that the page is somebody's text. Such pages vary their headline in the `title` element; others put
/// a slogan in the heading, so more of it must be confirmed.
pub(super) fn resolve(facts: &Facts<'_>, subjects: &[&Item], is_text: bool, site: &Site) -> Headline {
    let stated = stated(facts, subjects, site);
    let headings = headings(facts, site);
    let confirmed =
        headings.iter().find(|heading| stated.iter().any(|title| confirms(title, heading, is_text)));
    let chosen = confirmed.or_else(|| {
        let least = if is_text { 0.2 } else { 0.6 };
        let title = stated.first().map(|title| comparable(title));
        let share = |heading: &&Heading| title.as_ref().map_or(1.0, |title| share(&heading.words, title));
        let central = headings.iter().rev().filter(|heading| heading.is_central());
        central.max_by(|a, b| share(a).total_cmp(&share(b))).filter(|heading| share(heading) >= least)
    });
    let trimmed = chosen.and_then(|heading| stated.iter().find(|title| is_within(title, heading, is_text)));
    let text = trimmed.cloned().or_else(|| chosen.map(|heading| heading.text.clone()));
    let first = headings.first().map(|heading| heading.mark);
    Headline {
        text: text.or_else(|| stated.first().map(|title| before_bar(title).to_owned())),
        mark: chosen.map(|heading| heading.mark).or_else(|| shown_title(facts, &stated)).or(first),
    }
}

/// Whether a heading is a stated title with something about it that is no part of it, such as a number of comments.
fn is_within(title: &str, heading: &Heading, is_text: bool) -> bool {
    const WORDS: usize = 3;
    let title = comparable(title);
    let words = title.split(' ').count();
    let about = heading.words.split(' ').count().saturating_sub(words);
    words >= WORDS
        && (1..=WORDS).contains(&about)
        && ((!is_text && heading.words.starts_with(&title)) || heading.words.ends_with(&title))
}

/// What stands before the first vertical bar, if that is more than a word: behind it come sections and names.
fn before_bar(title: &str) -> &str {
    title
        .split_once(" | ")
        .map(|(before, _)| before.trim())
        .filter(|before| before.contains(' '))
        .unwrap_or(title)
}

/// Where the page shows its title other than in a first-level heading.
fn shown_title(facts: &Facts<'_>, stated: &[String]) -> Option<Mark> {
    let stated: Vec<String> = stated.iter().map(|title| comparable(title)).collect();
    let says =
        |mark: &Mark| facts.line(mark, TITLE_SIZE).is_some_and(|text| stated.contains(&comparable(&text)));
    facts.titled.iter().find(|mark| says(mark)).copied()
}

/// The titles that machine-readable sources state, the most trusted first.
fn stated(facts: &Facts<'_>, subjects: &[&Item], site: &Site) -> Vec<String> {
    let headline = |types: &[&str]| {
        let mut items = subjects.iter().filter(|item| item.is_a(types));
        items.find_map(|item| item.text("headline").or_else(|| item.text("name")))
    };
    let sources: Vec<String> = [
        facts.title.as_deref(),
        facts.meta(&["og:title"]),
        headline(subject::ARTICLES),
        headline(subject::DISCUSSIONS),
        headline(subject::THINGS),
        facts.meta(&[
            "citation_title",
            "parsely-title",
            "sailthru.title",
            "headline",
            "dc.title",
            "dcterms.title",
        ]),
        facts.meta(&["twitter:title"]),
    ]
    .into_iter()
    .flatten()
    .filter(|text| text.len() <= 2 * TITLE_SIZE)
    .map(plain)
    .collect();
    let others: Vec<String> = sources.iter().map(|text| comparable(text)).collect();
    let titles = sources.iter().map(|text| without_site(text, site, &others));
    titles.filter(|text| !text.is_empty() && text.len() <= TITLE_SIZE && !site.is_named(text)).collect()
}

/// First-level headings that are not the site's name, those in the content first.
fn headings(facts: &Facts<'_>, site: &Site) -> Vec<Heading> {
    let read = |mark: &Mark| {
        let text = plain(&facts.line(mark, TITLE_SIZE)?);
        let words = comparable(&text);
        let is_headline = !words.is_empty() && !site.is_named(&text) && !leads_home(facts, mark);
        is_headline.then_some(Heading { mark: *mark, text, words })
    };
    let (central, beside): (Vec<Heading>, Vec<Heading>) =
        facts.h1.iter().filter_map(read).partition(Heading::is_central);
    central.into_iter().chain(beside).collect()
}

/// Whether a heading links to the start of the site, as its name does.
fn leads_home(facts: &Facts<'_>, mark: &Mark) -> bool {
    let around = facts.dom.parent(mark.node).filter(|&node| facts.dom.is_html(node, &local_name!("a")));
    let within =
        facts.dom.descendants(mark.node).take(5).find(|&node| facts.dom.is_html(node, &local_name!("a")));
    let href = around.or(within).and_then(|node| facts.dom.attribute(node, &local_name!("href")));
    href.is_some_and(|href| {
        let path = href
            .split_once("://")
            .map_or(href, |(_, rest)| rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"));
        matches!(path.trim(), "/" | "./" | "/index.html")
    })
}

/// Whether a stated title says the same as a heading: equal, or the longer continues the shorter.
fn confirms(title: &str, heading: &Heading, is_text: bool) -> bool {
    let (title, heading) = (comparable(title), heading.words.as_str());
    title == heading
        || (title.starts_with(heading) && heading.len() * 4 >= title.len())
        || (is_text && heading.starts_with(&title) && title.len() * 4 >= heading.len())
}

/// The share of the words that are among `others`.
fn share(words: &str, others: &str) -> f64 {
    let others: Vec<&str> = others.split(' ').collect();
    let (mut all, mut known) = (0_u32, 0_u32);
    for word in words.split(' ') {
        all += 1;
        known += u32::from(others.contains(&word));
    }
    f64::from(known) / f64::from(all.max(1))
}

/// Cuts the name of the site off either end of a title.
///
/// A part goes when it is the site's name, or when the rest is word for word what another source gives as title.
fn without_site(title: &str, site: &Site, others: &[String]) -> String {
    let mut title = title.trim();
    while let Some(rest) = cut(title, site, others) {
        title = rest;
    }
    title.to_owned()
}

fn cut<'t>(title: &'t str, site: &Site, others: &[String]) -> Option<&'t str> {
    let is_title = |rest: &str| others.contains(&comparable(rest));
    let agreed = title.split_once(": ").map(|(_, rest)| rest).filter(|rest| is_title(rest));
    let kept = agreed.or_else(|| {
        SEPARATORS.iter().find_map(|separator| {
            let after = title.rsplit_once(separator).filter(|(rest, part)| {
                comparable(rest).len() > 1 && (site.is_named_roughly(part) || is_title(rest))
            });
            let before = title
                .split_once(separator)
                .filter(|(part, rest)| comparable(rest).len() > 1 && (site.is_named(part) || is_title(rest)));
            after.map(|(rest, _)| rest).or(before.map(|(_, rest)| rest))
        })
    });
    kept.map(str::trim)
}
