//! robots.txt: what a site asks of crawlers (RFC 9309, the Robots Exclusion Protocol).
//!
//! Where the RFC leaves room, Google's parser is followed, which site owners write for: lines with a blank for the colon,
//! frequent misspellings, a broken byte order mark, and names that go on after the product token.

mod lines;
mod pattern;
mod token;

use std::time::Duration;

use lines::{Agent, Line};
use pattern::{Path, Pattern};
pub use token::{InvalidProductToken, ProductToken};

/// How much of a file is read, in octets: 500 KiB, as much as RFC 9309, section 2.5, asks for.
pub(crate) const SIZE_LIMIT: usize = 500 * 1024;

/// What a site asks of crawlers. The default asks nothing.
#[derive(Debug, Clone, Default)]
pub struct Robots {
    groups: Vec<Group>,
    sitemaps: Vec<String>,
}

/// Rules that are for the same crawlers.
#[derive(Debug, Clone, Default)]
struct Group {
    agents: Vec<Agent>,
    rules: Vec<Rule>,
    /// Each with the number of agents that were named before it.
    delays: Vec<(usize, Duration)>,
}

#[derive(Debug, Clone)]
struct Rule {
    allows: bool,
    pattern: Pattern,
}

impl Robots {
    /// What a server's answer to `GET /robots.txt` means, by its status (RFC 9309, section 2.3.1). `body` is what came,
    /// after decompression.
    ///
    /// - 2xx: the file is [parsed](Self::parse).
    /// - 3xx: redirects are the fetcher's to follow, up to five. One that is left stands for a file that is not there.
    /// - 4xx: there is no file, and [all is allowed](Self::allow_all); but 429 is a server that is overloaded, as Google
    ///   has it.
    /// - Anything else: the file [cannot be reached](Self::disallow_all).
    #[must_use]
    pub fn from_status(status: u16, body: &[u8]) -> Self {
        match status {
            200..=299 => Self::parse(body),
            429 => Self::disallow_all(),
            300..=499 => Self::allow_all(),
            _ => Self::disallow_all(),
        }
    }

    /// Parses a file. Any octets can be given: lines that say nothing known are passed over. Of what is longer than 500 KiB
    /// the lines that end before that are read.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        let mut robots = Self::default();
        for line in lines::lines(complete_lines(bytes)) {
            match line {
                Line::Sitemap(address) => robots.sitemaps.push(address),
                Line::Agent(agent) => match robots.groups.last_mut() {
                    Some(group) if group.rules.is_empty() => group.agents.push(agent),
                    _ => robots.groups.push(Group { agents: vec![agent], ..Group::default() }),
                },
                Line::Rule { allows, path } => {
                    if let Some(group) = robots.groups.last_mut() {
                        group.add_rule(allows, &path);
                    }
                }
                Line::CrawlDelay(delay) => {
                    if let Some(group) = robots.groups.last_mut() {
                        group.delays.push((group.agents.len(), delay));
                    }
                }
            }
        }
        robots
    }

    /// For a site without a file: everything may be fetched.
    #[must_use]
    pub fn allow_all() -> Self {
        Self::default()
    }

    /// For a site whose file cannot be reached: nothing may be fetched (RFC 9309, section 2.3.1.4).
    #[must_use]
    pub fn disallow_all() -> Self {
        Self::parse(b"User-agent: *\nDisallow: /\n")
    }

    /// Whether `agent` may fetch `path_and_query`, as it stands in a URL: `/a?b=c`.
    ///
    /// The rules of all groups that name the agent count, or those for `*` if none does. The longest pattern that matches
    /// decides, and of two that are as long the one that allows. `/robots.txt` is always allowed.
    ///
    /// Takes time in proportion to the length of the rules plus that of the path for each of them.
    #[must_use]
    pub fn allows(&self, agent: &ProductToken, path_and_query: &str) -> bool {
        let path = Path::of(path_and_query);
        if path.is_robots_txt() {
            return true;
        }
        let (mut length, mut allowed) = (0, true);
        for rule in self.groups_of(agent).flat_map(|(group, _)| &group.rules) {
            let is_stronger = rule.pattern.len() > length || rule.pattern.len() == length && rule.allows;
            if is_stronger && rule.covers(&path) {
                (length, allowed) = (rule.pattern.len(), rule.allows);
            }
        }
        allowed
    }

    /// How long `agent` is asked to wait between two requests (`Crawl-delay`, in no standard but widely used). The longest
    /// if there are several.
    #[must_use]
    pub fn crawl_delay(&self, agent: &ProductToken) -> Option<Duration> {
        self.groups_of(agent)
            .flat_map(|(group, place)| group.delays.iter().filter(move |(named, _)| place < *named))
            .map(|(_, delay)| *delay)
            .max()
    }

    /// The addresses of sitemaps, as written and in their order. They should be absolute, and may lead anywhere.
    #[must_use]
    pub fn sitemaps(&self) -> &[String] {
        &self.sitemaps
    }

    /// The groups for an agent, with its place among those that each is for.
    fn groups_of(&self, agent: &ProductToken) -> impl Iterator<Item = (&Group, usize)> {
        let named = |group: &Group| group.agents.iter().position(|named| named.is(agent));
        let is_named = self.groups.iter().any(|group| named(group).is_some());
        self.groups.iter().filter_map(move |group| {
            let place = if is_named {
                named(group)
            } else {
                group.agents.iter().position(|agent| *agent == Agent::Everyone)
            };
            Some((group, place?))
        })
    }
}

impl Group {
    fn add_rule(&mut self, allows: bool, path: &[u8]) {
        let pattern = Pattern::of(path);
        if allows && let Some(folder) = pattern.folder_of_index_page() {
            self.rules.push(Rule { allows, pattern: folder });
        }
        self.rules.push(Rule { allows, pattern });
    }
}

impl Rule {
    /// Where a path can be read in two ways, a rule that disallows covers both.
    fn covers(&self, path: &Path) -> bool {
        self.pattern.matches(path) || !self.allows && self.pattern.matches_decoded(path)
    }
}

/// A file without what is over the limit. A line that was cut could allow or disallow more than it says.
fn complete_lines(bytes: &[u8]) -> &[u8] {
    let Some((kept, _)) = bytes.split_at_checked(SIZE_LIMIT + 1) else { return bytes };
    let end = kept.iter().rposition(|octet| matches!(octet, b'\n' | b'\r')).unwrap_or(0);
    kept.get(..end).unwrap_or_default()
}
