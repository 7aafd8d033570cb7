//! The site that the page belongs to.

use url::Url;

use super::facts::Facts;
use super::text::{plain, squeezed};

/// Words that a site's name may have or not.
const GENERIC: &[&str] = &[
    "the",
    "of",
    "and",
    "for",
    "blog",
    "forum",
    "forums",
    "community",
    "documentation",
    "docs",
    "news",
    "official",
    "site",
    "website",
    "homepage",
    "magazine",
    "us",
    "uk",
    "inc",
    "llc",
    "ltd",
    "gmbh",
];

/// All that a site may call itself.
#[derive(Debug)]
pub(super) struct Site {
    /// The name as the page states it.
    pub(super) name: Option<String>,
    /// Whether the page is the one that the site starts with.
    pub(super) is_start: bool,
    /// The words of the last part of the page's address that has any, lower-cased.
    slug: Vec<String>,
    /// Stated names and the labels of the host, in lower-case letters and digits alone.
    squeezed: Vec<String>,
}

impl Site {
    pub(super) fn of(facts: &Facts<'_>, url: &str) -> Self {
        let mut squeezed = stated_names(facts);
        let url = Url::parse(url).ok();
        if let Some(host) = url.as_ref().and_then(Url::host_str) {
            squeezed.extend(host_names(host));
        }
        squeezed.retain(|name| name.len() > 1);
        squeezed.sort_unstable();
        squeezed.dedup();
        Self {
            name: name(facts),
            is_start: url
                .as_ref()
                .is_some_and(|url| url.has_host() && matches!(url.path(), "/" | "/index.html")),
            slug: url.as_ref().map(slug).unwrap_or_default(),
            squeezed,
        }
    }

    /// Whether a text is the site's name, however it is spaced and cased.
    pub(super) fn is_named(&self, text: &str) -> bool {
        let text = squeezed(text);
        !text.is_empty() && self.squeezed.contains(&text)
    }

    /// The share of the words of the page's address that are in a text; 0 when the address has hardly any.
    pub(super) fn share_in_address(&self, comparable: &str) -> f64 {
        const LEAST: usize = 2;
        if self.slug.len() < LEAST {
            return 0.0;
        }
        let words: Vec<&str> = comparable.split(' ').collect();
        let known = self.slug.iter().filter(|word| words.contains(&word.as_str())).count();
        known as f64 / self.slug.len() as f64
    }

    /// Whether a few words are the site's name with more or less about it: `Example Forums`, `Example US`, its initials.
    /// A mere number, such as a year, is none.
    pub(super) fn is_named_roughly(&self, text: &str) -> bool {
        const WORDS: usize = 6;
        const LETTERS: usize = 4;
        if self.is_named(text) {
            return true;
        }
        let words = text.split_whitespace().count();
        let telling = text.split_whitespace().filter(|word| !GENERIC.contains(&squeezed(word).as_str()));
        let initials: String = telling.clone().filter_map(|word| word.chars().next()).collect();
        let (text, initials) = (squeezed(&telling.collect::<String>()), squeezed(&initials));
        let is_number = text.chars().all(|c| c.is_ascii_digit());
        words <= WORDS
            && !is_number
            && self.squeezed.iter().any(|name| {
                *name == text
                    || (name.len() >= LETTERS && text.contains(name.as_str()))
                    || (text.len() >= LETTERS && name.contains(text.as_str()))
                    || (initials.len() >= 3 && initials == *name)
            })
    }
}

fn name(facts: &Facts<'_>) -> Option<String> {
    let item = |types: &[&str]| {
        facts.items.items().iter().filter(|item| item.is_a(types)).find_map(|item| item.text("name"))
    };
    let stated = facts
        .meta(&["og:site_name"])
        .or_else(|| item(&["WebSite"]))
        .or_else(|| facts.meta(&["application-name", "apple-mobile-web-app-title", "dc.publisher"]))
        .or_else(|| item(&["NewsMediaOrganization", "Organization"]));
    stated.map(plain).filter(|name| !name.is_empty())
}

fn stated_names(facts: &Facts<'_>) -> Vec<String> {
    /// A page that names more organizations lists them.
    const NAMES: usize = 64;
    const NAME_SIZE: usize = 120;
    const META: &[&str] =
        &["og:site_name", "application-name", "apple-mobile-web-app-title", "dc.publisher", "publisher"];
    let publishers = facts.items.items().iter().filter(|item| {
        item.is_a(&["WebSite"])
            || item.role() == Some("publisher")
            || item.types.iter().any(|name| name.ends_with("Organization"))
    });
    META.iter()
        .flat_map(|name| facts.all_meta(name))
        .chain(publishers.flat_map(|item| {
            ["name", "alternateName", "legalName"].into_iter().filter_map(|property| item.text(property))
        }))
        .filter(|name| name.len() <= NAME_SIZE)
        .take(NAMES)
        .map(|name| squeezed(&plain(name)))
        .collect()
}

/// `www.blog.example.co.uk`: the whole, and each label that is more than a suffix.
fn host_names(host: &str) -> Vec<String> {
    const COMMON: &[&str] = &[
        "www", "com", "blog", "forum", "forums", "shop", "store", "docs", "help", "support", "news", "learn",
    ];
    let host = host.strip_prefix("www.").unwrap_or(host);
    let labels: Vec<&str> = host.split('.').collect();
    let telling = labels.iter().rev().skip(1).filter(|label| label.len() > 2 && !COMMON.contains(label));
    let mut names: Vec<String> = telling.map(|label| squeezed(label)).collect();
    names.push(squeezed(host));
    if let [.., second, top] = labels.as_slice() {
        names.push(squeezed(&format!("{second}{top}")));
    }
    names
}

/// The words of the last segment of a path that has any.
fn slug(url: &Url) -> Vec<String> {
    const WORDS: usize = 32;
    let last = url.path_segments().and_then(|segments| segments.rev().find(|segment| !segment.is_empty()));
    let last = last.unwrap_or_default();
    let words = last.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.take(WORDS).map(str::to_ascii_lowercase).collect()
}
