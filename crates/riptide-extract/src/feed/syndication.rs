//! What the elements of RSS and Atom mean, and those of the vocabularies that both are mixed with: Dublin Core, content,
//! Media RSS and iTunes.

use riptide_html::BaseUrl;
use riptide_types::MediaItem;

use super::record::{Field, Record, Tree};
use super::{Body, Feed, Item, add, enclosure, moment, xml};
use crate::metadata::byline::names_stated;
use crate::metadata::date::Order;
use crate::metadata::text::{fold, plain};

const PUBLISHED: [&str; 7] =
    ["published", "pubdate", "issued", "dc:date", "dcterms:issued", "dcterms:created", "atom:published"];
const MODIFIED: [&str; 5] = ["updated", "modified", "dcterms:modified", "atom:updated", "lastbuilddate"];
const SUMMARY: [&str; 5] = ["description", "summary", "itunes:summary", "dc:description", "atom:summary"];
const CONTENT: [&str; 5] = ["content:encoded", "content", "xhtml:body", "xhtml:div", "atom:content"];
const LANGUAGE: [&str; 2] = ["language", "dc:language"];

/// Reads an XML feed that was loaded from `url`, which may be empty.
pub(super) fn read(text: &str, url: &str) -> Feed {
    let tree = xml::read(text);
    let context = Context::of(&tree, url);
    let feed = &tree.feed;
    let image = feed.within("image", "url").next().map(|field| field.value.as_str());
    let image = image
        .or_else(|| feed.first(&["logo", "icon"]).map(|field| field.value.as_str()))
        .or_else(|| feed.all("itunes:image").find_map(|field| field.attribute("href")));
    Feed {
        title: context.text(feed, &["title"]),
        address: context.link(feed, "self", &context.base),
        language: context.language.clone(),
        description: context.text(feed, &["subtitle", "tagline", "description", "itunes:summary"]),
        image: image.and_then(|reference| context.base.resolve(reference)),
        authors: authors(feed, ""),
        published: context.date(feed, &PUBLISHED),
        modified: context.date(feed, &MODIFIED),
        tags: tags(feed),
        entries: tree.entries.iter().map(|entry| context.entry(entry)).collect(),
        warnings: tree.warnings,
    }
}

/// What the entries have from their feed.
struct Context {
    is_atom: bool,
    base: BaseUrl,
    language: Option<String>,
    order: Order,
    authors: Vec<String>,
}

impl Context {
    fn of(tree: &Tree, url: &str) -> Self {
        let feed = &tree.feed;
        let language = feed.attributes.attribute("xml:lang").map(str::to_owned);
        let language = language.or_else(|| feed.first(&LANGUAGE).map(|field| fold(&field.value)));
        let mut context = Self {
            is_atom: tree.is_atom,
            base: BaseUrl::at(url),
            order: Order::of_language(language.as_deref()),
            language,
            authors: authors(feed, ""),
        };
        context.base = match feed.attributes.attribute("xml:base") {
            Some(base) => context.base.within(base),
            // References of RSS are to the site (nothing says so, but all write them so); of Atom, to the feed.
            None if !context.is_atom || url.is_empty() => {
                let own = context.base.clone();
                let site = context.link(feed, "alternate", &own);
                let site = site.or_else(|| context.link(feed, "self", &own));
                site.map_or(own, |site| BaseUrl::at(&site))
            }
            None => context.base,
        };
        context
    }

    fn entry(&self, entry: &Record) -> Item {
        let stated = entry.attributes.attribute("xml:base");
        let base = stated.map_or_else(|| self.base.clone(), |stated| self.base.within(stated));
        let url = self.link(entry, "alternate", &base);
        let content = CONTENT.iter().find_map(|name| entry.first(&[name])).filter(|field| is_readable(field));
        let summary = SUMMARY.iter().find_map(|name| entry.first(&[name]));
        let mut authors = authors(entry, "");
        if authors.is_empty() {
            authors = self::authors(entry, "source");
        }
        if authors.is_empty() && self.is_atom {
            authors.clone_from(&self.authors);
        }
        let published = self.date(entry, &PUBLISHED);
        let content_base = match content.and_then(|field| field.attribute("xml:base")) {
            Some(stated) => base.within(stated),
            None if !self.is_atom && stated.is_none() => {
                url.as_deref().map_or_else(|| base.clone(), BaseUrl::at)
            }
            None => base.clone(),
        };
        Item {
            title: self.text(entry, &["title", "media:title", "itunes:title", "dc:title"]),
            id: entry.first(&["id", "guid", "dc:identifier"]).map(|field| fold(&field.value)),
            modified: self.date(entry, &MODIFIED).filter(|date| published.as_ref() != Some(date)),
            published,
            authors,
            summary: summary.map(|field| self.body(field)),
            content: content.map(|field| self.body(field)),
            tags: tags(entry),
            enclosures: enclosures(entry, &base),
            base: content_base,
            url,
        }
    }

    /// A line of text.
    fn text(&self, record: &Record, names: &[&str]) -> Option<String> {
        let text = match self.body(record.first(names)?) {
            Body::Html(html) => plain(&html),
            Body::Text(text) => fold(&text),
        };
        Some(text).filter(|text| !text.is_empty())
    }

    /// The value of a text construct (RFC 4287 §3.1); in RSS all of them may hold HTML.
    fn body(&self, field: &Field) -> Body {
        let is_atom = self.is_atom || field.name.starts_with("atom:");
        let is_html = field.attribute("type").is_some_and(|kind| kind.contains("html"));
        if field.is_markup || is_html || !is_atom {
            Body::Html(field.value.clone())
        } else {
            Body::Text(field.value.clone())
        }
    }

    fn date(&self, record: &Record, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| moment(&record.first(&[name])?.value, self.order))
    }

    /// The link of a relation: an Atom link, or, for the page itself, what RSS has for it.
    fn link(&self, record: &Record, relation: &str, base: &BaseUrl) -> Option<String> {
        let atom = record.all("link").chain(record.all("atom:link")).find_map(|link| {
            let is_meant = link.attribute("rel").unwrap_or("alternate") == relation;
            base.resolve(link.attribute("href").filter(|_| is_meant)?)
        });
        let plain = || {
            let link = record.all("link").find_map(|link| base.resolve(&link.value));
            // RSS 2.0: a guid is the address of its entry unless it says that it is not.
            let lasting = |guid: &&Field| {
                guid.attribute("ispermalink").or(guid.attribute("isPermaLink")) != Some("false")
            };
            let guid = || {
                let guid = record.first(&["guid"]).filter(lasting)?;
                Some(fold(&guid.value)).filter(|guid| guid.starts_with("http"))
            };
            link.or_else(guid).or_else(|| base.resolve(record.attributes.attribute("rdf:about")?))
        };
        atom.or_else(|| plain().filter(|_| relation == "alternate" && !self.is_atom))
    }
}

/// Whether a content element holds text, rather than a reference to something or its bytes (RFC 4287 §4.1.3.3).
fn is_readable(field: &Field) -> bool {
    let kind = field.attribute("type").unwrap_or("text");
    let has_text =
        !kind.contains('/') || kind.starts_with("text/") || kind.ends_with("+xml") || kind.ends_with("/xml");
    has_text && field.attribute("src").is_none() && field.attribute("mode") != Some("base64")
}

/// The names of the authors, told in the record itself or in an element of it.
fn authors(record: &Record, parent: &str) -> Vec<String> {
    let mut names = Vec::new();
    let path = |name: &str| if parent.is_empty() { name.to_owned() } else { format!("{parent}/{name}") };
    for element in ["author", "atom:author"] {
        let path = path(element);
        let stated = record.within(&path, "name").chain(record.within(&path, "atom:name"));
        add(&mut names, stated.map(|field| fold(&field.value)).filter(|name| !name.is_empty()));
    }
    for element in ["dc:creator", "author", "itunes:author"] {
        if names.is_empty() {
            let stated = record.within(parent, element);
            add(&mut names, stated.flat_map(|field| names_stated(without_address(&field.value))));
        }
    }
    names
}

/// RSS 2.0 puts the name of an author in brackets behind an e-mail address: `a@example.org (Ada Brook)`.
fn without_address(text: &str) -> &str {
    let bracketed = text.split_once('(').filter(|(address, _)| address.contains('@'));
    bracketed.and_then(|(_, rest)| rest.split_once(')')).map_or(text, |(name, _)| name)
}

fn tags(record: &Record) -> Vec<String> {
    let mut tags = Vec::new();
    for name in ["category", "atom:category", "dc:subject", "itunes:category"] {
        let stated = record.all(name).map(|field| {
            let label = field.attribute("label").or(field.attribute("term")).or(field.attribute("text"));
            label.map_or_else(|| plain(&field.value), fold)
        });
        add(&mut tags, stated.filter(|tag| !tag.is_empty()));
    }
    for name in ["media:keywords", "itunes:keywords"] {
        let stated = record.all(name).flat_map(|field| field.value.split(','));
        add(&mut tags, stated.map(fold).filter(|tag| !tag.is_empty()));
    }
    tags
}

/// The files that come with an entry: RSS's enclosures, Atom's links to such, Media RSS and iTunes.
fn enclosures(entry: &Record, base: &BaseUrl) -> Vec<MediaItem> {
    let mut items: Vec<MediaItem> = Vec::new();
    for field in &entry.fields {
        let attribute = |name: &str| field.attribute(name);
        let (reference, kind) = match field.name.as_str() {
            "enclosure" | "media:content" => {
                (attribute("url"), attribute("medium").or(attribute("type")).unwrap_or_default())
            }
            "media:thumbnail" => (attribute("url"), "image"),
            "itunes:image" => (attribute("href"), "image"),
            "link" | "atom:link" if attribute("rel") == Some("enclosure") => {
                (attribute("href"), attribute("type").unwrap_or_default())
            }
            _ => continue,
        };
        let Some(url) = reference.and_then(|reference| base.resolve(reference)) else { continue };
        if items.iter().all(|item| item.url != url) {
            add(&mut items, [enclosure(url, kind, attribute("title").unwrap_or_default())]);
        }
    }
    items
}
