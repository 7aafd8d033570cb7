//! The one pass over the tree that gathers what the page says about itself. Nothing is judged here.

use html5ever::{LocalName, local_name};
use riptide_html::{Dom, NodeData, NodeId, Visit};
use rustc_hash::FxHashMap;

use super::byline;
use super::date;
use super::inline::{self, Attributes};
use super::json_ld;
use super::structured::ItemGraph;
use super::text;
use super::vocabulary::Roles;

/// Elements of one sort that are kept; a page with more is a list of others.
const MARKS: usize = 64;
/// Bytes of a title or heading.
pub(super) const TITLE_SIZE: usize = 400;

/// A place in the page that may hold what a field wants.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    pub(super) node: NodeId,
    /// Counted in nodes from the start of the page.
    pub(super) position: usize,
    /// What the element's own attributes say.
    pub(super) roles: Roles,
    /// What the elements around it say.
    pub(super) zone: Roles,
    /// Whether its own `rel` or `itemprop` says so in a standard way.
    pub(super) declared: bool,
}

impl Mark {
    /// Whether it stands in the content, not beside or below it.
    pub(super) fn is_central(self) -> bool {
        !self.zone.has(Roles::ASIDE) && !self.zone.has(Roles::COMMENT)
    }
}

/// What the page says about itself.
#[derive(Debug)]
pub(super) struct Facts<'d> {
    pub(super) dom: &'d Dom,
    /// The text of the first `title` element.
    pub(super) title: Option<String>,
    /// `meta` elements: lower-cased name and content, in document order.
    pub(super) meta: Vec<(String, &'d str)>,
    /// `link` elements: lower-cased relation and address.
    pub(super) links: Vec<(String, &'d str)>,
    /// The `lang` of the root element.
    pub(super) language: Option<&'d str>,
    pub(super) json_ld: Vec<String>,
    pub(super) items: ItemGraph,
    pub(super) h1: Vec<Mark>,
    /// Lesser headings, and elements whose names say that they hold a title.
    pub(super) titled: Vec<Mark>,
    /// `time` elements.
    pub(super) times: Vec<Mark>,
    /// Elements whose names say that they hold a date.
    pub(super) dated: Vec<Mark>,
    /// Text nodes that are short and hold a year.
    pub(super) date_texts: Vec<Mark>,
    /// Elements whose names say that they hold an author.
    pub(super) authored: Vec<Mark>,
    /// Text nodes that start like a byline.
    pub(super) byline_texts: Vec<Mark>,
    /// Links that mark a tag of the page.
    pub(super) tags: Vec<Mark>,
    /// Elements that are said to hold the way to the page.
    pub(super) trails: Vec<Mark>,
    /// `article` elements outside of asides and comments.
    pub(super) articles: usize,
    /// What has been read of `class` and `id` values: most of them come many times.
    known_roles: FxHashMap<&'d str, Roles>,
}

/// An element that gives those below it a zone or an item.
struct Scope {
    node: NodeId,
    zone: Roles,
    item: Option<usize>,
}

impl<'d> Facts<'d> {
    /// Walks over the page once.
    pub(super) fn gather(dom: &'d Dom) -> Self {
        let mut facts = Self {
            dom,
            title: None,
            meta: Vec::new(),
            links: Vec::new(),
            language: None,
            json_ld: Vec::new(),
            items: ItemGraph::default(),
            h1: Vec::new(),
            titled: Vec::new(),
            times: Vec::new(),
            dated: Vec::new(),
            date_texts: Vec::new(),
            authored: Vec::new(),
            byline_texts: Vec::new(),
            tags: Vec::new(),
            trails: Vec::new(),
            articles: 0,
            known_roles: FxHashMap::default(),
        };
        let mut scopes = vec![Scope { node: dom.document(), zone: Roles::default(), item: None }];
        let mut walk = dom.walk(dom.document());
        let mut position = 0;
        while let Some(visit) = walk.next() {
            let node = match visit {
                Visit::Enter(node) => node,
                Visit::Leave(node) => {
                    scopes.pop_if(|scope| scope.node == node);
                    continue;
                }
            };
            position += 1;
            let is_dull = match dom.data(node) {
                NodeData::Element(element) => {
                    facts.read_element(node, &element.name.local, position, &mut scopes)
                }
                NodeData::Text(text) => {
                    facts.read_text(node, position, text, &scopes);
                    false
                }
                _ => false,
            };
            if is_dull {
                walk.skip_children();
            }
        }
        facts
    }

    /// Returns whether the element's contents are of no interest.
    fn read_element(
        &mut self,
        node: NodeId,
        name: &LocalName,
        position: usize,
        scopes: &mut Vec<Scope>,
    ) -> bool {
        let dom = self.dom;
        let attributes = Attributes::of(dom, node);
        match *name {
            local_name!("style") | local_name!("svg") => return true,
            local_name!("script") => {
                if attributes.kind.is_some_and(|kind| kind.to_ascii_lowercase().contains("ld+json")) {
                    let block = dom.text_content(node);
                    json_ld::read(&block, &mut self.items);
                    self.json_ld.push(block.trim().to_owned());
                }
                return true;
            }
            local_name!("html") => self.language = attributes.language,
            local_name!("title") if self.title.is_none() => self.title = text::line(dom, node, TITLE_SIZE),
            local_name!("meta") => {
                self.read_meta(&attributes, scopes.last().is_some_and(|scope| scope.item.is_some()))
            }
            local_name!("link") => {
                if let (Some(rel), Some(href)) = (attributes.rel, attributes.href) {
                    self.links.push((rel.to_ascii_lowercase(), href));
                }
            }
            _ => {}
        }
        let around = scopes.last().map_or(Roles::default(), |scope| scope.zone);
        let item = scopes.last().and_then(|scope| scope.item);
        let roles = self.roles_of(attributes.class).with(self.roles_of(attributes.id));
        let opened = inline::read(dom, node, name, &attributes, item, &mut self.items);
        let mark = Mark { node, position, roles, zone: around, declared: attributes.names_author() };
        self.keep(name, mark);
        if roles.has(Roles::TRAIL) || attributes.is_trail() {
            keep(&mut self.trails, mark);
        }
        if attributes.is_tag_link(name) && mark.is_central() {
            keep(&mut self.tags, mark);
        }
        let zone = around.with(zone_of(name, roles));
        if zone != around || opened.is_some() {
            scopes.push(Scope { node, zone, item: opened.or(item) });
        }
        false
    }

    fn roles_of(&mut self, words: Option<&'d str>) -> Roles {
        let Some(words) = words else { return Roles::default() };
        *self.known_roles.entry(words).or_insert_with(|| Roles::of(words))
    }

    /// A property of an item says nothing of the page.
    fn read_meta(&mut self, attributes: &Attributes<'d>, in_item: bool) {
        let Some(content) = attributes.content.filter(|content| !content.trim().is_empty()) else { return };
        let property = attributes.itemprop.filter(|_| !in_item);
        let names = [attributes.name, attributes.property, property, attributes.http_equiv];
        self.meta.extend(names.into_iter().flatten().map(|name| (name.trim().to_ascii_lowercase(), content)));
    }

    fn keep(&mut self, name: &LocalName, mark: Mark) {
        match *name {
            local_name!("h1") => keep(&mut self.h1, mark),
            local_name!("h2") | local_name!("h3") => keep(&mut self.titled, mark),
            local_name!("time") => keep(&mut self.times, mark),
            local_name!("article") if mark.is_central() => self.articles += 1,
            local_name!("body") | local_name!("html") | local_name!("main") | local_name!("article") => {
                return;
            }
            _ => {}
        }
        if mark.roles.has(Roles::TITLE)
            && !matches!(*name, local_name!("h1") | local_name!("h2") | local_name!("h3"))
        {
            keep(&mut self.titled, mark);
        }
        if mark.declared || (mark.roles.has(Roles::AUTHOR) && !mark.roles.has(Roles::ABOUT)) {
            keep(&mut self.authored, mark);
        }
        if mark.roles.has(Roles::DATE) || mark.roles.has(Roles::MODIFIED) {
            keep(&mut self.dated, mark);
        }
    }

    fn read_text(&mut self, node: NodeId, position: usize, text: &str, scopes: &[Scope]) {
        let text = text.trim();
        if text.len() < 2 || text.len() > 200 {
            return;
        }
        let zone = scopes.last().map_or(Roles::default(), |scope| scope.zone);
        let mark = Mark { node, position, roles: Roles::default(), zone, declared: false };
        if byline::starts_byline(text) {
            keep(&mut self.byline_texts, mark);
        }
        if text.chars().count() <= 100 && date::may_hold_date(text) {
            keep(&mut self.date_texts, mark);
        }
    }

    /// The content of the first `meta` element that has one of the names, tried in their order.
    pub(super) fn meta(&self, names: &[&str]) -> Option<&'d str> {
        names.iter().find_map(|name| self.all_meta(name).next())
    }

    /// The contents of all `meta` elements of a name.
    pub(super) fn all_meta(&self, name: &str) -> impl Iterator<Item = &'d str> {
        self.meta.iter().filter(move |(known, _)| known == name).map(|(_, content)| *content)
    }

    /// The text at a mark as one line.
    pub(super) fn line(&self, mark: &Mark, limit: usize) -> Option<String> {
        text::line(self.dom, mark.node, limit)
    }
}

fn keep(marks: &mut Vec<Mark>, mark: Mark) {
    // What stands in the content goes before what stands beside it, however late it comes.
    if marks.len() < MARKS || (mark.is_central() && marks.len() < 2 * MARKS) {
        marks.push(mark);
    }
}

fn zone_of(name: &LocalName, roles: Roles) -> Roles {
    match *name {
        local_name!("aside") | local_name!("nav") | local_name!("footer") => return Roles::ASIDE,
        local_name!("html") | local_name!("body") | local_name!("main") | local_name!("h1") => {
            return Roles::default();
        }
        _ => {}
    }
    roles.only_zones()
}
