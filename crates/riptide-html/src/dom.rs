//! The document tree: one arena, addressed by 32-bit ids.
//!
//! Nodes are never freed while the tree lives; a node that the parser detaches simply has no parent.
//! Every traversal is iterative, so that no nesting can exhaust the stack.

use std::num::NonZeroU32;

use html5ever::tendril::StrTendril;
use html5ever::{Attribute, LocalName, QualName, ns};

/// The place of a node in its [`Dom`]. An id is meaningful only to the tree that handed it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(NonZeroU32);

impl NodeId {
    /// The root of every tree.
    pub(crate) const DOCUMENT: Self = Self(NonZeroU32::MIN);

    /// The position in the arena, counted from zero: usable as an index into tables beside the tree.
    #[must_use]
    pub fn index(self) -> usize {
        self.0.get() as usize - 1
    }

    fn at(index: usize) -> Option<Self> {
        u32::try_from(index + 1).ok().and_then(NonZeroU32::new).map(Self)
    }
}

/// What a node is.
#[derive(Debug, Clone)]
pub enum NodeData {
    /// The root.
    Document,
    /// The contents of a `template` element.
    Fragment,
    /// A document type declaration.
    Doctype {
        /// Such as `html`.
        name: StrTendril,
        /// Public identifier, mostly empty.
        public_id: StrTendril,
        /// System identifier, mostly empty.
        system_id: StrTendril,
    },
    /// Character data.
    Text(StrTendril),
    /// A comment.
    Comment(StrTendril),
    /// A processing instruction.
    ProcessingInstruction {
        /// The word behind `<?`.
        target: StrTendril,
        /// The rest.
        data: StrTendril,
    },
    /// An element.
    Element(Element),
}

/// An element's name and the place of its attributes.
#[derive(Debug, Clone)]
pub struct Element {
    /// Name with namespace and prefix.
    pub name: QualName,
    /// For a `template` element: the fragment that holds its contents.
    pub template_contents: Option<NodeId>,
    /// Whether an `annotation-xml` element of MathML holds HTML.
    pub(crate) html_integration_point: bool,
    attributes_start: u32,
    attributes_len: u32,
}

#[derive(Debug, Clone)]
struct Node {
    parent: Option<NodeId>,
    previous: Option<NodeId>,
    next: Option<NodeId>,
    first_child: Option<NodeId>,
    last_child: Option<NodeId>,
    /// Ancestors when it was put in place.
    depth: u32,
    data: NodeData,
}

/// A parsed document.
#[derive(Debug, Clone)]
pub struct Dom {
    nodes: Vec<Node>,
    attributes: Vec<Attribute>,
    /// Where the tree is another than that of the HTML Standard.
    pub(crate) capped: Capped,
}

/// Where the tree is another than that of the HTML Standard: what the parser left out because of its limits (see
/// [`crate::ParseLimits`]), and where it follows browsers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Capped {
    /// Elements nested too deeply were made siblings.
    pub depth: bool,
    /// Attributes past the limit were left out.
    pub attributes: bool,
    /// Content past the limit of nodes was left out.
    pub nodes: bool,
    /// Raw text that began within a `noscript` was ended with it.
    pub raw_text: bool,
}

/// A step of a walk over a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    /// A node, before its children.
    Enter(NodeId),
    /// A node that can hold children (an element, a fragment or the document), after them.
    Leave(NodeId),
}

impl Dom {
    pub(crate) fn with_capacity(nodes: usize) -> Self {
        let mut dom = Self {
            nodes: Vec::with_capacity(nodes),
            attributes: Vec::with_capacity(nodes / 2),
            capped: Capped::default(),
        };
        dom.add(NodeData::Document);
        dom
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "ids are made by this arena alone and nodes are never removed"
    )]
    fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "ids are made by this arena alone and nodes are never removed"
    )]
    fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.index()]
    }

    /// The root.
    #[must_use]
    pub fn document(&self) -> NodeId {
        NodeId::DOCUMENT
    }

    /// Nodes in the arena; every [`NodeId::index`] is below it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether the document has no node beside its root.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.len() <= 1
    }

    /// What the parser left out because of its limits.
    #[must_use]
    pub fn capped(&self) -> Capped {
        self.capped
    }

    /// What the node is.
    #[must_use]
    pub fn data(&self, id: NodeId) -> &NodeData {
        &self.node(id).data
    }

    /// The node above; `None` for the root and for detached nodes.
    #[must_use]
    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.node(id).parent
    }

    /// The first node below.
    #[must_use]
    pub fn first_child(&self, id: NodeId) -> Option<NodeId> {
        self.node(id).first_child
    }

    /// The last node below.
    #[must_use]
    pub fn last_child(&self, id: NodeId) -> Option<NodeId> {
        self.node(id).last_child
    }

    /// The node before, of the same parent.
    #[must_use]
    pub fn previous_sibling(&self, id: NodeId) -> Option<NodeId> {
        self.node(id).previous
    }

    /// The node after, of the same parent.
    #[must_use]
    pub fn next_sibling(&self, id: NodeId) -> Option<NodeId> {
        self.node(id).next
    }

    /// The nodes directly below, in order.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(self.first_child(id), |&child| self.next_sibling(child))
    }

    /// The nodes above, nearest first.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(self.parent(id), |&parent| self.parent(parent))
    }

    /// All nodes below, in document order, without `id` itself.
    pub fn descendants(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        self.walk(id).skip(1).filter_map(|visit| match visit {
            Visit::Enter(node) => Some(node),
            Visit::Leave(_) => None,
        })
    }

    /// Walks over `root` and all below it, entering and leaving each node.
    #[must_use]
    pub fn walk(&self, root: NodeId) -> Walk<'_> {
        Walk { dom: self, root, next: Some(Visit::Enter(root)), entered: None }
    }

    /// The element's name and namespace, if the node is one.
    #[must_use]
    pub fn element(&self, id: NodeId) -> Option<&Element> {
        match self.data(id) {
            NodeData::Element(element) => Some(element),
            _ => None,
        }
    }

    /// The local name of an element in the HTML namespace.
    #[must_use]
    pub fn html_name(&self, id: NodeId) -> Option<&LocalName> {
        self.element(id).filter(|element| element.name.ns == ns!(html)).map(|element| &element.name.local)
    }

    /// The local name of an element in any namespace.
    #[must_use]
    pub fn local_name(&self, id: NodeId) -> Option<&LocalName> {
        self.element(id).map(|element| &element.name.local)
    }

    /// Whether the node is the HTML element of that name.
    #[must_use]
    pub fn is_html(&self, id: NodeId, name: &LocalName) -> bool {
        self.html_name(id) == Some(name)
    }

    /// The element's attributes in source order; none for other nodes.
    #[must_use]
    pub fn attributes(&self, id: NodeId) -> &[Attribute] {
        self.element(id)
            .and_then(|element| {
                let start = element.attributes_start as usize;
                self.attributes.get(start..start + element.attributes_len as usize)
            })
            .unwrap_or_default()
    }

    /// The value of an attribute without namespace.
    #[must_use]
    pub fn attribute(&self, id: NodeId, name: &LocalName) -> Option<&str> {
        self.attributes(id)
            .iter()
            .find(|attribute| attribute.name.local == *name && attribute.name.ns == ns!())
            .map(|attribute| &*attribute.value)
    }

    /// The character data of a text node.
    #[must_use]
    pub fn text(&self, id: NodeId) -> Option<&str> {
        match self.data(id) {
            NodeData::Text(text) => Some(text),
            _ => None,
        }
    }

    /// All character data below the node, put together without change
    /// (DOM `textContent`; template contents are not part of it).
    #[must_use]
    pub fn text_content(&self, id: NodeId) -> String {
        let mut content = String::new();
        for visit in self.walk(id) {
            if let Visit::Enter(node) = visit
                && let Some(text) = self.text(node)
            {
                content.push_str(text);
            }
        }
        content
    }

    /// The first element of that name in the HTML namespace, in document order.
    #[must_use]
    pub fn find_html(&self, name: &LocalName) -> Option<NodeId> {
        self.descendants(self.document()).find(|&node| self.is_html(node, name))
    }

    pub(crate) fn depth(&self, id: NodeId) -> u32 {
        self.node(id).depth
    }

    pub(crate) fn add(&mut self, data: NodeData) -> NodeId {
        let Some(id) = NodeId::at(self.nodes.len()) else {
            // Four thousand million nodes do not fit in memory; the limit of nodes ends parsing long before.
            return NodeId::DOCUMENT;
        };
        self.nodes.push(Node {
            parent: None,
            previous: None,
            next: None,
            first_child: None,
            last_child: None,
            depth: 0,
            data,
        });
        id
    }

    pub(crate) fn add_element(&mut self, name: QualName, attributes: Vec<Attribute>) -> NodeId {
        let attributes_start = self.attributes.len() as u32;
        let attributes_len = attributes.len() as u32;
        self.attributes.extend(attributes);
        self.add(NodeData::Element(Element {
            name,
            template_contents: None,
            html_integration_point: false,
            attributes_start,
            attributes_len,
        }))
    }

    pub(crate) fn element_mut(&mut self, id: NodeId) -> Option<&mut Element> {
        match &mut self.node_mut(id).data {
            NodeData::Element(element) => Some(element),
            _ => None,
        }
    }

    pub(crate) fn text_mut(&mut self, id: NodeId) -> Option<&mut StrTendril> {
        match &mut self.node_mut(id).data {
            NodeData::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Gives the element those of the attributes that it lacks, up to `limit` in all.
    pub(crate) fn add_missing_attributes(&mut self, id: NodeId, attributes: Vec<Attribute>, limit: usize) {
        let mut all = self.attributes(id).to_vec();
        let before = all.len();
        for attribute in attributes {
            if all.len() < limit && all.iter().all(|known| known.name != attribute.name) {
                all.push(attribute);
            }
        }
        if all.len() == before {
            return;
        }
        let (start, len) = (self.attributes.len() as u32, all.len() as u32);
        self.attributes.extend(all);
        if let Some(element) = self.element_mut(id) {
            element.attributes_start = start;
            element.attributes_len = len;
        }
    }

    pub(crate) fn append(&mut self, parent: NodeId, child: NodeId) {
        self.detach(child);
        let last = self.node_mut(parent).last_child.replace(child);
        let depth = self.depth(parent) + 1;
        match last {
            Some(last) => self.node_mut(last).next = Some(child),
            None => self.node_mut(parent).first_child = Some(child),
        }
        let node = self.node_mut(child);
        node.parent = Some(parent);
        node.previous = last;
        node.depth = depth;
    }

    pub(crate) fn insert_before(&mut self, sibling: NodeId, child: NodeId) {
        self.detach(child);
        let Some(parent) = self.parent(sibling) else { return };
        let previous = self.node_mut(sibling).previous.replace(child);
        let depth = self.depth(sibling);
        match previous {
            Some(previous) => self.node_mut(previous).next = Some(child),
            None => self.node_mut(parent).first_child = Some(child),
        }
        let node = self.node_mut(child);
        node.parent = Some(parent);
        node.previous = previous;
        node.next = Some(sibling);
        node.depth = depth;
    }

    pub(crate) fn detach(&mut self, id: NodeId) {
        let node = self.node_mut(id);
        let (parent, previous, next) = (node.parent.take(), node.previous.take(), node.next.take());
        let Some(parent) = parent else { return };
        match previous {
            Some(previous) => self.node_mut(previous).next = next,
            None => self.node_mut(parent).first_child = next,
        }
        match next {
            Some(next) => self.node_mut(next).previous = previous,
            None => self.node_mut(parent).last_child = previous,
        }
    }
}

/// Iterator over a subtree; see [`Dom::walk`].
#[derive(Debug, Clone)]
pub struct Walk<'d> {
    dom: &'d Dom,
    root: NodeId,
    next: Option<Visit>,
    /// The node that was entered last, unless something was left since.
    entered: Option<NodeId>,
}

impl Walk<'_> {
    /// Called after [`Visit::Enter`]: passes over what is below that node. Its [`Visit::Leave`] still comes, if it is of a
    /// kind that can have something below.
    pub fn skip_children(&mut self) {
        if let Some(node) = self.entered.filter(|&node| self.dom.first_child(node).is_some()) {
            self.next = Some(Visit::Leave(node));
        }
    }

    /// Called after [`Visit::Enter`] of `id`: passes over the node altogether; no [`Visit::Leave`] comes.
    pub(crate) fn skip_subtree(&mut self, id: NodeId) {
        self.next = self.after(id);
    }

    fn after(&self, id: NodeId) -> Option<Visit> {
        if id == self.root {
            return None;
        }
        match self.dom.next_sibling(id) {
            Some(sibling) => Some(Visit::Enter(sibling)),
            None => self.dom.parent(id).map(Visit::Leave),
        }
    }
}

impl Iterator for Walk<'_> {
    type Item = Visit;

    fn next(&mut self) -> Option<Visit> {
        let visit = self.next?;
        self.entered = match visit {
            Visit::Enter(id) => Some(id),
            Visit::Leave(_) => None,
        };
        self.next = match visit {
            Visit::Enter(id) => match self.dom.first_child(id) {
                Some(child) => Some(Visit::Enter(child)),
                None => match self.dom.data(id) {
                    NodeData::Document | NodeData::Fragment | NodeData::Element(_) => Some(Visit::Leave(id)),
                    _ => self.after(id),
                },
            },
            Visit::Leave(id) => self.after(id),
        };
        Some(visit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_nothing_below_it_has_nothing_to_pass_over() {
        let dom = crate::parse("<main>text<br><!-- note --><p>more <b>text</b></p><p>last");
        let mut walk = dom.walk(dom.document());
        let mut texts = Vec::new();
        while let Some(visit) = walk.next() {
            let Visit::Enter(node) = visit else { continue };
            texts.extend(dom.text(node));
            let is_leaf = dom.first_child(node).is_none();
            let is_bold = dom.html_name(node).is_some_and(|name| &**name == "b");
            if is_leaf || is_bold {
                walk.skip_children();
            }
        }
        assert_eq!(texts, ["text", "more ", "last"]);
    }
}
