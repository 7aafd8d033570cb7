//! Parts of a line that a style sets apart, though no space stands between them.

use html5ever::local_name;

use crate::dom::{Dom, NodeId};
use crate::tags::{Kind, kind};

/// Children of an element that are looked at; what has more of them is no row of parts.
const MOST_PARTS: usize = 16;
const MOST_NODES: usize = 4 * MOST_PARTS;
/// Words of a part; with more it is running text.
const MOST_WORDS: usize = 4;
/// Letters with which a word may end: `3` and `rd`, `comment` and `s`.
const LONGEST_ENDING: usize = 2;
/// Nodes of a part that are looked at for its first texts.
const DEEPEST: usize = 6;

/// Whether a part of a line touches the part before it, from which a style sets it apart: a maker and a product, a label
/// and a number. `last` is the character before it.
///
/// Words are split into parts too, to highlight them or to move their letters. Where nothing but parts stands in an
/// element, letters are moved if most parts are single ones. Elsewhere a capital or a digit with more behind it hardly ever
/// goes on with a word.
pub(crate) fn touches_part(dom: &Dom, part: NodeId, last: Option<char>) -> bool {
    let mut before = std::iter::successors(Some(part), |&id| dom.previous_sibling(id)).skip(1);
    last.is_some_and(char::is_alphanumeric)
        && first_text(dom, part).is_some_and(|text| text.starts_with(char::is_alphanumeric))
        && before
            .find(|&id| dom.element(id).is_some() || dom.text(id).is_some())
            .filter(|&before| is_part(dom, before))
            .is_some_and(|before| begins_anew(dom, before, part))
}

fn begins_anew(dom: &Dom, before: NodeId, part: NodeId) -> bool {
    let text = first_text(dom, part).unwrap_or_default();
    let starts_word = text.starts_with(|first: char| first.is_uppercase() || first.is_ascii_digit());
    if starts_word && is_long(text) {
        return texts(dom, before).any(is_long);
    }
    // Scripts without capitals have no spaces between words, or no way to tell. What begins small may go on with a word: its
    // ending, or all but its first letter, which may be set larger.
    let goes_on = !starts_word
        && (!text.starts_with(char::is_lowercase)
            || text.trim_ascii().chars().count() <= LONGEST_ENDING
            || first_text(dom, before).is_some_and(|before| !is_long(before)));
    // Editors split links, but both parts lead to the same place.
    let href = |id| dom.attribute(id, &local_name!("href"));
    let is_one_link = href(part).is_some() && href(part) == href(before);
    !goes_on && !is_one_link && dom.parent(part).is_some_and(|row| is_row(dom, row))
}

/// Whether an element holds parts of a line and nothing else, of which at least half are longer than a letter. Word processors
/// cut running text into parts, too, and some sites addresses; but those hold spaces and colons.
fn is_row(dom: &Dom, row: NodeId) -> bool {
    let (mut parts, mut long) = (0, 0);
    for (at, child) in dom.children(row).enumerate() {
        if dom.text(child).is_some() || at >= MOST_NODES {
            return false;
        }
        if dom.element(child).is_some() {
            parts += 1;
            let is_running = |text: &str| {
                text.starts_with(char::is_whitespace)
                    || text.ends_with(char::is_whitespace)
                    || text.contains("://")
                    || text.split_ascii_whitespace().nth(MOST_WORDS).is_some()
            };
            if parts > MOST_PARTS || !is_part(dom, child) || texts(dom, child).any(is_running) {
                return false;
            }
            long += usize::from(texts(dom, child).any(is_long));
        }
    }
    long * 2 >= parts
}

fn is_part(dom: &Dom, id: NodeId) -> bool {
    dom.element(id).is_some() && matches!(kind(dom, id), Kind::Inline | Kind::Link)
}

fn is_long(text: &str) -> bool {
    text.trim_ascii().chars().nth(1).is_some_and(char::is_alphanumeric)
}

fn first_text(dom: &Dom, part: NodeId) -> Option<&str> {
    texts(dom, part).next()
}

fn texts(dom: &Dom, part: NodeId) -> impl Iterator<Item = &str> {
    dom.descendants(part).take(DEEPEST).filter_map(|id| dom.text(id))
}
