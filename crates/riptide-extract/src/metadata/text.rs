//! Text as metadata needs it: folded, decoded, comparable, and never more of it than a field can hold.

use html5ever::{LocalName, local_name};
use riptide_html::{Dom, NodeData, NodeId, Visit, is_icon};

/// The text with each run of white space turned into one space, none at the ends; what cannot be seen, such as soft
/// hyphens, is left out.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len().min(256));
    let mut pending = false;
    for c in text.chars().filter(|&c| !is_invisible(c)) {
        if c.is_whitespace() || c.is_control() {
            pending = !folded.is_empty();
            continue;
        }
        if pending {
            folded.push(' ');
            pending = false;
        }
        folded.push(c);
    }
    folded
}

/// Whether a character takes no place in a line.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}' | '\u{00ad}' | '\u{2060}')
}

/// The text of a value that may hold HTML: tags left out, character references decoded, white space folded.
///
/// Values are at times escaped twice; the second layer is taken off too.
pub(crate) fn plain(text: &str) -> String {
    if !text.contains(['&', '<']) {
        return fold(text);
    }
    let mut decoded = text_of_markup(text);
    if decoded.contains('&') && decoded.contains(';') {
        decoded = text_of_markup(&decoded);
    }
    fold(&decoded)
}

/// The text of a value that holds no HTML: character references decoded, two layers of them, white space folded.
pub(super) fn decoded(text: &str) -> String {
    if text.contains('&') { plain(&text.replace('<', "&amp;lt;")) } else { fold(text) }
}

fn text_of_markup(markup: &str) -> String {
    let dom = riptide_html::parse(markup);
    let mut text = String::with_capacity(markup.len());
    for visit in dom.walk(dom.document()) {
        match visit {
            Visit::Enter(node) => text.push_str(dom.text(node).unwrap_or_default()),
            Visit::Leave(node) if dom.html_name(node).is_some_and(is_block) => text.push(' '),
            Visit::Leave(_) => {}
        }
    }
    text
}

/// Lower-cased words of letters and digits, separated by a space: for telling whether two texts say the same.
pub(super) fn comparable(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    let mut pending = false;
    for c in text.chars() {
        if c.is_alphanumeric() {
            if pending && !words.is_empty() {
                words.push(' ');
            }
            pending = false;
            words.extend(c.to_lowercase());
        } else if !matches!(c, '\'' | '’' | '‘' | '®' | '™') {
            pending = true;
        }
    }
    words
}

/// As [`comparable`], without the spaces: `Modern Farmer` and `modernfarmer` become equal.
pub(super) fn squeezed(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The pieces of text below a node, each folded, in document order.
///
/// `None` when they hold more than `limit` bytes: then it is no short line of text.
pub(super) fn pieces(dom: &Dom, node: NodeId, limit: usize) -> Option<Vec<String>> {
    const NODES: usize = 200;
    let mut pieces = Vec::new();
    let mut size = 0;
    let mut walk = dom.walk(node);
    let mut visited = 0;
    while let Some(visit) = walk.next() {
        let Visit::Enter(below) = visit else { continue };
        visited += 1;
        if visited > NODES {
            return None;
        }
        match dom.data(below) {
            NodeData::Text(text) => {
                size += text.trim().len();
                if size > limit {
                    return None;
                }
                let piece = fold(text);
                if !piece.is_empty() {
                    pieces.push(piece);
                }
            }
            NodeData::Element(_) if is_unseen(dom, below) => walk.skip_children(),
            _ => {}
        }
    }
    Some(pieces)
}

/// The text below a node as one line; `None` when it is empty or longer than `limit` bytes.
pub(super) fn line(dom: &Dom, node: NodeId, limit: usize) -> Option<String> {
    const NODES: usize = 400;
    let mut text = String::new();
    let mut walk = dom.walk(node);
    let mut visited = 0;
    while let Some(visit) = walk.next() {
        visited += 1;
        match visit {
            Visit::Enter(below) => match dom.data(below) {
                NodeData::Text(piece) => text.push_str(piece),
                NodeData::Element(_) if is_unseen(dom, below) => walk.skip_children(),
                NodeData::Element(_) if dom.html_name(below).is_some_and(is_block) => text.push(' '),
                _ => {}
            },
            Visit::Leave(below) if dom.html_name(below).is_some_and(is_block) => text.push(' '),
            Visit::Leave(_) => {}
        }
        // White space of the source may double the size of what is seen.
        if text.len() > limit * 2 + 256 || visited > 2 * NODES {
            return None;
        }
    }
    let folded = fold(&text);
    (!folded.is_empty() && folded.len() <= limit).then_some(folded)
}

/// Whether an element says nothing that belongs to a line of text.
pub(super) fn is_unseen(dom: &Dom, id: NodeId) -> bool {
    let is_passed_over = |name: &LocalName| {
        matches!(
            *name,
            local_name!("script")
                | local_name!("style")
                | local_name!("svg")
                | local_name!("button")
                | local_name!("select")
        )
    };
    dom.local_name(id).is_some_and(is_passed_over) || is_icon(dom, id)
}

fn is_block(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("br")
            | local_name!("p")
            | local_name!("div")
            | local_name!("li")
            | local_name!("ul")
            | local_name!("ol")
            | local_name!("tr")
            | local_name!("td")
            | local_name!("th")
            | local_name!("h1")
            | local_name!("h2")
            | local_name!("h3")
            | local_name!("h4")
            | local_name!("h5")
            | local_name!("h6")
            | local_name!("section")
            | local_name!("title")
    )
}
