//! Formulas as MathML that browsers show (MathML Core, <https://www.w3.org/TR/mathml-core/>), with their TeX as annotation.

use html5ever::{LocalName, local_name, ns};

use super::{escape_text, push_attribute};
use crate::dom::{Dom, NodeId, Visit};
use crate::fold::folded;
use crate::math::Formula;

/// Elements that hold text and nothing else here, in order of their names. What is HTML inside them gives way to its text, so that no
/// parser reads the outcome otherwise than it was written.
const TOKENS: &[&str] = &["mi", "mn", "mo", "ms", "mtext"];

/// Elements that hold others, in order of their names.
#[rustfmt::skip]
const LAYOUT: &[&str] = &[
    "menclose", "merror", "mfenced", "mfrac", "mmultiscripts", "mover", "mpadded", "mphantom", "mprescripts",
    "mroot", "mrow", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtr", "munder",
    "munderover", "none",
];

/// Attributes that change what a formula says, in order of their names.
#[rustfmt::skip]
const ATTRIBUTES: &[&str] = &[
    "accent", "accentunder", "close", "columnspan", "fence", "form", "largeop", "linethickness", "mathvariant",
    "movablelimits", "notation", "open", "rowspan", "separators", "stretchy", "width",
];

/// Writes a formula: what its `math` element shows, or its TeX where it has none.
pub(super) fn write(out: &mut String, dom: &Dom, id: NodeId, formula: &Formula) {
    out.push_str("<math");
    if formula.is_display {
        push_attribute(out, "display", "block");
    }
    out.push_str("><semantics><mrow>");
    let before = out.len();
    if dom.element(id).is_some_and(|element| element.name.ns == ns!(mathml)) {
        presentation(out, dom, shown(dom, id));
    }
    if out.len() == before {
        out.push_str("<mtext>");
        escape_text(out, &formula.tex);
        out.push_str("</mtext>");
    }
    out.push_str("</mrow><annotation encoding=\"application/x-tex\">");
    escape_text(out, &formula.tex);
    out.push_str("</annotation></semantics></math>");
}

/// The element whose children are what a `math` element shows: itself, or the one row in it.
fn shown(dom: &Dom, math: NodeId) -> NodeId {
    let only = |parent| {
        let mut children = dom.children(parent).filter(|&child| dom.element(child).is_some());
        children.next().filter(|_| children.next().is_none())
    };
    let is = |node: NodeId, name: &str| dom.local_name(node).is_some_and(|own| &**own == name);
    let first_element = |parent| dom.children(parent).find(|&child| dom.element(child).is_some());
    match only(math) {
        Some(semantics) if is(semantics, "semantics") => {
            first_element(semantics).filter(|&first| is(first, "mrow")).unwrap_or(semantics)
        }
        Some(row) if is(row, "mrow") => row,
        _ => math,
    }
}

/// Writes what is below an element.
fn presentation(out: &mut String, dom: &Dom, parent: NodeId) {
    let mut walk = dom.walk(parent);
    while let Some(visit) = walk.next() {
        let (Visit::Enter(node) | Visit::Leave(node)) = visit;
        let is_entered = matches!(visit, Visit::Enter(_));
        let Some(name) = dom.local_name(node).filter(|_| node != parent) else { continue };
        if is_other_choice(dom, node) {
            if is_entered {
                walk.skip_children();
            }
        } else if TOKENS.binary_search(&&**name).is_ok() {
            if is_entered {
                start_tag(out, dom, node, name);
                escape_text(out, &folded(&dom.text_content(node)));
                walk.skip_children();
            } else {
                end_tag(out, name);
            }
        } else if LAYOUT.binary_search(&&**name).is_ok() {
            if is_entered { start_tag(out, dom, node, name) } else { end_tag(out, name) }
        } else if is_entered && is_annotation(name) {
            walk.skip_children();
        }
    }
}

/// Whether an element is a choice of a `maction` that is not shown: MathML Core shows the first alone.
fn is_other_choice(dom: &Dom, node: NodeId) -> bool {
    let is_choice =
        dom.parent(node).and_then(|parent| dom.local_name(parent)).is_some_and(|name| &**name == "maction");
    is_choice
        && std::iter::successors(dom.previous_sibling(node), |&before| dom.previous_sibling(before))
            .any(|before| dom.element(before).is_some())
}

/// Other forms of a formula than the one that is shown.
fn is_annotation(name: &LocalName) -> bool {
    *name == local_name!("annotation") || *name == local_name!("annotation-xml")
}

fn start_tag(out: &mut String, dom: &Dom, node: NodeId, name: &str) {
    out.push('<');
    out.push_str(name);
    for attribute in dom.attributes(node) {
        let name = &*attribute.name.local;
        if ATTRIBUTES.binary_search(&name).is_ok() {
            push_attribute(out, name, &attribute.value);
        }
    }
    out.push('>');
}

fn end_tag(out: &mut String, name: &str) {
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::BaseUrl;
    use crate::selection::Selection;
    use crate::serialize::to_html;

    fn clean(html: &str) -> String {
        let dom = crate::parse(html);
        let body = dom.find_html(&local_name!("body"));
        to_html(&dom, &Selection::new(&dom, body), &BaseUrl::default())
    }

    fn written(attributes: &str, shown: &str, tex: &str) -> String {
        format!(
            "<math{attributes}><semantics><mrow>{shown}</mrow><annotation encoding=\"application/x-tex\">{tex}</annotation>\
             </semantics></math>"
        )
    }

    #[test]
    fn formulas_are_mathml_with_their_tex() {
        let fraction = "<mfrac><mi>a</mi><mn>2</mn></mfrac>";
        let cases = [
            (format!("<math>{fraction}</math>"), written("", fraction, "\\frac{a}{2}")),
            (
                format!("<math display=block alttext='a/2' class=x><mrow>{fraction}</mrow></math>"),
                written(" display=\"block\"", fraction, "a/2"),
            ),
            (
                format!(
                    "<math><semantics>{fraction}<annotation encoding='application/x-tex'>a \\over 2</annotation>\
                     <annotation-xml encoding='MathML-Content'><apply/></annotation-xml></semantics></math>"
                ),
                written("", fraction, "a \\over 2"),
            ),
            (
                "<p><script type='math/tex; mode=display'>a < b</script>".to_owned(),
                format!("<p>{}</p>", written(" display=\"block\"", "<mtext>a &lt; b</mtext>", "a &lt; b")),
            ),
            (
                "<img class=latex alt='x_1' src=x.png>".to_owned(),
                written("", "<mtext>x_1</mtext>", "x_1"),
            ),
            (
                "<math><mi onclick=x mathvariant=bold href=y>x</mi><mtext><b>if</b> <img src=x onerror=y>so</mtext>\
                 <maction><mn>1</mn><mrow><mn>2</mn></mrow></maction></math>"
                    .to_owned(),
                written(
                    "",
                    "<mi mathvariant=\"bold\">x</mi><mtext>if so</mtext><mn>1</mn>",
                    "\\mathbf{x}\\text{if so}1",
                ),
            ),
        ];
        for (html, expected) in cases {
            let once = clean(&html);
            assert_eq!(once, expected, "{html}");
            assert_eq!(clean(&once), once, "{html}");
        }
    }

    #[test]
    fn the_names_are_sorted_for_the_search() {
        for names in [TOKENS, LAYOUT, ATTRIBUTES] {
            assert!(names.is_sorted());
        }
    }

    proptest::proptest! {
        #[test]
        fn no_mathml_smuggles_html(inside in "(<(/)?(mi|mtext|mrow|mglyph|malignmark|annotation-xml encoding=text/html|style|b|svg|img src=x onerror=y|title|semantics)>|[a-z<&]){0,12}") {
            let once = clean(&format!("<math>{inside}</math>"));
            let is_smuggled = |name| once.contains(name);
            proptest::prop_assert!(!["<img", "<style", "<svg", "<mglyph", "<annotation-xml"].into_iter().any(is_smuggled), "{once}");
            proptest::prop_assert_eq!(clean(&once), once);
        }
    }
}
