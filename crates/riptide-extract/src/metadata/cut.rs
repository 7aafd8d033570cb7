//! Cuts a stated title down to what it says about the page: without the site's name, its sections and its praise.

use super::site::Site;
use super::text::comparable;

/// What sites put between a title and their name.
const SEPARATORS: &[&str] = &[
    " | ", " - ", " – ", " — ", " · ", " » ", " « ", " :: ", " : ", " • ", " / ", " < ", " > ", " ~ ", "| ",
    " |",
];
/// A text that is less than one part in so many of another does not stand for it.
pub(super) const LEAST_PART: usize = 4;
/// What start pages call themselves beside the site's name.
const START_PAGES: &[&str] = &[
    "home",
    "homepage",
    "home page",
    "start",
    "startseite",
    "accueil",
    "inicio",
    "início",
    "página inicial",
    "pagina iniziale",
    "strona główna",
    "главная",
    "ana sayfa",
    "anasayfa",
    "首页",
    "首頁",
    "ホーム",
    "홈",
    "الرئيسية",
];

/// What the page says elsewhere: whoever repeats a part of a title word for word confirms that the rest is none of it.
pub(super) struct Evidence {
    /// The words of all stated titles.
    pub(super) stated: Vec<String>,
    /// The words of the headings that the page shows.
    pub(super) shown: Vec<String>,
}

impl Evidence {
    /// A heading that is only a small part of the title confirms nothing: `Science` may be where the page stands.
    fn confirms(&self, part: &str, title: &str) -> bool {
        let words = comparable(part);
        self.stated.contains(&words)
            || (words.len() * LEAST_PART >= title.len() && self.shown.contains(&words))
    }
}

/// Cuts the name of the site off either end of a title.
///
/// A part goes when it is the site's name, or when the rest is confirmed. A start page may begin with the site's name:
/// that is what it is about.
pub(super) fn without_site(title: &str, site: &Site, evidence: &Evidence) -> String {
    let mut title = title.trim();
    while let Some(rest) = cut(title, site, evidence) {
        title = rest;
    }
    title.to_owned()
}

fn cut<'t>(title: &'t str, site: &Site, evidence: &Evidence) -> Option<&'t str> {
    let is_title = |rest: &str| comparable(rest).len() > 1 && evidence.confirms(rest, title);
    let behind_colon = title
        .match_indices(": ")
        .filter_map(|(at, colon)| title.get(at + colon.len()..))
        .find(|rest| is_title(rest));
    let behind_bracket = title
        .strip_prefix('[')
        .and_then(|title| title.split_once("] "))
        .map(|(_, rest)| rest.trim_start_matches(['-', '–', '—', '|', ':', ' ']))
        .filter(|rest| is_title(rest));
    let kept = behind_colon.or(behind_bracket).or_else(|| {
        SEPARATORS.iter().find_map(|separator| {
            let after = title.rsplit_once(separator).filter(|(rest, part)| {
                let is_title_of_start = site.is_start && is_start(rest);
                comparable(rest).len() > 1
                    && !is_title_of_start
                    && (site.is_named_roughly(part) || is_title(rest))
            });
            let before = title.split_once(separator).filter(|(part, rest)| {
                let is_site = if site.is_start { is_start(part) } else { site.is_named(part) };
                comparable(rest).len() > 1 && (is_site || is_title(rest))
            });
            after.map(|(rest, _)| rest).or(before.map(|(_, rest)| rest))
        })
    });
    kept.map(str::trim)
}

/// Whether a heading only says that this is the start of a site: `Homepage`, `Quayside Homepage`.
pub(super) fn announces_start(heading: &str) -> bool {
    is_start(heading) || heading.trim().rsplit_once(' ').is_some_and(|(_, last)| is_start(last))
}

/// A title without the count of what the page lists, as in `Trail shoes (158 items)`.
pub(super) fn without_count(title: &str) -> &str {
    const MOST_WORDS: usize = 2;
    let counted = title.strip_suffix(')').and_then(|title| title.rsplit_once(" ("));
    let is_count = |inner: &str| {
        let (number, what) = inner.split_once(' ')?;
        let digits = number.chars().filter(char::is_ascii_digit).count();
        let is_number = digits > 0 && number.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '.'));
        let is_year = digits == 4 && (number.starts_with("19") || number.starts_with("20"));
        let is_what =
            what.split(' ').count() <= MOST_WORDS && what.chars().all(|c| c.is_alphabetic() || c == ' ');
        Some(is_number && !is_year && is_what)
    };
    match counted {
        Some((title, inner)) if is_count(inner) == Some(true) => title.trim_end(),
        _ => title,
    }
}

/// Whether a text is what start pages call themselves.
pub(super) fn is_start(part: &str) -> bool {
    START_PAGES.contains(&part.trim().to_lowercase().as_str())
}

/// What stands before the first vertical bar, if that is more than a word: behind it come sections and names. What no
/// heading shows and is nobody's text has praise behind a dash too.
pub(super) fn core(title: &str, has_praise: bool) -> &str {
    let bars: &[&str] = if has_praise { &[" | ", " - ", " – ", " — "] } else { &[" | "] };
    let starts = bars.iter().filter_map(|bar| title.split_once(bar)).map(|(before, _)| before.trim());
    starts.filter(|before| before.contains(' ')).min_by_key(|before| before.len()).unwrap_or(title)
}
