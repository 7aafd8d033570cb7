//! Bylines: finding out that a text is one, and the names in it.

use super::languages::{BYLINE_CLOSERS, BYLINE_OPENERS, JOINTS, REPORTERS, WEAK_JOINTS};
use super::names::{is_credential, is_name};
use super::text::{fold, is_invisible, plain};

/// What parts two names, beside the words that join them.
const SEPARATORS: &[&str] = &[", ", ";", "，", "、", "،", " · ", "ㆍ"];

/// What parts the names from what else the line says.
const ENDS: &[&str] = &[
    " | ", "|", "｜", "•", "·", " – ", " — ", " - ", " / ", "／", "(", "（", " on ", " in ", " at ", " am ",
    " 图", " 圖", " 写真", "報導", "报道", " = ",
];

/// Words of other languages for [`ENDS`], where a number follows.
const ENDS_BEFORE_NUMBERS: &[&str] =
    &[" le ", " el ", " em ", " il ", " op ", " dnia ", " 于", " 於", " في "];

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

/// The text behind the words that start a byline, or before those that end one; `None` when it has no such words.
pub(super) fn after_marker(text: &str) -> Option<&str> {
    let text = text.trim_start_matches(is_blank);
    let initial = text.bytes().next()?.to_ascii_lowercase();
    // Most texts of a page come through here and start otherwise.
    if matches!(initial, b'f' | b'i'..=b'm' | b'q' | b'u' | b'x' | b'z' | b'0'..=b'9') {
        return None;
    }
    let of_initial = |opener: &&&str| {
        let first = opener.bytes().next();
        first.is_some_and(|first| if initial.is_ascii() { first == initial } else { !first.is_ascii() })
    };
    let mut openers = BYLINE_OPENERS.iter().filter(of_initial);
    openers.find_map(|opener| after_opener(text, opener)).or_else(|| {
        text.contains(is_of_closers).then(|| of_reporter(text).or_else(|| before_closer(text))).flatten()
    })
}

/// Whether a character is of a script that puts words for a reporter behind the name.
fn is_of_closers(c: char) -> bool {
    is_east_asian(c) || matches!(c, '\u{900}'..='\u{97f}')
}

/// Han, Kana and Hangul.
fn is_east_asian(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || is_invisible(c)
}

fn after_opener<'t>(text: &'t str, opener: &str) -> Option<&'t str> {
    let bare = opener.trim_end_matches(':');
    let rest = strip_prefix_ignoring_case(text, bare)?;
    let next = rest.trim_start_matches(is_blank).chars().next();
    let ends = if bare.len() < opener.len() {
        matches!(next, Some(':' | '：'))
    } else {
        // Han, Kana and Hangul have no capitals that tell a name from the rest of a word.
        let needs_mark = bare.starts_with(is_east_asian);
        let is_mark = matches!(next, Some(':' | '：' | '/' | '／' | '=' | '＝' | '|' | '｜'));
        (needs_mark && is_mark)
            || (!needs_mark && rest.chars().next().is_none_or(|c| is_blank(c) || matches!(c, ':' | '：')))
    };
    let is_mark =
        |c: char| is_blank(c) || matches!(c, ':' | '：' | '-' | '–' | '/' | '／' | '=' | '＝' | '|' | '｜');
    ends.then(|| rest.trim_start_matches(is_mark))
}

fn strip_prefix_ignoring_case<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    let equal = start.eq_ignore_ascii_case(prefix) || (!prefix.is_ascii() && start.to_lowercase() == prefix);
    equal.then_some(rest)
}

/// The name between the Han word for a reporter and the place behind it. One of the two is set off: `記者会見` is a
/// conference.
fn of_reporter(text: &str) -> Option<&str> {
    const LETTERS: std::ops::RangeInclusive<usize> = 2..=4;
    let text = text.trim_start_matches(['（', '(', '【', '[', '/', '／']);
    let rest = REPORTERS.iter().find_map(|word| text.strip_prefix(word))?;
    let name = rest.trim_start_matches(|c: char| is_blank(c) || matches!(c, ':' | '：' | '/' | '／'));
    let ends = |c: char| is_blank(c) || matches!(c, '/' | '／' | '）' | ')' | '】' | ']' | '|' | '｜');
    let (name, behind) = name.split_at_checked(name.find(ends).unwrap_or(name.len()))?;
    let is_set_off = !rest.starts_with(name) || !behind.is_empty();
    (is_set_off && LETTERS.contains(&name.chars().count())).then_some(name)
}

/// The name before a word such as `기자`: the last one, or two where they are short, in front of it.
fn before_closer(text: &str) -> Option<&str> {
    const LETTERS: usize = 40;
    let at = BYLINE_CLOSERS.iter().filter_map(|word| text.find(word)).min()?;
    let (name, _) = text.split_at_checked(at)?;
    let name = name.rsplit(['=', ']', ')', '】', '｜', '|', '/', '／']).next()?.trim_matches(is_blank);
    (!name.is_empty() && name.chars().count() <= LETTERS).then_some(name)
}

/// Whether a text starts like a byline.
pub(super) fn starts_byline(text: &str) -> bool {
    after_marker(text).is_some_and(|rest| {
        let first = rest.chars().next();
        first.is_none_or(|c| !c.is_lowercase()) && rest.len() <= 120
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
        let (found, whole) = names_in(behind_joint(text));
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
            || ends_in_joint(text)
            || pieces.get(index + 1).is_some_and(|next| behind_joint(next) != next);
    }
    names
}

/// Whether a text only joins what stands around it.
fn is_joint(lower: &str) -> bool {
    let word = lower.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, ',' | '，' | '、' | '،' | ';' | ':' | '-' | '–' | '—')
    });
    word.is_empty() || JOINTS.contains(&word)
}

/// A text without the comma or word at its start that joins it to what stands before.
fn behind_joint(text: &str) -> &str {
    let rest = text.strip_prefix([',', '，', '、', '،']).map_or(text, str::trim_start);
    let joint = rest.split_once(' ').filter(|(word, _)| JOINTS.contains(word));
    joint.map_or(rest, |(_, rest)| rest.trim_start())
}

fn ends_in_joint(text: &str) -> bool {
    text.ends_with([',', '，', '、', '،', '&', ';'])
        || text.rsplit_once(' ').is_some_and(|(_, word)| JOINTS.contains(&word.to_lowercase().as_str()))
}

/// Initials, as they stand for a missing portrait.
fn is_monogram(text: &str) -> bool {
    text.chars().count() <= 3 && text.chars().all(char::is_uppercase)
}

/// The names at the start of a text, and whether the text holds nothing else.
fn names_in(text: &str) -> (Vec<String>, bool) {
    let end = ENDS
        .iter()
        .filter_map(|end| text.find(end))
        .chain(end_before_number(text))
        .filter(|&at| at > 0)
        .min();
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
            Some(_) if !(part.contains(' ') || part.starts_with(is_east_asian)) || !is_name(part) => {
                return (names, false);
            }
            None if !is_name(part) => return (names, false),
            _ => names.push(part.to_owned()),
        }
    }
    (names, whole)
}

/// Where a date begins that a name is followed by.
fn end_before_number(text: &str) -> Option<usize> {
    // Han and Hangul names need no word before the date.
    let space = (!text.starts_with(|c: char| c.is_ascii())).then_some(" ");
    let at_number = |end: &str| {
        let at = text.find(end)?;
        let next = text.get(at + end.len()..)?.chars().next()?;
        next.is_numeric().then_some(at)
    };
    ENDS_BEFORE_NUMBERS.iter().copied().chain(space).filter_map(at_number).min()
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
    let at_marks = SEPARATORS.iter().filter_map(|separator| text.split_once(separator));
    let at_words = JOINTS.iter().filter_map(|joint| at_joint(text, joint));
    at_marks.chain(at_words).chain(at_attached_joint(text)).min_by_key(|(before, _)| before.len())
}

/// Parts a text at a word that joins two names.
fn at_joint<'t>(text: &'t str, joint: &str) -> Option<(&'t str, &'t str)> {
    let mut places = text.match_indices(joint);
    let parted = places.find_map(|(at, joint)| {
        let (before, after) =
            (text.get(..at)?.strip_suffix(' ')?, text.get(at + joint.len()..)?.strip_prefix(' ')?);
        Some((before, after))
    })?;
    let is_two = |part: &str| part.trim().contains(' ');
    let holds = !WEAK_JOINTS.contains(&joint) || (is_two(parted.0) && is_two(parted.1));
    holds.then_some(parted)
}

/// Parts a text where the joint has no space: Japanese と between two names without it, Arabic و before the second
/// name. Names hold these letters too, so both must be clear of them.
fn at_attached_joint(text: &str) -> Option<(&str, &str)> {
    let is_han = |c: char| matches!(c, '\u{3400}'..='\u{9fff}' | '\u{30a0}'..='\u{30ff}');
    let japanese =
        text.split_once('と').filter(|(before, after)| before.ends_with(is_han) && after.starts_with(is_han));
    japanese.or_else(|| {
        text.split_once(" و").filter(|(before, after)| before.contains(' ') && after.trim().contains(' '))
    })
}

/// The names in a text that a machine-readable source states as author.
pub fn names_stated(text: &str) -> Vec<String> {
    let text = plain(text);
    // `Contributors to an encyclopedia` is one name.
    let is_rest = |rest: &&str| {
        !rest.is_empty() && !["to ", "of ", "for ", "at "].iter().any(|word| rest.starts_with(word))
    };
    let text = after_marker(&text).filter(is_rest).unwrap_or(&text);
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
