//! What an XML feed says, in its own words: named fields, before their names mean anything.

/// An element of a feed or an entry.
#[derive(Debug, Clone, Default)]
pub(super) struct Field {
    /// The elements around it, up to the feed or the entry, such as `media:group/media:content`; empty for most.
    pub(super) parent: String,
    /// Its name in lower case, with the customary prefix of its vocabulary; without one for RSS in RSS and Atom in Atom.
    pub(super) name: String,
    /// Names and values, decoded.
    pub(super) attributes: Vec<(String, String)>,
    /// Its text, decoded; elements in it are written as markup.
    pub(super) value: String,
    /// Whether the value is markup as it stands, rather than text which may hold markup that was escaped.
    pub(super) is_markup: bool,
}

impl Field {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }
}

/// A feed or an entry: its fields in document order.
#[derive(Debug, Clone, Default)]
pub(super) struct Record {
    /// Attributes of the element itself.
    pub(super) attributes: Field,
    pub(super) fields: Vec<Field>,
}

impl Record {
    /// The fields of this name that stand right in the record.
    pub(super) fn all<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r Field> {
        self.within("", name)
    }

    /// The fields of this name inside of those elements.
    pub(super) fn within<'r>(&'r self, parent: &'r str, name: &'r str) -> impl Iterator<Item = &'r Field> {
        self.fields.iter().filter(move |field| field.name == name && field.parent == parent)
    }

    /// The first field of the names that says something, the names in order of preference.
    pub(super) fn first(&self, names: &[&str]) -> Option<&Field> {
        names.iter().find_map(|name| {
            self.fields.iter().find(|field| {
                field.name == *name && field.parent.is_empty() && !field.value.trim().is_empty()
            })
        })
    }
}

/// A feed with its entries.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) is_atom: bool,
    pub(super) feed: Record,
    pub(super) entries: Vec<Record>,
    /// What was left out or mended.
    pub(super) warnings: Vec<String>,
}
