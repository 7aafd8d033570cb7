//! CSS selectors (Selectors Level 4) on the tree.
//!
//! Beside what names, ids, classes, attributes and combinators say: `:is()`, `:where()`, `:not()`, `:has()`,
//! `:nth-child(… of …)` and its kin, `:root`, `:empty`, `:scope`, `:link` and `:any-link`. Pseudo-elements and
//! what depends on a user or a shadow tree have no meaning in a page that nobody looks at; they are errors.

use std::cell::Cell;
use std::fmt;

use cssparser::{
    BasicParseErrorKind, ParseError, ParseErrorKind, Parser as CssParser, ToCss, serialize_identifier,
    serialize_string,
};
use html5ever::{LocalName, Namespace, local_name};
use precomputed_hash::PrecomputedHash;
use selectors::attr::{AttrSelectorOperation, CaseSensitivity, NamespaceConstraint};
use selectors::bloom::BloomFilter;
use selectors::context::{
    MatchingContext, MatchingForInvalidation, MatchingMode, NeedsSelectorFlags, QuirksMode, SelectorCaches,
};
use selectors::matching::{ElementSelectorFlags, matches_selector};
use selectors::parser::{
    NonTSPseudoClass, PseudoElement, Selector as ComplexSelector, SelectorImpl, SelectorParseErrorKind,
};
use selectors::{Element, OpaqueElement};

use crate::dom::{Dom, NodeData, NodeId};

/// A list of CSS selectors, ready to match.
#[derive(Debug, Clone)]
pub struct Selector {
    alternatives: Vec<ComplexSelector<Css>>,
}

/// Why a text is no selector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{selector}` is not a CSS selector: {message}")]
pub struct SelectorError {
    /// The selector as given.
    pub selector: String,
    /// What is wrong with it, and at which column, counted from one.
    pub message: String,
}

impl Selector {
    /// Reads a selector list such as `main > article, #content`.
    ///
    /// # Errors
    /// [`SelectorError`] when the text is not valid, or asks for something that has no meaning here.
    pub fn parse(selector: &str) -> Result<Self, SelectorError> {
        let mut input = CssParser::new(selector);
        let failure_column = Cell::new(1);
        let alternatives = input.parse_comma_separated(|input| {
            let parsed = ComplexSelector::parse(&Syntax, input).and_then(|parsed| {
                input.expect_exhausted()?;
                Ok(parsed)
            });
            if parsed.is_err() {
                failure_column.set(input.current_source_location().column);
            }
            parsed
        });
        match alternatives {
            Ok(alternatives) => Ok(Self { alternatives }),
            Err(error) => Err(SelectorError {
                selector: selector.to_owned(),
                message: format!("{} at column {}", explain(&error), failure_column.get()),
            }),
        }
    }

    /// Whether the node is an element that the selector stands for.
    #[must_use]
    pub fn matches(&self, dom: &Dom, id: NodeId) -> bool {
        self.matches_cached(NodeRef { dom, id }, &mut SelectorCaches::default())
    }

    /// The elements below `root` that match, in document order.
    #[must_use]
    pub fn select(&self, dom: &Dom, root: NodeId) -> Vec<NodeId> {
        let mut caches = SelectorCaches::default();
        dom.descendants(root).filter(|&id| self.matches_cached(NodeRef { dom, id }, &mut caches)).collect()
    }

    fn matches_cached(&self, node: NodeRef<'_>, caches: &mut SelectorCaches) -> bool {
        if node.dom.element(node.id).is_none() {
            return false;
        }
        let mut context = MatchingContext::new(
            MatchingMode::Normal,
            None,
            caches,
            QuirksMode::NoQuirks,
            NeedsSelectorFlags::No,
            MatchingForInvalidation::No,
        );
        self.alternatives.iter().any(|selector| matches_selector(selector, 0, None, node, &mut context))
    }
}

impl std::str::FromStr for Selector {
    type Err = SelectorError;

    fn from_str(selector: &str) -> Result<Self, SelectorError> {
        Self::parse(selector)
    }
}

fn explain(error: &ParseError<SelectorParseErrorKind>) -> &'static str {
    use SelectorParseErrorKind as Kind;
    match &error.kind {
        ParseErrorKind::Basic(BasicParseErrorKind::EndOfInput) => "it ends too early",
        ParseErrorKind::Basic(BasicParseErrorKind::TooManyNestedBlocks) => "it is nested too deeply",
        ParseErrorKind::Basic(_) => "unexpected character",
        ParseErrorKind::Custom(kind) => match kind {
            Kind::EmptySelector => "expected a selector",
            Kind::DanglingCombinator => "expected a selector after the combinator",
            Kind::NonCompoundSelector => "a combinator is not allowed here",
            Kind::UnsupportedPseudoClassOrElement => {
                "this pseudo-class or pseudo-element is unknown or has no meaning in a page that is not displayed"
            }
            Kind::NoIdentForPseudo | Kind::PseudoElementExpectedIdent | Kind::PseudoElementExpectedColon => {
                "expected the name of a pseudo-class after `:`"
            }
            Kind::ClassNeedsIdent => "expected the name of a class after `.`",
            Kind::ExpectedNamespace => "namespace prefixes other than `*|` are not known",
            Kind::ExplicitNamespaceUnexpectedToken => "expected an element name or `*` after `|`",
            Kind::NoQualifiedNameInAttributeSelector
            | Kind::InvalidQualNameInAttr
            | Kind::ExpectedBarInAttr => "expected the name of an attribute after `[`",
            Kind::UnexpectedTokenInAttributeSelector | Kind::BadValueInAttr => {
                "expected `]`, or an operator such as `=` or `*=` and a value"
            }
            Kind::InvalidState
            | Kind::InvalidPseudoElementInsideWhere
            | Kind::NonPseudoElementAfterSlotted
            | Kind::InvalidPseudoElementAfterSlotted => "this selector is not allowed here",
            Kind::UnexpectedIdent => "unexpected name",
        },
    }
}

/// The types that selectors are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Css;

impl SelectorImpl for Css {
    type ExtraMatchingData<'a> = ();
    type AttrValue = AttributeValue;
    type Identifier = Name;
    type LocalName = Name;
    type NamespaceUrl = Namespace;
    type NamespacePrefix = Name;
    type BorrowedNamespaceUrl = Namespace;
    type BorrowedLocalName = Name;
    type NonTSPseudoClass = PseudoClass;
    type PseudoElement = NoPseudoElement;
}

/// An identifier: of an element, attribute, class or id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Name(LocalName);

impl From<&str> for Name {
    fn from(name: &str) -> Self {
        Self(LocalName::from(name))
    }
}

impl PrecomputedHash for Name {
    fn precomputed_hash(&self) -> u32 {
        self.0.precomputed_hash()
    }
}

impl ToCss for Name {
    fn to_css<W: fmt::Write>(&self, dest: &mut W) -> fmt::Result {
        serialize_identifier(&self.0, dest)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct AttributeValue(Box<str>);

impl From<&str> for AttributeValue {
    fn from(value: &str) -> Self {
        Self(value.into())
    }
}

impl AsRef<str> for AttributeValue {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl ToCss for AttributeValue {
    fn to_css<W: fmt::Write>(&self, dest: &mut W) -> fmt::Result {
        serialize_string(&self.0, dest)
    }
}

/// Pseudo-classes that are not about the structure of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PseudoClass {
    /// `:link` and `:any-link`: nothing was visited yet.
    Link,
}

impl NonTSPseudoClass for PseudoClass {
    fn is_active_or_hover(&self) -> bool {
        false
    }

    fn is_user_action_state(&self) -> bool {
        false
    }
}

impl ToCss for PseudoClass {
    fn to_css<W: fmt::Write>(&self, dest: &mut W) -> fmt::Result {
        match self {
            Self::Link => dest.write_str(":link"),
        }
    }
}

/// No pseudo-element exists in a page that is not displayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NoPseudoElement {}

impl PseudoElement for NoPseudoElement {}

impl ToCss for NoPseudoElement {
    fn to_css<W: fmt::Write>(&self, _dest: &mut W) -> fmt::Result {
        match *self {}
    }
}

/// Which parts of the grammar are understood.
struct Syntax;

impl<'i> selectors::parser::Parser<'i> for Syntax {
    type Impl = Css;
    type Error = SelectorParseErrorKind;

    fn parse_nth_child_of(&self) -> bool {
        true
    }

    fn parse_is_and_where(&self) -> bool {
        true
    }

    fn parse_has(&self) -> bool {
        true
    }

    /// A mistake inside of `:is()` is better told than passed over in silence.
    fn allow_forgiving_selectors(&self) -> bool {
        false
    }

    fn parse_non_ts_pseudo_class(
        &self,
        name: &str,
    ) -> Result<PseudoClass, ParseError<SelectorParseErrorKind>> {
        if name.eq_ignore_ascii_case("link") || name.eq_ignore_ascii_case("any-link") {
            return Ok(PseudoClass::Link);
        }
        Err(ParseError::custom(SelectorParseErrorKind::UnsupportedPseudoClassOrElement))
    }
}

/// An element in its tree.
#[derive(Clone, Copy)]
struct NodeRef<'d> {
    dom: &'d Dom,
    id: NodeId,
}

impl fmt::Debug for NodeRef<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", self.id)
    }
}

impl<'d> NodeRef<'d> {
    fn if_element(self, id: Option<NodeId>) -> Option<Self> {
        id.filter(|&id| self.dom.element(id).is_some()).map(|id| Self { dom: self.dom, id })
    }

    fn first_element(
        self,
        start: Option<NodeId>,
        following: impl Fn(&'d Dom, NodeId) -> Option<NodeId>,
    ) -> Option<Self> {
        std::iter::successors(start, |&id| following(self.dom, id)).find_map(|id| self.if_element(Some(id)))
    }

    fn has_name(&self, name: &LocalName) -> bool {
        self.dom.local_name(self.id) == Some(name)
    }
}

impl Element for NodeRef<'_> {
    type Impl = Css;

    fn opaque(&self) -> OpaqueElement {
        OpaqueElement::new(self.dom.data(self.id))
    }

    fn parent_element(&self) -> Option<Self> {
        self.if_element(self.dom.parent(self.id))
    }

    fn parent_node_is_shadow_root(&self) -> bool {
        false
    }

    fn containing_shadow_host(&self) -> Option<Self> {
        None
    }

    fn is_pseudo_element(&self) -> bool {
        false
    }

    fn prev_sibling_element(&self) -> Option<Self> {
        self.first_element(self.dom.previous_sibling(self.id), Dom::previous_sibling)
    }

    fn next_sibling_element(&self) -> Option<Self> {
        self.first_element(self.dom.next_sibling(self.id), Dom::next_sibling)
    }

    fn first_element_child(&self) -> Option<Self> {
        self.first_element(self.dom.first_child(self.id), Dom::next_sibling)
    }

    fn is_html_element_in_html_document(&self) -> bool {
        self.dom.html_name(self.id).is_some()
    }

    fn has_local_name(&self, name: &Name) -> bool {
        self.has_name(&name.0)
    }

    fn has_namespace(&self, namespace: &Namespace) -> bool {
        self.dom.element(self.id).is_some_and(|element| element.name.ns == *namespace)
    }

    fn is_same_type(&self, other: &Self) -> bool {
        match (self.dom.element(self.id), other.dom.element(other.id)) {
            (Some(one), Some(two)) => one.name.local == two.name.local && one.name.ns == two.name.ns,
            _ => false,
        }
    }

    fn attr_matches(
        &self,
        namespace: &NamespaceConstraint<&Namespace>,
        name: &Name,
        operation: &AttrSelectorOperation<&AttributeValue>,
    ) -> bool {
        self.dom.attributes(self.id).iter().any(|attribute| {
            let namespace_fits = match namespace {
                NamespaceConstraint::Any => true,
                NamespaceConstraint::Specific(namespace) => attribute.name.ns == **namespace,
            };
            namespace_fits && attribute.name.local == name.0 && operation.eval_str(&attribute.value)
        })
    }

    fn match_non_ts_pseudo_class(
        &self,
        class: &PseudoClass,
        _context: &mut MatchingContext<'_, Css>,
    ) -> bool {
        match class {
            PseudoClass::Link => self.is_link(),
        }
    }

    fn match_pseudo_element(
        &self,
        element: &NoPseudoElement,
        _context: &mut MatchingContext<'_, Css>,
    ) -> bool {
        match *element {}
    }

    fn apply_selector_flags(&self, _flags: ElementSelectorFlags) {}

    fn is_link(&self) -> bool {
        self.dom
            .html_name(self.id)
            .is_some_and(|name| *name == local_name!("a") || *name == local_name!("area"))
            && self.dom.attribute(self.id, &local_name!("href")).is_some()
    }

    fn is_html_slot_element(&self) -> bool {
        false
    }

    fn has_id(&self, id: &Name, case: CaseSensitivity) -> bool {
        self.dom
            .attribute(self.id, &local_name!("id"))
            .is_some_and(|value| case.eq(value.as_bytes(), id.0.as_bytes()))
    }

    fn has_class(&self, name: &Name, case: CaseSensitivity) -> bool {
        self.dom.attribute(self.id, &local_name!("class")).is_some_and(|value| {
            value.split_ascii_whitespace().any(|class| case.eq(class.as_bytes(), name.0.as_bytes()))
        })
    }

    fn has_custom_state(&self, _name: &Name) -> bool {
        false
    }

    fn imported_part(&self, _name: &Name) -> Option<Name> {
        None
    }

    fn is_part(&self, _name: &Name) -> bool {
        false
    }

    fn is_empty(&self) -> bool {
        self.dom.children(self.id).all(|child| match self.dom.data(child) {
            NodeData::Element(_) => false,
            NodeData::Text(text) => text.is_empty(),
            _ => true,
        })
    }

    fn is_root(&self) -> bool {
        self.dom.parent(self.id) == Some(self.dom.document())
    }

    /// No hashes: the filter made of them costs more than it saves on a tree that is searched once.
    fn add_element_unique_hashes(&self, _filter: &mut BloomFilter) -> bool {
        false
    }
}

#[cfg(test)]
mod tests;
