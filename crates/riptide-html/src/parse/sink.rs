//! The receiving end of the tree builder: an arena under construction.

use std::borrow::Cow;
use std::cell::{Cell, Ref, RefCell};

use html5ever::tendril::StrTendril;
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::{Attribute, QualName, local_name, ns};

use crate::dom::{Dom, NodeData, NodeId};

/// The name of what is no element; the tree builder asks for the names of elements alone.
static NAMELESS: QualName = QualName { prefix: None, ns: ns!(), local: local_name!("") };

/// Collects what the tree builder makes.
pub(super) struct ArenaSink {
    dom: RefCell<Dom>,
    /// The greatest depth at which an element was put since this was last reset.
    deepest: Cell<u32>,
    attribute_limit: usize,
}

impl ArenaSink {
    pub(super) fn new(capacity: usize, attribute_limit: usize) -> Self {
        Self { dom: RefCell::new(Dom::with_capacity(capacity)), deepest: Cell::new(0), attribute_limit }
    }

    pub(super) fn nodes(&self) -> usize {
        self.dom.borrow().len()
    }

    pub(super) fn take_deepest(&self) -> u32 {
        self.deepest.replace(0)
    }

    fn place(
        &self,
        child: NodeOrText<NodeId>,
        neighbour: impl Fn(&Dom) -> Option<NodeId>,
        put: impl Fn(&mut Dom, NodeId),
    ) {
        let dom = &mut *self.dom.borrow_mut();
        match child {
            NodeOrText::AppendText(text) => {
                if let Some(before) = neighbour(dom)
                    && let Some(known) = dom.text_mut(before)
                {
                    known.push_tendril(&text);
                } else {
                    let node = dom.add(NodeData::Text(text));
                    put(dom, node);
                }
            }
            NodeOrText::AppendNode(node) => {
                put(dom, node);
                self.deepest.set(self.deepest.get().max(dom.depth(node)));
            }
        }
    }
}

impl TreeSink for ArenaSink {
    type Handle = NodeId;
    type Output = Dom;
    type ElemName<'a> = Ref<'a, QualName>;

    fn finish(self) -> Dom {
        self.dom.into_inner()
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> NodeId {
        NodeId::DOCUMENT
    }

    fn elem_name<'a>(&'a self, target: &'a NodeId) -> Ref<'a, QualName> {
        Ref::map(self.dom.borrow(), |dom| dom.element(*target).map_or(&NAMELESS, |element| &element.name))
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, flags: ElementFlags) -> NodeId {
        let dom = &mut *self.dom.borrow_mut();
        let id = dom.add_element(name, attributes);
        if flags.template || flags.mathml_annotation_xml_integration_point {
            let contents = flags.template.then(|| dom.add(NodeData::Fragment));
            if let Some(element) = dom.element_mut(id) {
                element.template_contents = contents;
                element.html_integration_point = flags.mathml_annotation_xml_integration_point;
            }
        }
        id
    }

    fn create_comment(&self, text: StrTendril) -> NodeId {
        self.dom.borrow_mut().add(NodeData::Comment(text))
    }

    fn create_pi(&self, target: StrTendril, data: StrTendril) -> NodeId {
        self.dom.borrow_mut().add(NodeData::ProcessingInstruction { target, data })
    }

    fn append(&self, parent: &NodeId, child: NodeOrText<NodeId>) {
        self.place(child, |dom| dom.last_child(*parent), |dom, node| dom.append(*parent, node));
    }

    fn append_before_sibling(&self, sibling: &NodeId, child: NodeOrText<NodeId>) {
        self.place(
            child,
            |dom| dom.previous_sibling(*sibling),
            |dom, node| dom.insert_before(*sibling, node),
        );
    }

    fn append_based_on_parent_node(&self, element: &NodeId, previous: &NodeId, child: NodeOrText<NodeId>) {
        let has_parent = self.dom.borrow().parent(*element).is_some();
        if has_parent {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn append_doctype_to_document(&self, name: StrTendril, public_id: StrTendril, system_id: StrTendril) {
        let dom = &mut *self.dom.borrow_mut();
        let doctype = dom.add(NodeData::Doctype { name, public_id, system_id });
        dom.append(NodeId::DOCUMENT, doctype);
    }

    fn get_template_contents(&self, target: &NodeId) -> NodeId {
        self.dom.borrow().element(*target).and_then(|element| element.template_contents).unwrap_or(*target)
    }

    fn same_node(&self, one: &NodeId, other: &NodeId) -> bool {
        one == other
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn add_attrs_if_missing(&self, target: &NodeId, attributes: Vec<Attribute>) {
        self.dom.borrow_mut().add_missing_attributes(*target, attributes, self.attribute_limit);
    }

    fn remove_from_parent(&self, target: &NodeId) {
        self.dom.borrow_mut().detach(*target);
    }

    fn reparent_children(&self, node: &NodeId, new_parent: &NodeId) {
        let dom = &mut *self.dom.borrow_mut();
        while let Some(child) = dom.first_child(*node) {
            dom.append(*new_parent, child);
        }
    }

    fn is_mathml_annotation_xml_integration_point(&self, target: &NodeId) -> bool {
        self.dom.borrow().element(*target).is_some_and(|element| element.html_integration_point)
    }
}
