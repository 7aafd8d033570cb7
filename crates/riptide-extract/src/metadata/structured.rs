//! Structured data in one shape, whether it came as JSON-LD, microdata or RDFa Lite.

use rustc_hash::FxHashMap;

/// A thing that the page describes, such as an article or a person.
#[derive(Debug, Default)]
pub(super) struct Item {
    /// Types without their vocabulary: `NewsArticle`, not `https://schema.org/NewsArticle`.
    pub(super) types: Vec<String>,
    /// Properties in source order, names without their vocabulary.
    pub(super) properties: Vec<(String, Value)>,
    /// The item and its property that hold this one; `None` at the top.
    pub(super) held_by: Option<(usize, String)>,
    pub(super) syntax: Syntax,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Syntax {
    #[default]
    JsonLd,
    /// Microdata or RDFa Lite: stands on the elements that show it.
    Inline,
}

#[derive(Debug)]
pub(super) enum Value {
    Text(String),
    /// The place of an item in its [`ItemGraph`].
    Item(usize),
    /// The identifier of an item that is described elsewhere.
    Reference(String),
}

/// All items of a page.
#[derive(Debug, Default)]
pub(super) struct ItemGraph {
    items: Vec<Item>,
    by_id: FxHashMap<String, usize>,
    has_body: bool,
}

impl ItemGraph {
    /// Makes room for an item and returns its place.
    pub(super) fn add(
        &mut self,
        types: Vec<String>,
        held_by: Option<(usize, &str)>,
        syntax: Syntax,
    ) -> usize {
        self.items.push(Item {
            types,
            held_by: held_by.map(|(item, property)| (item, property.to_owned())),
            syntax,
            ..Item::default()
        });
        self.items.len() - 1
    }

    /// Names an item; the first description of an identifier counts.
    pub(super) fn identify(&mut self, item: usize, id: &str) {
        self.by_id.entry(id.to_owned()).or_insert(item);
    }

    pub(super) fn set(&mut self, item: usize, property: &str, value: Value) {
        self.has_body |= property == "articleBody";
        if let Some(item) = self.items.get_mut(item) {
            item.properties.push((property.to_owned(), value));
        }
    }

    /// Whether any item holds the text of an article.
    pub(super) fn has_body(&self) -> bool {
        self.has_body
    }

    pub(super) fn items(&self) -> &[Item] {
        &self.items
    }

    pub(super) fn get(&self, item: usize) -> Option<&Item> {
        self.items.get(item)
    }

    /// The item that a value is or refers to.
    pub(super) fn follow(&self, value: &Value) -> Option<&Item> {
        match value {
            Value::Text(text) => self.items.get(*self.by_id.get(text)?),
            Value::Item(item) => self.items.get(*item),
            Value::Reference(id) => self.items.get(*self.by_id.get(id)?),
        }
    }

    /// The name of what a value is: its text, or the name of the item that it stands for.
    pub(super) fn name<'a>(&'a self, value: &'a Value) -> Option<&'a str> {
        match self.follow(value) {
            Some(item) => item.text("name").or_else(|| item.text("alternateName")),
            None => match value {
                Value::Text(text) => Some(text),
                _ => None,
            },
        }
    }
}

impl Item {
    /// The property of another item that holds this one.
    pub(super) fn role(&self) -> Option<&str> {
        self.held_by.as_ref().map(|(_, property)| property.as_str())
    }

    pub(super) fn is_a(&self, types: &[&str]) -> bool {
        self.types.iter().any(|is| types.contains(&is.as_str()))
    }

    /// The values of a property.
    pub(super) fn values<'a>(&'a self, property: &'static str) -> impl Iterator<Item = &'a Value> {
        self.properties.iter().filter(move |(name, _)| name == property).map(|(_, value)| value)
    }

    /// The first text of a property that is not empty.
    pub(super) fn text(&self, property: &str) -> Option<&str> {
        self.properties.iter().filter(|(name, _)| name == property).find_map(|(_, value)| match value {
            Value::Text(text) if !text.trim().is_empty() => Some(text.as_str()),
            _ => None,
        })
    }
}

/// A type or property name without its vocabulary.
pub(super) fn local_part(name: &str) -> &str {
    let name = name.trim().trim_end_matches('/');
    name.rsplit(['/', '#', ':']).next().unwrap_or(name)
}
