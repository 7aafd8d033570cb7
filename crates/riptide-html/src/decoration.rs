//! What decorates content or repeats it, and is not read: drawings of formulas, links by which headings lead to themselves, icons
//! that are written as words, copies of images for browsers without scripts.

use html5ever::local_name;

use crate::base::BaseUrl;
use crate::dom::{Dom, NodeId};
use crate::math::is_drawing;
use crate::media::image_url;
use crate::selection::Selection;

/// Nodes of an element that are looked at: what decorates is small.
const LOOKED_AT: usize = 8;

/// Classes of fonts that show a word as an icon.
const ICON_FONTS: [&str; 8] = [
    "material-icons",
    "material-icons-outlined",
    "material-icons-round",
    "material-icons-sharp",
    "material-icons-two-tone",
    "material-symbols-outlined",
    "material-symbols-rounded",
    "material-symbols-sharp",
];

/// Whether an element only decorates what stands beside it, or repeats it. Without a `base`, images do not count.
pub(crate) fn is_decoration(dom: &Dom, selection: &Selection, base: Option<&BaseUrl>, id: NodeId) -> bool {
    let Some(name) = dom.html_name(id) else { return is_drawing(dom, selection, id) };
    match *name {
        local_name!("a") => is_permalink(dom, id),
        local_name!("noscript") => base.is_some_and(|base| repeats_image(dom, base, id)),
        local_name!("i") | local_name!("span") if is_icon(dom, id) => true,
        _ => is_drawing(dom, selection, id),
    }
}

/// Whether a link is one by which a heading, or the term of a definition, leads to itself, such as `¶`.
fn is_permalink(dom: &Dom, link: NodeId) -> bool {
    let is_mark = |c: char| {
        matches!(c, '#' | '¶' | '§' | '🔗' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{fe0f}')
            || c.is_whitespace()
    };
    let names_something = |id: &NodeId| {
        dom.html_name(*id).is_some_and(|name| {
            matches!(
                *name,
                local_name!("h1")
                    | local_name!("h2")
                    | local_name!("h3")
                    | local_name!("h4")
                    | local_name!("h5")
                    | local_name!("h6")
                    | local_name!("dt")
            )
        })
    };
    let says_more = |heading: NodeId| {
        let mut nodes = dom.descendants(heading);
        let has_words = |id| dom.text(id).is_some_and(|text| !text.chars().all(is_mark));
        nodes.by_ref().take(2 * LOOKED_AT).any(has_words) || nodes.next().is_some()
    };
    dom.attribute(link, &local_name!("href")).is_some_and(|href| href.starts_with('#'))
        && dom.ancestors(link).take(2).find(names_something).is_some_and(says_more)
        && dom.descendants(link).take(LOOKED_AT).all(|id| {
            !dom.is_html(id, &local_name!("img")) && dom.text(id).is_none_or(|text| text.chars().all(is_mark))
        })
        && dom.descendants(link).nth(LOOKED_AT).is_none()
}

/// Whether an element is a word that its font shows as an icon, such as `chevron_right` in Material Symbols. Alone in a cell of
/// a table it says something, such as `check`.
#[must_use]
pub fn is_icon(dom: &Dom, id: NodeId) -> bool {
    let is_cell = |id: &NodeId| dom.is_html(*id, &local_name!("td")) || dom.is_html(*id, &local_name!("th"));
    let is_alone = || {
        let cell = dom.ancestors(id).take(3).find(is_cell);
        cell.filter(|&cell| dom.descendants(cell).nth(LOOKED_AT).is_none())
            .is_some_and(|cell| dom.text_content(cell).trim() == dom.text_content(id).trim())
    };
    let is_name = |text: &str| {
        text.trim().bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    let only_text = || {
        let child = dom.first_child(id).filter(|&child| dom.next_sibling(child).is_none())?;
        dom.text(child)
    };
    dom.attribute(id, &local_name!("class"))
        .is_some_and(|class| class.split_ascii_whitespace().any(|word| ICON_FONTS.contains(&word)))
        && only_text().is_some_and(is_name)
        && !is_alone()
}

/// Whether a `noscript` holds an image that stands beside it, too, for a script to load.
fn repeats_image(dom: &Dom, base: &BaseUrl, noscript: NodeId) -> bool {
    let is_beside = |&id: &NodeId| {
        dom.element(id).is_some() || dom.text(id).is_some_and(|text| !text.trim_ascii().is_empty())
    };
    let Some(copy) = only_image(dom, base, noscript) else { return false };
    let before = std::iter::successors(dom.previous_sibling(noscript), |&id| dom.previous_sibling(id));
    let after = std::iter::successors(dom.next_sibling(noscript), |&id| dom.next_sibling(id));
    [before.take(LOOKED_AT).find(is_beside), after.take(LOOKED_AT).find(is_beside)]
        .into_iter()
        .flatten()
        .filter_map(|id| only_image(dom, base, id))
        .any(|image| without_query(&image) == without_query(&copy))
}

/// The address of the image that an element is or holds, with nothing else to read.
fn only_image(dom: &Dom, base: &BaseUrl, id: NodeId) -> Option<String> {
    let nodes = || std::iter::once(id).chain(dom.descendants(id)).take(LOOKED_AT);
    let has_text = nodes().any(|id| dom.text(id).is_some_and(|text| !text.trim_ascii().is_empty()));
    let has_more = dom.descendants(id).nth(LOOKED_AT).is_some();
    let mut images = nodes().filter(|&id| dom.is_html(id, &local_name!("img")));
    let image = images.next().filter(|_| !has_text && !has_more && images.next().is_none())?;
    image_url(dom, image, base)
}

/// The address of an image without the query of a file, which asks for a size.
fn without_query(url: &str) -> &str {
    const FILES: [&str; 7] = [".avif", ".gif", ".jpeg", ".jpg", ".png", ".svg", ".webp"];
    let path = url.split('?').next().unwrap_or(url);
    if FILES.iter().any(|end| path.ends_with(end)) { path } else { url }
}
