//! The page's title, without the name of its site.

use html5ever::local_name;

use super::cut::{Evidence, LEAST_PART, announces_start, core, is_start, without_count, without_site};
use super::facts::{Facts, Mark, TITLE_SIZE};
use super::site::Site;
use super::structured::Item;
use super::subject;
use super::text::{comparable, decoded, plain};
use super::vocabulary::Roles;

/// How much of a page's address must be in a heading and not in the stated title to make the heading the title.
const ADDRESSED: f64 = 0.7;
/// How much of a page's address may be in the stated title and not in a heading that is to be the title.
const NOT_ADDRESSED: f64 = 0.4;
/// How much more of a page's address must be in a heading than in the stated title to need less confirmation.
const NEARER: f64 = 0.15;

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

    /// The same for what may be said of the page: `None` for what stands farther away, or beside the content.
    pub(super) fn distance_in_content(&self, mark: &Mark) -> Option<usize> {
        const FAR: usize = 1000;
        /// Nodes in which even what seems to stand beside the content belongs to the headline.
        const ATTACHED: usize = 60;
        self.distance(mark).filter(|&distance| distance <= FAR && (mark.is_central() || distance < ATTACHED))
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
    let headings = headings(facts, site);
    let stated = stated(facts, subjects, site, &headings);
    let first = stated.first().map(|title| comparable(title)).unwrap_or_default();
    let chosen = headings
        .iter()
        .find(|heading| stated.iter().any(|title| confirms(title, heading, is_text)))
        .or_else(|| headings.iter().find(|heading| advantage(&heading.words, &first, site) > ADDRESSED))
        .or_else(|| {
            let closest = closest(&headings, &first, is_text)?;
            let ahead = advantage(&closest.words, &first, site);
            let is_section = is_text
                && closest.words.len() * LEAST_PART < first.len()
                && headings.first().is_some_and(|heading| heading.mark.node != closest.mark.node);
            let least = least_share(facts, closest, &stated, is_text, ahead > NEARER);
            let enough = share(&closest.words, &first) >= least;
            (enough && !is_section && ahead > -NOT_ADDRESSED).then_some(closest)
        });
    let trimmed = chosen
        .filter(|heading| !stated.iter().any(|title| comparable(title) == heading.words))
        .and_then(|heading| stated.iter().find(|title| is_within(title, heading, is_text)));
    let text = trimmed.or(chosen.map(|heading| &heading.text)).or(stated.first()).map(|text| {
        let core = core(without_count(text), !is_text && chosen.is_none());
        if site.is_named(core) { text.clone() } else { core.to_owned() }
    });
    Headline {
        text: text.or_else(|| facts.title.as_deref().map(decoded).filter(|text| !text.is_empty())),
        mark: chosen
            .map(|heading| heading.mark)
            .or_else(|| shown_title(facts, &stated))
            .or(headings.first().map(|heading| heading.mark)),
    }
}

/// How much more of the page's address is in one text than in another.
fn advantage(words: &str, others: &str, site: &Site) -> f64 {
    site.share_in_address(words) - site.share_in_address(others)
}

/// The heading in the content that shares most of its words with the stated title. The only heading of a text is its
/// headline wherever it stands.
fn closest<'h>(headings: &'h [Heading], title: &str, is_text: bool) -> Option<&'h Heading> {
    let only = headings
        .first()
        .filter(|first| is_text && headings.iter().all(|heading| heading.words == first.words));
    let central = headings.iter().rev().filter(|heading| heading.is_central());
    central.max_by(|a, b| share(&a.words, title).total_cmp(&share(&b.words, title))).or(only)
}

/// The share of its words that an unconfirmed heading must have in common with the stated title. What two sources
/// state alike is harder to outvote; so is what was written with the site's name behind it, by a shorter heading. One that
/// is nearer to the page's address needs little.
fn least_share(
    facts: &Facts<'_>,
    heading: &Heading,
    stated: &[String],
    is_text: bool,
    is_nearer: bool,
) -> f64 {
    let Some(first) = stated.first().map(|title| comparable(title)) else { return 0.0 };
    let agreed = stated.iter().skip(1).any(|other| comparable(other) == first);
    let was_cut = facts.title.as_deref().is_some_and(|title| comparable(title) != first);
    let is_shorter = heading.words.split(' ').count() < first.split(' ').count();
    match (is_text, agreed) {
        _ if is_nearer => 0.2,
        (true, true) if was_cut && is_shorter => 0.9,
        (true, _) => 0.2,
        (false, false) => 0.4,
        (false, true) => 0.7,
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
        && ((!is_text && begins_with(&heading.words, &title)) || heading.words.ends_with(&title))
}

/// Whether a text begins with another, the last word of that whole: stated titles may be cut off within a word.
fn begins_with(text: &str, start: &str) -> bool {
    text.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// Where the page shows its title other than in a first-level heading.
fn shown_title(facts: &Facts<'_>, stated: &[String]) -> Option<Mark> {
    let stated: Vec<String> = stated.iter().map(|title| comparable(title)).collect();
    let says =
        |mark: &Mark| facts.line(mark, TITLE_SIZE).is_some_and(|text| stated.contains(&comparable(&text)));
    facts.titled.iter().find(|mark| says(mark)).copied()
}

/// The titles that machine-readable sources state, the most trusted first.
fn stated(facts: &Facts<'_>, subjects: &[&Item], site: &Site, headings: &[Heading]) -> Vec<String> {
    let headline = |types: &[&str]| {
        let mut items = subjects.iter().filter(|item| item.is_a(types));
        items.find_map(|item| item.text("headline").or_else(|| item.text("name")))
    };
    let fits = |text: &&str| text.len() <= 2 * TITLE_SIZE;
    let others = [
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
    ];
    let first = facts.title.as_deref().filter(fits).map(decoded);
    let sources: Vec<String> =
        first.into_iter().chain(others.into_iter().flatten().filter(fits).map(plain)).collect();
    let shown = headings.iter().map(|heading| heading.words.clone()).chain(lesser_headings(facts));
    let evidence =
        Evidence { stated: sources.iter().map(|text| comparable(text)).collect(), shown: shown.collect() };
    let titles = sources.iter().map(|text| without_site(text, site, &evidence));
    let says_more = |text: &String| !is_start(text) && (site.is_start || !site.is_named(text));
    titles.filter(|text| !text.is_empty() && text.len() <= TITLE_SIZE && says_more(text)).collect()
}

/// The words of the first headings below the first level that stand in the content.
fn lesser_headings(facts: &Facts<'_>) -> impl Iterator<Item = String> {
    const FIRST: usize = 3;
    let central = facts.titled.iter().filter(|mark| mark.is_central() && !mark.roles.has(Roles::ASIDE));
    central.take(FIRST).filter_map(|mark| facts.line(mark, TITLE_SIZE)).map(|text| comparable(&text))
}

/// First-level headings that are not the site's name, those in the content first.
fn headings(facts: &Facts<'_>, site: &Site) -> Vec<Heading> {
    let read = |mark: &Mark| {
        let text = facts.line(mark, TITLE_SIZE)?;
        let text = text.trim_end_matches([' ', '¶', '§', '#']).to_owned();
        let words = comparable(&text);
        let is_start = site.is_start && announces_start(&text);
        let is_headline = !words.is_empty() && !is_start && !site.is_named(&text) && !leads_home(facts, mark);
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
        || (title.starts_with(heading) && heading.len() * LEAST_PART >= title.len())
        || (is_text && heading.starts_with(&title) && title.len() * LEAST_PART >= heading.len())
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
