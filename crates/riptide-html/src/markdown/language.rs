//! The programming language of a code block.

use html5ever::local_name;

use crate::dom::{Dom, NodeId};

/// Class names that a language follows. The last one names a wrapper in some documentation tools.
const PREFIXES: [&str; 4] = ["language-", "lang-", "highlight-source-", "highlight-"];

/// The language that a `pre` element, the `code` in it or a wrapper around it names.
pub(crate) fn language(dom: &Dom, pre: NodeId) -> Option<&str> {
    let code = dom.children(pre).find(|&child| dom.element(child).is_some());
    [pre].into_iter().chain(code).chain(dom.ancestors(pre).take(2)).find_map(|id| named(dom, id))
}

fn named(dom: &Dom, id: NodeId) -> Option<&str> {
    let data = dom
        .attributes(id)
        .iter()
        .find(|attribute| matches!(&*attribute.name.local, "data-lang" | "data-language"));
    if let Some(attribute) = data {
        return usable(&attribute.value);
    }
    let mut classes = dom.attribute(id, &local_name!("class"))?.split_ascii_whitespace();
    while let Some(class) = classes.next() {
        if class == "brush:" {
            return classes.next().map(|name| name.trim_end_matches(';')).and_then(usable);
        }
        if let Some(name) = PREFIXES.iter().find_map(|prefix| class.strip_prefix(prefix)) {
            return usable(name);
        }
    }
    None
}

/// A name that may stand behind a fence; `none` and its like say that there is no language.
fn usable(name: &str) -> Option<&str> {
    const LONGEST: usize = 32;
    let is_name = !name.is_empty()
        && name.len() <= LONGEST
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'#' | b'.' | b'_' | b'-'));
    if is_name && !matches!(name, "none" | "default" | "no-highlight") { Some(name) } else { None }
}
