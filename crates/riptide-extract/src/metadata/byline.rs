//! Bylines: finding out that a text is one, and the names in it.

use super::names::{is_credential, is_name};
use super::text::{fold, plain};

/// What a byline starts with, lower-cased; longer ones first.
const MARKERS: &[&str] = &[
    "written and edited by",
    "article written by",
    "originally posted by",
    "contributed by",
    "article by",
    "written by",
    "posted by",
    "published by",
    "authored by",
    "created by",
    "submitted by",
    "reported by",
    "words by",
    "story by",
    "text by",
    "post author",
    "topic author",
    "thread starter",
    "started by",
    "contributors",
    "contributor",
    "author(s)",
    "authors",
    "author",
    "by",
    // German, French, Spanish and Portuguese, Italian, Dutch, Scandinavian
    "geschrieben von",
    "veröffentlicht von",
    "von",
    "écrit par",
    "publié par",
    "par",
    "escrito por",
    "publicado por",
    "por",
    "scritto da",
    "di",
    "geschreven door",
    "door",
    "skrevet af",
    "av",
    "af",
    "autor",
    "auteur",
    "autore",
];

/// What parts two names.
const SEPARATORS: &[&str] = &[", ", ";", " and ", " & ", " with ", " und ", " et ", " y "];

/// What parts the names from what else the line says.
const ENDS: &[&str] = &[" | ", "|", "•", "·", " – ", " — ", " - ", " / ", "(", " on ", " in ", " at "];

/// What says that the names behind it are not those of the authors.
const OTHER_ROLES: &[&str] = &[
    "reviewed",
    "reviewer",
    "fact check",
    "fact-check",
    "edited by",
    "photo",
    "illustrat",
    "image",
    "translated",
];

/// The text behind the words that start a byline; `None` when it does not start with such words.
pub(super) fn after_marker(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let initial = text.bytes().next()?.to_ascii_lowercase();
    // Most texts of a page come through here and start otherwise.
    if matches!(initial, b'f' | b'h'..=b'n' | b'q' | b'u' | b'x'..=b'z' | b'0'..=b'9') {
        return None;
    }
    let of_initial =
        |marker: &&&str| marker.bytes().next().is_some_and(|first| first == initial || !first.is_ascii());
    MARKERS.iter().filter(of_initial).find_map(|marker| {
        let rest = strip_prefix_ignoring_case(text, marker)?;
        let first = rest.chars().next();
        first
            .is_none_or(|c| c.is_whitespace() || c == ':')
            .then(|| rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '-' | '–')))
    })
}

fn strip_prefix_ignoring_case<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    let equal = start.eq_ignore_ascii_case(prefix) || (!prefix.is_ascii() && start.to_lowercase() == prefix);
    equal.then_some(rest)
}

/// Whether a text starts like a byline.
pub(super) fn starts_byline(text: &str) -> bool {
    after_marker(text).is_some_and(|rest| {
        let first = rest.chars().next();
        first.is_none_or(|c| c.is_uppercase() || c.is_numeric() || !c.is_alphabetic()) && rest.len() <= 120
    })
}

/// The names in the pieces of text of an element that is said to hold an author.
///
/// Reading starts behind the words that start a byline, if there are any, and ends where the line turns to other
/// things.
pub(super) fn names_in_pieces(pieces: &[String]) -> Vec<String> {
    let marked = pieces.iter().position(|piece| after_marker(piece).is_some());
    let mut names: Vec<String> = Vec::new();
    let mut joined = true;
    for (index, piece) in pieces.iter().enumerate().skip(marked.unwrap_or(0)) {
        let text = if Some(index) == marked { after_marker(piece).unwrap_or(piece) } else { piece };
        let lower = text.to_lowercase();
        if OTHER_ROLES.iter().any(|role| lower.starts_with(role)) {
            break;
        }
        if text.is_empty() || is_joint(&lower) {
            joined = true;
            continue;
        }
        if !joined || (is_monogram(text) && pieces.len() > index + 1) {
            if names.is_empty() { continue } else { break }
        }
        let rest =
            [", and ", ", ", "and ", "& "].iter().find_map(|joint| text.strip_prefix(joint)).unwrap_or(text);
        let (found, whole) = names_in(rest);
        if found.is_empty() && Some(index) == marked {
            break;
        }
        if !names.is_empty() && found.first().is_some_and(|name| !name.contains(' ')) {
            break;
        }
        for name in found {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        if !whole && !names.is_empty() {
            break;
        }
        joined = names.is_empty()
            || text.ends_with([',', '&', ';'])
            || lower.ends_with(" and")
            || pieces
                .get(index + 1)
                .is_some_and(|next| next.starts_with([',', '&']) || next.starts_with("and "));
    }
    names
}

/// Whether a text only joins what stands around it.
fn is_joint(lower: &str) -> bool {
    let word =
        lower.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '-' | '–' | '—'));
    matches!(word, "" | "&" | "and" | "with" | "und" | "et" | "y")
}

/// Initials, as they stand for a missing portrait.
fn is_monogram(text: &str) -> bool {
    text.chars().count() <= 3 && text.chars().all(char::is_uppercase)
}

/// The names at the start of a text, and whether the text holds nothing else.
fn names_in(text: &str) -> (Vec<String>, bool) {
    let end = ENDS.iter().filter_map(|end| text.find(end)).filter(|&at| at > 0).min();
    let (text, whole) = match end.and_then(|at| text.split_at_checked(at)) {
        Some((text, _)) => (text, false),
        None => (text, true),
    };
    let mut names: Vec<String> = Vec::new();
    for part in split(text) {
        let part = part.trim().trim_end_matches([',', '*', '†']);
        if part.is_empty() {
            continue;
        }
        match names.last_mut() {
            Some(last) if is_credential(part) => {
                last.push_str(", ");
                last.push_str(part);
            }
            // Behind a name a single word is a job, a place or a publisher.
            Some(_) if !part.contains(' ') || !is_name(part) => return (names, false),
            None if !is_name(part) => return (names, false),
            _ => names.push(part.to_owned()),
        }
    }
    (names, whole)
}

fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = first_separator(rest) {
        parts.push(before);
        rest = after;
    }
    parts.push(rest);
    parts
}

fn first_separator(text: &str) -> Option<(&str, &str)> {
    SEPARATORS
        .iter()
        .filter_map(|separator| text.split_once(separator))
        .min_by_key(|(before, _)| before.len())
}

/// The names in a text that a machine-readable source states as author.
pub(super) fn names_stated(text: &str) -> Vec<String> {
    let text = plain(text);
    let text = after_marker(&text).filter(|rest| !rest.is_empty()).unwrap_or(&text);
    if text.contains("://") || text.starts_with("www.") || text.len() > 200 {
        return Vec::new();
    }
    let text = text.trim_matches(|c: char| c == ',' || c == ';' || c == '"' || c.is_whitespace());
    if text.is_empty() || text.contains('@') && !text.contains(' ') && !text.starts_with('@') {
        return Vec::new();
    }
    let (names, whole) = names_in(text);
    if whole && names.len() > 1 && names.iter().all(|name| name.contains(' ')) {
        return names;
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Vec::new();
    }
    vec![fold(text)]
}
