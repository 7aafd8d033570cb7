//! Microdata (WHATWG HTML, section 5) and RDFa Lite 1.1: structured data on the elements that show it.

use html5ever::{LocalName, local_name};
use riptide_html::{Dom, NodeId};

use super::structured::{ItemGraph, Syntax, Value, local_part};
use super::text;

/// Properties that one element is taken to state.
const PROPERTIES: usize = 8;
/// Bytes of a property's text; more is content, not metadata.
const TEXT_SIZE: usize = 2048;

/// The attributes that metadata can stand in.
#[derive(Debug, Default)]
pub(super) struct Attributes<'d> {
    pub(super) label: Option<&'d str>,
    pub(super) class: Option<&'d str>,
    pub(super) id: Option<&'d str>,
    pub(super) rel: Option<&'d str>,
    pub(super) href: Option<&'d str>,
    pub(super) src: Option<&'d str>,
    pub(super) name: Option<&'d str>,
    pub(super) kind: Option<&'d str>,
    pub(super) content: Option<&'d str>,
    pub(super) datetime: Option<&'d str>,
    pub(super) http_equiv: Option<&'d str>,
    pub(super) language: Option<&'d str>,
    pub(super) itemprop: Option<&'d str>,
    pub(super) itemtype: Option<&'d str>,
    pub(super) itemid: Option<&'d str>,
    pub(super) itemscope: bool,
    pub(super) property: Option<&'d str>,
    pub(super) type_of: Option<&'d str>,
}

impl<'d> Attributes<'d> {
    pub(super) fn of(dom: &'d Dom, node: NodeId) -> Self {
        let mut found = Self::default();
        for attribute in dom.attributes(node) {
            let value = Some(&*attribute.value);
            match &*attribute.name.local {
                "aria-label" => found.label = value,
                "class" => found.class = value,
                "id" => found.id = value,
                "rel" => found.rel = value,
                "href" => found.href = value,
                "src" => found.src = value,
                "name" => found.name = value,
                "type" => found.kind = value,
                "content" => found.content = value,
                "datetime" => found.datetime = value,
                "http-equiv" => found.http_equiv = value,
                "lang" => found.language = value,
                "itemprop" => found.itemprop = value,
                "itemtype" => found.itemtype = value,
                "itemid" => found.itemid = value,
                "itemscope" => found.itemscope = true,
                "property" => found.property = value,
                "typeof" => found.type_of = value,
                _ => {}
            }
        }
        found
    }

    fn has_relation(&self, relation: &str) -> bool {
        self.rel.is_some_and(|rel| rel.split_ascii_whitespace().any(|word| word == relation))
    }

    /// Whether the element links to a tag of the page.
    pub(super) fn is_tag_link(&self, name: &LocalName) -> bool {
        *name == local_name!("a") && self.has_relation("tag")
    }

    /// Whether the element's label says that it holds the way to the page.
    pub(super) fn is_trail(&self) -> bool {
        const LABELS: &[&str] =
            &["breadcrumb", "brotkr", "fil d'ariane", "migas", "briciole", "kruimel", "okruszk"];
        self.label.is_some_and(|label| {
            let label = label.to_lowercase();
            LABELS.iter().any(|name| label.contains(name))
        })
    }

    /// Whether the element is said in a standard way to name an author, or leads to an address that says so.
    pub(super) fn names_author(&self) -> bool {
        self.has_relation("author")
            || self.href.is_some_and(|href| href.contains("/author/") || href.contains("/authors/"))
            || self.itemprop.is_some_and(|names| names.split_ascii_whitespace().any(|name| name == "author"))
    }
}

/// Adds what an element says to the item around it. Returns the item that the element itself opens.
pub(super) fn read(
    dom: &Dom,
    node: NodeId,
    name: &LocalName,
    attributes: &Attributes<'_>,
    around: Option<usize>,
    graph: &mut ItemGraph,
) -> Option<usize> {
    let names = attributes.itemprop.or(attributes.property);
    let types = attributes.itemtype.or(attributes.type_of);
    let opened = (attributes.itemscope || attributes.type_of.is_some()).then(|| {
        let types =
            types.unwrap_or_default().split_ascii_whitespace().map(|name| local_part(name).to_owned());
        let role = names.and_then(|names| names.split_ascii_whitespace().next()).map(local_part);
        let item = graph.add(types.collect(), around.zip(role), Syntax::Inline);
        if let Some(id) = attributes.itemid {
            graph.identify(item, id);
        }
        item
    });
    let (Some(around), Some(names)) = (around, names) else { return opened };
    for property in names.split_ascii_whitespace().take(PROPERTIES).map(local_part) {
        let value = match opened {
            Some(item) => Some(Value::Item(item)),
            // One body is enough, and nested ones would cost quadratic time.
            None if property == "articleBody" && graph.has_body() => None,
            None => text_of(dom, node, name, attributes, property).map(Value::Text),
        };
        if let Some(value) = value {
            graph.set(around, property, value);
        }
    }
    opened
}

fn text_of(
    dom: &Dom,
    node: NodeId,
    name: &LocalName,
    attributes: &Attributes<'_>,
    property: &str,
) -> Option<String> {
    let stated = attributes.content.or(attributes.datetime).or(match *name {
        // The address of a person or of an article says less than the text of its link.
        local_name!("a") if matches!(property, "author" | "creator" | "name" | "headline" | "publisher") => {
            None
        }
        local_name!("a") | local_name!("link") | local_name!("area") => attributes.href,
        local_name!("img") | local_name!("iframe") | local_name!("video") | local_name!("audio") => {
            attributes.src
        }
        _ => None,
    });
    match stated {
        Some(text) => Some(text.to_owned()),
        None if property == "articleBody" => Some(dom.text_content(node)),
        None => text::line(dom, node, TEXT_SIZE),
    }
}
