//! Reads the elements of an XML feed: RSS of any version and Atom.
//!
//! Feeds are made by templates and by hand. What is not well-formed is read as far as its meaning is plain: prefixes that
//! are not declared, references that only HTML knows, ampersands that stand for themselves, end tags that fit nothing, and
//! an end that comes too early. No entity that a feed defines itself is expanded, and nothing nests by recursion.

use html5ever::data::NAMED_ENTITIES;
use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::MOST_ENTRIES;
use super::record::{Field, Record, Tree};

/// Fields of one record that are kept.
const MOST_FIELDS: usize = 300;
/// Attributes of one element that are kept.
const MOST_ATTRIBUTES: usize = 32;
/// Prefixes that may be declared.
const MOST_PREFIXES: usize = 64;
/// Elements inside each other whose children are fields of their own.
const DEEPEST_PARENT: usize = 3;
/// Open elements that an end tag is compared with.
const CLOSABLE: usize = 64;

/// Elements whose children are fields of their own. Elsewhere children are markup.
const PARENTS: [&str; 11] = [
    "author",
    "contributor",
    "image",
    "source",
    "textinput",
    "items",
    "itunes:owner",
    "media:group",
    "media:content",
    "atom:author",
    "atom:contributor",
];

/// Vocabularies by the beginning of their namespace, without its scheme, and their customary prefixes.
const VOCABULARIES: [(&str, &str); 13] = [
    ("purl.org/rss/1.0/modules/content", "content"),
    ("purl.org/rss/1.0/modules/", "?"),
    ("purl.org/rss/1.0/", ""),
    ("my.netscape.com/", ""),
    ("channel.netscape.com/", ""),
    ("backend.userland.com/", ""),
    ("www.w3.org/2005/Atom", "atom"),
    ("purl.org/atom/ns", "atom"),
    ("purl.org/dc/elements/", "dc"),
    ("purl.org/dc/terms/", "dcterms"),
    ("search.yahoo.com/mrss", "media"),
    ("www.itunes.com/", "itunes"),
    ("www.w3.org/1999/xhtml", "xhtml"),
];

/// Elements of HTML that have no end tag.
const VOID: [&str; 13] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];

/// Reads a feed.
pub(super) fn read(text: &str) -> Tree {
    let mut builder = Builder::default();
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.allow_dangling_amp = true;
    config.allow_unmatched_ends = true;
    config.check_end_names = false;
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => builder.start(&tag, false),
            Ok(Event::Empty(tag)) => builder.start(&tag, true),
            Ok(Event::End(tag)) => builder.end(tag.name().as_ref()),
            Ok(Event::Text(text)) => builder.text(&text.into_inner()),
            Ok(Event::CData(text)) => builder.literal(&text.into_inner()),
            Ok(Event::GeneralRef(reference)) => builder.reference(&reference),
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(_) => {
                let at = usize::try_from(reader.error_position()).unwrap_or(usize::MAX);
                builder.rest(text.get(at..).unwrap_or_default());
                break;
            }
        }
        if builder.is_full() {
            break;
        }
    }
    builder.finish()
}

/// What an open element is to the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// The root, or RSS's `channel`.
    Feed,
    Entry,
    /// A field; its children too, or else markup of it.
    Field {
        has_fields: bool,
    },
    /// Markup of a field.
    Markup,
    /// Something that is passed over, with all in it.
    Ignored,
}

struct Open {
    /// The name as written, for its end tag.
    name: String,
    role: Role,
    /// Which field of the record at hand its text belongs to.
    field: Option<usize>,
}

#[derive(Default)]
struct Builder {
    tree: Tree,
    open: Vec<Open>,
    /// The entry at hand.
    entry: Option<Record>,
    /// Declared prefixes and their vocabularies.
    prefixes: Vec<(String, &'static str)>,
    has_too_many: bool,
    is_cut: bool,
}

impl Builder {
    fn start(&mut self, tag: &BytesStart<'_>, is_empty: bool) {
        let around = self.open.last().map_or((Role::Feed, None), |open| (open.role, open.field));
        let (role, field) = match around {
            (Role::Ignored, _) => (Role::Ignored, None),
            (Role::Markup | Role::Field { has_fields: false }, field) => {
                self.markup(field, tag, is_empty);
                (Role::Markup, field)
            }
            (around, field) => self.start_field(around, field, tag),
        };
        if is_empty {
            if role == Role::Entry {
                self.end_entry();
            }
        } else {
            self.open.push(Open { name: tag.name().into_inner().to_owned(), role, field });
        }
    }

    /// The start of an element that has a meaning in feeds.
    fn start_field(
        &mut self,
        around: Role,
        parent: Option<usize>,
        tag: &BytesStart<'_>,
    ) -> (Role, Option<usize>) {
        let attributes = attributes(tag);
        let is_root = self.open.is_empty();
        self.declare(&attributes, is_root);
        let name = self.key(tag.name().as_ref(), &attributes);
        if is_root {
            self.tree.is_atom = name.rsplit(':').next() == Some("feed");
        }
        if is_root || around == Role::Feed && name == "channel" {
            self.tree.feed.attributes.attributes.extend(attributes);
            return (Role::Feed, None);
        }
        // An entry in an entry: the end tag of the first is missing.
        if matches!(around, Role::Feed | Role::Entry) && (name == "item" || name == "entry") {
            self.end_entry();
            if self.tree.entries.len() >= MOST_ENTRIES {
                self.has_too_many = true;
                return (Role::Ignored, None);
            }
            self.entry =
                Some(Record { attributes: Field { attributes, ..Field::default() }, fields: Vec::new() });
            return (Role::Entry, None);
        }
        let record = self.entry.as_mut().unwrap_or(&mut self.tree.feed);
        let parent = parent.and_then(|at| record.fields.get(at)).map_or_else(String::new, |parent| {
            if parent.parent.is_empty() {
                parent.name.clone()
            } else {
                format!("{}/{}", parent.parent, parent.name)
            }
        });
        let depth = parent.split('/').filter(|part| !part.is_empty()).count();
        if record.fields.len() >= MOST_FIELDS || depth > DEEPEST_PARENT {
            return (Role::Ignored, None);
        }
        let has_fields = PARENTS.contains(&name.as_str());
        let mut field = Field { parent, name, attributes, ..Field::default() };
        // Atom 0.3 calls by `mode` what Atom 1.0 calls by `type`.
        field.is_markup =
            field.attribute("type").is_some_and(|kind| kind.contains("xhtml") || kind.ends_with("/xml"))
                && field.attribute("mode").is_none_or(|mode| mode == "xml")
                || field.name.starts_with("xhtml:");
        record.fields.push(field);
        (Role::Field { has_fields }, Some(record.fields.len() - 1))
    }

    /// Ends the innermost element of that name, and all that was left open in it. An end tag that fits nothing is none.
    fn end(&mut self, name: &str) {
        let Some(depth) = self.open.iter().rev().take(CLOSABLE).position(|open| open.name == name) else {
            return;
        };
        for _ in 0..=depth {
            let Some(open) = self.open.pop() else { return };
            match open.role {
                Role::Markup => {
                    let local = local_name(&open.name);
                    if !VOID.contains(&local)
                        && let Some(field) = self.field_mut(open.field)
                    {
                        field.value.extend(["</", local, ">"]);
                    }
                }
                Role::Entry => self.end_entry(),
                Role::Feed | Role::Field { .. } | Role::Ignored => {}
            }
        }
    }

    fn end_entry(&mut self) {
        self.tree.entries.extend(self.entry.take());
    }

    /// The start tag of an element inside of a field.
    fn markup(&mut self, field: Option<usize>, tag: &BytesStart<'_>, is_empty: bool) {
        let Some(field) = self.field_mut(field) else { return };
        let name = tag.name();
        let local = local_name(name.as_ref());
        let attributes = tag.attributes_raw();
        field.value.extend(["<", local, attributes, ">"]);
        if is_empty && !VOID.contains(&local) {
            field.value.extend(["</", local, ">"]);
        }
    }

    /// Text as it is written in XML; references in it come by themselves.
    fn text(&mut self, text: &str) {
        if let Some((field, _)) = self.at_hand() {
            field.value.push_str(text);
        }
    }

    /// Text in which nothing is escaped.
    fn literal(&mut self, text: &str) {
        let Some((field, is_markup)) = self.at_hand() else { return };
        if is_markup {
            crate::plain::escape(text, &mut field.value);
        } else {
            field.value.push_str(text);
        }
    }

    fn reference(&mut self, reference: &BytesRef<'_>) {
        let Some((field, is_markup)) = self.at_hand() else { return };
        let name: &str = reference;
        match resolve(reference).filter(|_| !is_markup) {
            Some(characters) => field.value.extend(characters.into_iter().flatten()),
            None => field.value.extend(["&", name, ";"]),
        }
    }

    /// What stands where no sense can be made of the text any more: CDATA without an end still is text.
    fn rest(&mut self, text: &str) {
        self.is_cut = true;
        if let Some(text) = text.strip_prefix("<![CDATA[") {
            self.literal(text);
        }
    }

    fn is_full(&self) -> bool {
        self.has_too_many
    }

    fn finish(mut self) -> Tree {
        if self.has_too_many {
            self.tree
                .warnings
                .push(format!("the feed has more than {MOST_ENTRIES} entries; the rest was left out"));
        } else if self.is_cut || !self.open.is_empty() {
            self.tree
                .warnings
                .push("the feed ends early or is malformed; what came before was kept".to_owned());
        }
        self.end_entry();
        self.tree
    }

    /// The field that text belongs to, and whether it must be written as markup.
    fn at_hand(&mut self) -> Option<(&mut Field, bool)> {
        let open = self.open.last()?;
        let is_inside = open.role == Role::Markup;
        let field = open.field;
        let field = self.field_mut(field)?;
        let is_markup = is_inside || field.is_markup;
        Some((field, is_markup))
    }

    fn field_mut(&mut self, at: Option<usize>) -> Option<&mut Field> {
        self.entry.as_mut().unwrap_or(&mut self.tree.feed).fields.get_mut(at?)
    }

    /// Notes the prefixes that an element declares. The default namespace counts for the root alone: further in, it
    /// marks the content of a field.
    fn declare(&mut self, attributes: &[(String, String)], is_root: bool) {
        for (name, value) in attributes {
            let prefix = match name.strip_prefix("xmlns") {
                Some("") if is_root => "",
                Some(rest) => match rest.strip_prefix(':') {
                    Some(prefix) => prefix,
                    None => continue,
                },
                None => continue,
            };
            if self.prefixes.len() < MOST_PREFIXES
                && let Some(vocabulary) = vocabulary(value)
            {
                self.prefixes.push((prefix.to_owned(), vocabulary));
            }
        }
    }

    /// The name of an element by its vocabulary. An undeclared prefix means what it customarily does.
    fn key(&self, name: &str, attributes: &[(String, String)]) -> String {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let declared = |prefix: &str| {
            self.prefixes.iter().rev().find(|(known, _)| known == prefix).map(|&(_, vocabulary)| vocabulary)
        };
        let own = attributes.iter().find(|(name, _)| name == "xmlns" && prefix.is_empty());
        let vocabulary =
            own.and_then(|(_, uri)| vocabulary(uri)).or_else(|| declared(prefix)).unwrap_or(prefix);
        let vocabulary =
            if vocabulary == "atom" && self.tree.is_atom || vocabulary == "rdf" { "" } else { vocabulary };
        let local = local.to_ascii_lowercase();
        if vocabulary.is_empty() { local } else { format!("{vocabulary}:{local}") }
    }
}

fn vocabulary(namespace: &str) -> Option<&'static str> {
    let namespace = namespace.trim();
    let namespace = namespace.split_once("://").map_or(namespace, |(_, rest)| rest);
    VOCABULARIES.iter().find(|(start, _)| namespace.starts_with(start)).map(|&(_, vocabulary)| vocabulary)
}

fn local_name(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

fn attributes(tag: &BytesStart<'_>) -> Vec<(String, String)> {
    let mut attributes = tag.html_attributes();
    attributes.with_checks(false);
    attributes
        .take(MOST_ATTRIBUTES)
        .filter_map(Result::ok)
        .map(|attribute| {
            let raw: &str = &attribute.value;
            let value = quick_xml::escape::unescape_with(raw, entity);
            (
                attribute.key.as_ref().to_owned(),
                value.map_or_else(|_| raw.to_owned(), |value| value.into_owned()),
            )
        })
        .collect()
}

/// The values that attributes need of the references that XML predefines.
fn entity(name: &str) -> Option<&'static str> {
    quick_xml::escape::resolve_xml_entity(name)
}

/// The characters that a reference means, by XML or by HTML.
fn resolve(reference: &BytesRef<'_>) -> Option<[Option<char>; 2]> {
    if reference.is_char_ref() {
        return reference.resolve_char_ref().ok().flatten().map(|character| [Some(character), None]);
    }
    let name: &str = reference;
    let &(first, second) = NAMED_ENTITIES.get(format!("{name};").as_str())?;
    let character = |code: u32| char::from_u32(code).filter(|&character| character != '\0');
    Some([Some(character(first)?), character(second)])
}
