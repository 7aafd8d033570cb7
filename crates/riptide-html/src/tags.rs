//! What HTML's elements are to a reader, by the rendering section of the HTML Standard (§15.3).

use html5ever::{LocalName, local_name, ns};

use crate::dom::{Dom, NodeId};
use crate::math::{is_tex_image, is_tex_script};

/// Declarations of an inline style that are looked at.
const MOST_DECLARATIONS: usize = 32;

/// What an element is to a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nothing in it is for reading: scripts, metadata, form fields, fallbacks of players.
    Unread,
    /// Part of a line of text, of no meaning to the writers.
    Inline,
    /// Starts a line of its own.
    Block,
    Heading(u8),
    Quote,
    List,
    Item,
    /// `dt`
    Term,
    Preformatted,
    Rule,
    LineBreak,
    Table,
    Row,
    Cell,
    Emphasis,
    Strong,
    Struck,
    Code,
    /// `q`
    Quotation,
    Link,
    Image,
    /// `input`, which is read when it is a check box.
    Input,
    /// `math` of MathML, and what holds TeX: scripts of MathJax, images with it as alternative text.
    Formula,
    /// `sup`
    Superscript,
    /// `rt`: how to read what stands before it.
    Reading,
    /// A footnote, which the tag does not tell.
    Note,
    /// Part of a line, but set off from what stands beside it: buttons and labels of form fields.
    Control,
    /// Part of a line, but a line of its own within code.
    Line,
}

impl Kind {
    /// Whether the element starts a line of its own.
    pub(crate) fn is_block(self) -> bool {
        match self {
            Self::Block
            | Self::Heading(_)
            | Self::Quote
            | Self::List
            | Self::Item
            | Self::Term
            | Self::Preformatted
            | Self::Rule
            | Self::LineBreak
            | Self::Table
            | Self::Row
            | Self::Cell
            | Self::Note => true,
            Self::Unread
            | Self::Inline
            | Self::Emphasis
            | Self::Strong
            | Self::Struck
            | Self::Code
            | Self::Quotation
            | Self::Link
            | Self::Image
            | Self::Input
            | Self::Formula
            | Self::Superscript
            | Self::Reading
            | Self::Control
            | Self::Line => false,
        }
    }
}

/// Whether a node is laid out within a line of text: text itself, or an element that does not start a line of its own.
/// Elements that HTML does not know are inline, as in browsers, and so is all of SVG and MathML.
#[must_use]
pub fn is_inline(dom: &Dom, node: NodeId) -> bool {
    if dom.element(node).is_some() { !kind(dom, node).is_block() } else { dom.text(node).is_some() }
}

/// Whether a node is an element that holds nothing to read: scripts, metadata, form fields, fallbacks of players.
/// The writers pass it over.
#[must_use]
pub fn is_unread(dom: &Dom, node: NodeId) -> bool {
    kind(dom, node) == Kind::Unread
}

/// What the element is to a reader; [`Kind::Inline`] for nodes that are no elements.
pub(crate) fn kind(dom: &Dom, node: NodeId) -> Kind {
    let Some(element) = dom.element(node) else { return Kind::Inline };
    match element.name.ns {
        ns!(html) => match element.name.local {
            local_name!("img") if is_tex_image(dom, node) => Kind::Formula,
            local_name!("script") if is_tex_script(dom, node) => Kind::Formula,
            _ => match html_kind(&element.name.local) {
                Kind::Inline if is_styled_as_block(dom, node) => Kind::Block,
                kind => kind,
            },
        },
        ns!(svg) => Kind::Unread,
        ns!(mathml) => match element.name.local {
            local_name!("math") => Kind::Formula,
            local_name!("annotation") | local_name!("annotation-xml") => Kind::Unread,
            _ => Kind::Inline,
        },
        _ => Kind::Inline,
    }
}

/// Whether an inline style makes an element start a line of its own. What floats does not, such as a large first letter.
fn is_styled_as_block(dom: &Dom, node: NodeId) -> bool {
    const BLOCKS: [&str; 5] = ["block", "flex", "grid", "table", "list-item"];
    let Some(style) = dom.attribute(node, &local_name!("style")) else { return false };
    let mut is_block = false;
    for (property, value) in style.split(';').take(MOST_DECLARATIONS).filter_map(|one| one.split_once(':')) {
        let property = property.trim();
        if property.eq_ignore_ascii_case("float") {
            return false;
        }
        is_block |= property.eq_ignore_ascii_case("display")
            && BLOCKS.iter().any(|display| value.trim().eq_ignore_ascii_case(display));
    }
    is_block
}

/// Whether only its style makes an element start a line of its own, so that it may stand within a paragraph.
pub(crate) fn is_block_by_style(dom: &Dom, node: NodeId) -> bool {
    dom.html_name(node).is_some_and(|name| html_kind(name) == Kind::Inline) && is_styled_as_block(dom, node)
}

fn html_kind(name: &LocalName) -> Kind {
    match *name {
        local_name!("h1") => Kind::Heading(1),
        local_name!("h2") => Kind::Heading(2),
        local_name!("h3") => Kind::Heading(3),
        local_name!("h4") => Kind::Heading(4),
        local_name!("h5") => Kind::Heading(5),
        local_name!("h6") => Kind::Heading(6),
        local_name!("blockquote") => Kind::Quote,
        local_name!("ul") | local_name!("ol") | local_name!("menu") | local_name!("dir") => Kind::List,
        local_name!("li") => Kind::Item,
        local_name!("dt") => Kind::Term,
        local_name!("pre") | local_name!("listing") | local_name!("plaintext") | local_name!("xmp") => {
            Kind::Preformatted
        }
        local_name!("hr") => Kind::Rule,
        local_name!("br") => Kind::LineBreak,
        local_name!("table") => Kind::Table,
        local_name!("tr") => Kind::Row,
        local_name!("td") | local_name!("th") => Kind::Cell,
        local_name!("em") | local_name!("i") => Kind::Emphasis,
        local_name!("strong") | local_name!("b") => Kind::Strong,
        local_name!("del") | local_name!("s") | local_name!("strike") => Kind::Struck,
        local_name!("code") | local_name!("kbd") | local_name!("samp") | local_name!("tt") => Kind::Code,
        local_name!("q") => Kind::Quotation,
        local_name!("a") => Kind::Link,
        local_name!("img") => Kind::Image,
        local_name!("sup") => Kind::Superscript,
        local_name!("rt") => Kind::Reading,
        local_name!("button") | local_name!("label") => Kind::Control,
        local_name!("input") => Kind::Input,
        _ if is_unread_name(name) => Kind::Unread,
        _ if is_plain_block(name) => Kind::Block,
        _ => Kind::Inline,
    }
}

/// Elements that hold nothing to read.
fn is_unread_name(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("applet")
            | local_name!("audio")
            | local_name!("canvas")
            | local_name!("datalist")
            | local_name!("embed")
            | local_name!("frameset")
            | local_name!("head")
            | local_name!("iframe")
            | local_name!("map")
            | local_name!("meter")
            | local_name!("noembed")
            | local_name!("noframes")
            | local_name!("object")
            | local_name!("progress")
            | local_name!("script")
            | local_name!("select")
            | local_name!("style")
            | local_name!("template")
            | local_name!("textarea")
            | local_name!("title")
            | local_name!("video")
    )
}

/// Elements that start a line of their own, and no more.
fn is_plain_block(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("address")
            | local_name!("article")
            | local_name!("aside")
            | local_name!("body")
            | local_name!("caption")
            | local_name!("center")
            | local_name!("dd")
            | local_name!("details")
            | local_name!("dialog")
            | local_name!("div")
            | local_name!("dl")
            | local_name!("fieldset")
            | local_name!("figcaption")
            | local_name!("figure")
            | local_name!("footer")
            | local_name!("form")
            | local_name!("header")
            | local_name!("hgroup")
            | local_name!("html")
            | local_name!("legend")
            | local_name!("main")
            | local_name!("nav")
            | local_name!("optgroup")
            | local_name!("option")
            | local_name!("p")
            | local_name!("search")
            | local_name!("section")
            | local_name!("summary")
            | local_name!("tbody")
            | local_name!("tfoot")
            | local_name!("thead")
    )
}
