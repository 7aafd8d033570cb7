//! Formulas in TeX, and the drawings of them that stand beside it.

use html5ever::{LocalName, local_name, ns};

use crate::dom::{Dom, NodeId};
use crate::fold::folded;
use crate::mathml;
use crate::selection::Selection;

/// A formula in TeX.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Formula {
    pub(crate) tex: String,
    /// Whether it is set on a line of its own.
    pub(crate) is_display: bool,
}

/// The formula of a [`crate::tags::Kind::Formula`] element, unless it is empty: the TeX that the page still has of it, which
/// is MathML's own annotation, alternative text or the attribute of MathJax 4, the script of MathJax 2 or the alternative text
/// of an image; else MathML put into TeX.
pub(crate) fn formula(dom: &Dom, id: NodeId) -> Option<Formula> {
    let (tex, is_display) = if dom.is_html(id, &local_name!("script")) {
        let kind = dom.attribute(id, &local_name!("type")).unwrap_or_default();
        (dom.text_content(id), kind.contains("mode=display"))
    } else if dom.is_html(id, &local_name!("img")) {
        let is_display = class_words(dom, id).any(|word| word.ends_with("-display"));
        (dom.attribute(id, &local_name!("alt"))?.to_owned(), is_display)
    } else {
        (math_tex(dom, id), dom.attribute(id, &local_name!("display")) == Some("block"))
    };
    let tex = folded(without_style(&tex));
    if tex.is_empty() { None } else { Some(Formula { tex, is_display }) }
}

/// The first formula that a text writes in TeX, with what stands before and behind it: between `\(` and `\)`, and, on a line of its
/// own, between `\[` and `\]` or double dollar signs. Regular expressions, paths and prices have these, too, but within words or
/// around them.
pub(crate) fn tex_in(text: &str) -> Option<(&str, Formula, &str)> {
    const DELIMITERS: [(&str, &str); 3] = [("\\(", "\\)"), ("\\[", "\\]"), ("$$", "$$")];
    const LONGEST: usize = 1000;
    memchr::memchr2_iter(b'\\', b'$', text.as_bytes()).find_map(|at| {
        let (before, here) = text.split_at_checked(at)?;
        let (open, close) = DELIMITERS.iter().find(|(open, _)| here.starts_with(open))?;
        let inside = here.get(open.len()..)?;
        let window = inside.as_bytes().get(..LONGEST).unwrap_or(inside.as_bytes());
        let tex = inside.get(..memchr::memmem::find(window, close.as_bytes())?)?;
        let is_display = *open != "\\(";
        let after = inside.get(tex.len() + close.len()..)?;
        let is_formula = !tex.trim().is_empty()
            && !tex.contains('$')
            && (*open != "$$"
                || tex.contains(['\\', '^', '{'])
                || !tex.starts_with(' ') && tex.contains(['_', '=']));
        let ends = |c: char| {
            c.is_whitespace()
                || matches!(
                    c,
                    '.' | ',' | ';' | ':' | '!' | '?' | ')' | ']' | '-' | '–' | '—' | '\'' | '’' | '"' | '”'
                )
        };
        let starts =
            |c: char| c.is_whitespace() || matches!(c, '(' | '[' | '-' | '–' | '—' | '"' | '“' | '‘');
        let is_set_off = before.chars().next_back().is_none_or(|c| starts(c) || !c.is_ascii())
            && after.chars().next().is_none_or(|c| ends(c) || !c.is_ascii());
        (is_formula && is_set_off).then(|| (before, Formula { tex: folded(tex), is_display }, after))
    })
}

fn math_tex(dom: &Dom, math: NodeId) -> String {
    let annotation = dom.descendants(math).find(|&id| {
        dom.local_name(id) == Some(&local_name!("annotation"))
            && dom.attribute(id, &local_name!("encoding")).is_some_and(|encoding| {
                matches!(encoding, "application/x-tex" | "application/x-latex" | "text/x-tex")
            })
    });
    match annotation {
        Some(annotation) => dom.text_content(annotation),
        None => dom
            .attribute(math, &LocalName::from("alttext"))
            .or_else(|| dom.attribute(math, &LocalName::from("data-latex")))
            .map_or_else(|| mathml::tex(dom, math), str::to_owned),
    }
}

/// MediaWiki wraps each formula in a group that sets its size.
fn without_style(tex: &str) -> &str {
    let tex = tex.trim();
    ["{\\displaystyle ", "{\\textstyle "]
        .into_iter()
        .find_map(|style| tex.strip_prefix(style)?.strip_suffix('}'))
        .unwrap_or(tex)
}

/// Whether a `script` holds a formula for MathJax 2.
pub(crate) fn is_tex_script(dom: &Dom, id: NodeId) -> bool {
    dom.is_html(id, &local_name!("script"))
        && dom.attribute(id, &local_name!("type")).is_some_and(|kind| kind.starts_with("math/tex"))
}

/// Whether an `img` is the picture of a formula, with its TeX as alternative text.
pub(crate) fn is_tex_image(dom: &Dom, img: NodeId) -> bool {
    let is_tex = |word: &str| matches!(word, "latex" | "tex") || word.starts_with("mwe-math-fallback-image");
    class_words(dom, img).any(is_tex)
        && dom.attribute(img, &local_name!("alt")).is_some_and(|alt| !alt.trim_ascii().is_empty())
}

/// Whether an element only draws a formula that stands beside it as MathML or TeX: what KaTeX and MathJax show, and the
/// images of MediaWiki.
pub(crate) fn is_drawing(dom: &Dom, selection: &Selection, id: NodeId) -> bool {
    let Some(class) = dom.attribute(id, &local_name!("class")) else {
        return dom.is_html(id, &local_name!("nobr"))
            && next_element(dom, id).is_some_and(|next| is_assistive(dom, selection, next));
    };
    class.split_ascii_whitespace().any(|word| match word {
        "katex-html" => previous_element(dom, id).is_some_and(|previous| {
            class_words(dom, previous).any(|word| word == "katex-mathml") && !selection.is_dropped(previous)
        }),
        "mjx-chtml" => precedes_tex_script(dom, id),
        _ if word.starts_with("MathJax") => precedes_tex_script(dom, id),
        _ if word.starts_with("mwe-math-fallback-image") => previous_element(dom, id)
            .is_some_and(|previous| !selection.is_dropped(previous) && holds_math(dom, previous)),
        _ => false,
    })
}

/// MathJax puts a preview, then the drawing, then the script.
fn precedes_tex_script(dom: &Dom, id: NodeId) -> bool {
    let mut next = next_element(dom, id);
    for _ in 0..2 {
        match next {
            Some(element) if is_tex_script(dom, element) => return true,
            Some(element) => next = next_element(dom, element),
            None => return false,
        }
    }
    false
}

fn is_assistive(dom: &Dom, selection: &Selection, id: NodeId) -> bool {
    class_words(dom, id).any(|word| word == "MJX_Assistive_MathML") && !selection.is_dropped(id)
}

fn holds_math(dom: &Dom, id: NodeId) -> bool {
    let is_math = |id| dom.element(id).is_some_and(|element| element.name.ns == ns!(mathml));
    is_math(id) || dom.children(id).any(is_math)
}

fn next_element(dom: &Dom, id: NodeId) -> Option<NodeId> {
    let next = dom.next_sibling(id)?;
    if dom.element(next).is_some() { Some(next) } else { dom.next_sibling(next) }
        .filter(|&next| dom.element(next).is_some())
}

fn previous_element(dom: &Dom, id: NodeId) -> Option<NodeId> {
    let previous = dom.previous_sibling(id)?;
    if dom.element(previous).is_some() { Some(previous) } else { dom.previous_sibling(previous) }
        .filter(|&previous| dom.element(previous).is_some())
}

fn class_words(dom: &Dom, id: NodeId) -> impl Iterator<Item = &str> {
    dom.attribute(id, &local_name!("class")).unwrap_or_default().split_ascii_whitespace()
}
