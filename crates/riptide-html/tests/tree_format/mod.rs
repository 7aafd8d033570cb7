//! Trees as text, in the format of html5lib's tree-construction tests: a line for each node and attribute, indented by
//! two spaces a level, attributes sorted, template contents under a line of their own.
//!
//! One writer for RipTide's tree and one for html5ever's reference tree, so that the two can be compared. Shared by the
//! test beside it and by `cargo xtask conformance`.

use html5ever::tendril::TendrilSink as _;
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{Attribute, ParseOpts, QualName, ns};
use markup5ever_rcdom::{Handle, NodeData as ReferenceData, RcDom};
use riptide_html::{Dom, NodeData, NodeId};

/// Parses with html5ever into its own tree, under the options that RipTide parses under, and prints the outcome.
pub(crate) fn of_reference_parse(html: &str) -> String {
    let tree_builder = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
    let options = ParseOpts { tree_builder, ..ParseOpts::default() };
    of_reference(&html5ever::parse_document(RcDom::default(), options).one(html))
}

/// Prints RipTide's tree.
pub(crate) fn of_dom(dom: &Dom) -> String {
    let mut output = Output::default();
    let mut open = Vec::new();
    let descend = |open: &mut Vec<(NodeId, usize)>, node, depth| {
        let mark = open.len();
        open.extend(dom.children(node).map(|child| (child, depth)));
        reverse_from(open, mark);
    };
    descend(&mut open, dom.document(), 0);
    while let Some((node, depth)) = open.pop() {
        descend(&mut open, node, depth + 1);
        match dom.data(node) {
            NodeData::Document | NodeData::Fragment => output.line(depth, "content"),
            NodeData::Doctype { name, public_id, system_id } => {
                output.doctype(depth, name, public_id, system_id)
            }
            NodeData::Text(text) => output.line(depth, &format!("\"{text}\"")),
            NodeData::Comment(text) => output.line(depth, &format!("<!-- {text} -->")),
            NodeData::ProcessingInstruction { target, data } => {
                output.line(depth, &format!("<?{target} {data}>"))
            }
            NodeData::Element(element) => {
                output.element(depth, &element.name, dom.attributes(node));
                open.extend(element.template_contents.map(|contents| (contents, depth + 1)));
            }
        }
    }
    output.0
}

fn of_reference(dom: &RcDom) -> String {
    let mut output = Output::default();
    let mut open = Vec::new();
    let descend = |open: &mut Vec<(Handle, usize)>, node: &Handle, depth| {
        let mark = open.len();
        open.extend(node.children.borrow().iter().map(|child| (child.clone(), depth)));
        reverse_from(open, mark);
    };
    descend(&mut open, &dom.document, 0);
    while let Some((node, depth)) = open.pop() {
        descend(&mut open, &node, depth + 1);
        match &node.data {
            ReferenceData::Document => output.line(depth, "content"),
            ReferenceData::Doctype { name, public_id, system_id } => {
                output.doctype(depth, name, public_id, system_id);
            }
            ReferenceData::Text { contents } => output.line(depth, &format!("\"{}\"", contents.borrow())),
            ReferenceData::Comment { contents } => output.line(depth, &format!("<!-- {contents} -->")),
            ReferenceData::ProcessingInstruction { target, contents } => {
                output.line(depth, &format!("<?{target} {contents}>"));
            }
            ReferenceData::Element { name, attrs, template_contents, .. } => {
                output.element(depth, name, &attrs.borrow());
                open.extend(template_contents.borrow().iter().map(|contents| (contents.clone(), depth + 1)));
            }
        }
    }
    output.0
}

/// Turns round what stands behind `mark`: the last node of a stack is the next to be printed.
fn reverse_from<T>(stack: &mut [T], mark: usize) {
    if let Some(added) = stack.get_mut(mark..) {
        added.reverse();
    }
}

/// The lines written so far.
#[derive(Default)]
struct Output(String);

impl Output {
    fn line(&mut self, depth: usize, content: &str) {
        self.0.push_str("| ");
        self.0.extend(std::iter::repeat_n("  ", depth));
        self.0.push_str(content);
        self.0.push('\n');
    }

    fn doctype(&mut self, depth: usize, name: &str, public_id: &str, system_id: &str) {
        if public_id.is_empty() && system_id.is_empty() {
            self.line(depth, &format!("<!DOCTYPE {name}>"));
        } else {
            self.line(depth, &format!("<!DOCTYPE {name} \"{public_id}\" \"{system_id}\">"));
        }
    }

    fn element(&mut self, depth: usize, name: &QualName, attributes: &[Attribute]) {
        self.line(depth, &format!("<{}>", qualified(name)));
        let mut lines: Vec<String> = attributes
            .iter()
            .map(|attribute| format!("{}=\"{}\"", qualified(&attribute.name), attribute.value))
            .collect();
        lines.sort_unstable();
        for line in lines {
            self.line(depth + 1, &line);
        }
    }
}

/// The name, behind its namespace's customary prefix where that is not HTML.
fn qualified(name: &QualName) -> String {
    let prefix = match name.ns {
        ns!(html) | ns!() => return name.local.to_string(),
        ns!(svg) => "svg",
        ns!(mathml) => "math",
        ns!(xlink) => "xlink",
        ns!(xml) => "xml",
        ns!(xmlns) => "xmlns",
        _ => &name.ns,
    };
    format!("{prefix} {}", name.local)
}
