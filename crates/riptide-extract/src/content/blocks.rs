//! A page cut into text blocks, in one walk: the units of which each is kept or dropped.

use std::ops::Range;

use html5ever::{LocalName, local_name};
use riptide_html::{Dom, NodeId, Visit, is_inline, is_unread};
use rustc_hash::FxHashMap;

use super::lexicon::{
    ARIA_HIDDEN, HIDDEN, ROLE_WORDS, SEED, TAG_BUTTON, TAG_FORM, TAG_HEADER, TAG_ITEM, TAG_LINK, TAG_LIST,
    TAG_NAV, TAG_NOSCRIPT, TAG_SECTION, TAG_TABLE, hash_byte,
};
use super::text::{self, TextStats};

/// Blocks from which on neighbours are put together, so that a page of any size is judged in bounded time and memory. Even,
/// so that each joins one other.
const MOST_BLOCKS: usize = 1 << 14;
/// Words of a `class` or `id` that are looked at one by one: style sheets of utility classes give elements dozens.
const MOST_NAME_WORDS: u32 = 12;
/// A block with fewer words is a label or a caption rather than prose.
const PROSE_WORDS: u32 = 10;
/// A block with a larger share of its words in links is navigation rather than prose.
const PROSE_LINK_SHARE: f32 = 0.4;

/// A run of text without a block boundary in it.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// The nearest element around it that starts a line of its own.
    pub(super) parent: NodeId,
    /// The nearest element around its first text.
    pub(super) origin: NodeId,
    /// Its text nodes, as places in [`PageBlocks::texts`].
    pub(super) texts: Range<usize>,
    /// Its words, as places in [`PageBlocks::words`].
    pub(super) words: Range<usize>,
    /// What its text amounts to.
    pub(super) stats: TextStats,
    /// Words inside links.
    pub(super) link_words: u32,
    /// Links.
    pub(super) links: u32,
    /// Words in emphasis, strong or otherwise.
    pub(super) strong_words: u32,
}

impl Block {
    /// Adds the block that follows.
    fn absorb(&mut self, next: &Self) {
        self.texts.end = next.texts.end;
        self.words.end = next.words.end;
        self.stats.add(&next.stats);
        self.link_words += next.link_words;
        self.links += next.links;
        self.strong_words += next.strong_words;
    }

    /// Whether it reads like sentences.
    pub(super) fn is_prose(&self) -> bool {
        let words = self.stats.words;
        words >= PROSE_WORDS
            && self.stats.sentence_ends + self.stats.commas > 0
            && (self.link_words as f32) < PROSE_LINK_SHARE * words as f32
    }
}

/// Sums over the text of a subtree.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    pub(super) words: u32,
    pub(super) link_words: u32,
    /// Words of blocks that read like sentences.
    pub(super) prose: u32,
    pub(super) stop_words: u32,
    pub(super) blocks: u32,
    pub(super) links: u32,
    pub(super) images: u32,
    pub(super) headings: u32,
    /// Form fields and buttons.
    pub(super) controls: u32,
    pub(super) currency: u32,
    pub(super) paragraphs: u32,
}

impl Sums {
    fn add(&mut self, other: &Self) {
        self.words += other.words;
        self.link_words += other.link_words;
        self.prose += other.prose;
        self.stop_words += other.stop_words;
        self.blocks += other.blocks;
        self.links += other.links;
        self.images += other.images;
        self.headings += other.headings;
        self.controls += other.controls;
        self.currency += other.currency;
        self.paragraphs += other.paragraphs;
    }
}

/// The place of an element among its siblings.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Siblings {
    /// Alike in tag and class, digits aside.
    pub(super) signature: u32,
    /// The signatures of all elements from the body down to it, in one number.
    pub(super) way: u32,
    /// Siblings with the same signature, itself among them.
    pub(super) alike: u32,
    /// Its place among those, from zero.
    pub(super) ordinal: u32,
}

/// Words of an attribute's value, as places among all of them.
#[derive(Debug, Clone, Copy, Default)]
struct Words {
    first: u32,
    end: u32,
}

/// What an element is called.
#[derive(Debug, Clone, Copy, Default)]
struct Names {
    class: Words,
    id: Words,
}

/// What is known of every node of a page.
pub(super) struct PageBlocks<'d> {
    pub(super) dom: &'d Dom,
    pub(super) body: NodeId,
    pub(super) blocks: Vec<Block>,
    /// The text nodes in document order, blank ones left out.
    pub(super) texts: Vec<NodeId>,
    /// The hashes of all words in document order.
    pub(super) words: Vec<u32>,
    /// By [`NodeId::index`].
    sums: Vec<Sums>,
    roles: Vec<u64>,
    siblings: Vec<Siblings>,
    /// The hashes of the words of all different values of `class` and `id`.
    name_words: Vec<u32>,
    names: Vec<Names>,
    /// The first block of each element, before neighbours are put together.
    first_block: Vec<u32>,
    /// How many neighbours are put together to one block.
    group: usize,
    /// Blocks that were cut, before neighbours were put together.
    cut: usize,
}

impl<'d> PageBlocks<'d> {
    /// Cuts what is below `body`.
    pub(super) fn cut(dom: &'d Dom, body: NodeId) -> Self {
        let mut page = Self {
            dom,
            body,
            blocks: Vec::new(),
            texts: Vec::new(),
            words: Vec::new(),
            sums: vec![Sums::default(); dom.len()],
            roles: vec![0; dom.len()],
            siblings: vec![Siblings::default(); dom.len()],
            name_words: Vec::new(),
            names: vec![Names::default(); dom.len()],
            first_block: vec![0; dom.len()],
            group: 1,
            cut: 0,
        };
        Cutter { known: FxHashMap::default(), links: 0, strong: 0, open: None, alike: Vec::new() }
            .walk(&mut page);
        page
    }

    pub(super) fn sums(&self, node: NodeId) -> Sums {
        self.sums.get(node.index()).copied().unwrap_or_default()
    }

    pub(super) fn roles(&self, node: NodeId) -> u64 {
        self.roles.get(node.index()).copied().unwrap_or_default()
    }

    pub(super) fn siblings(&self, node: NodeId) -> Siblings {
        self.siblings.get(node.index()).copied().unwrap_or_default()
    }

    /// The hashes of the words of an element's `class` and `id`.
    pub(super) fn names(&self, node: NodeId) -> impl Iterator<Item = u32> {
        let Names { class, id } = self.names.get(node.index()).copied().unwrap_or_default();
        let words = |words: Words| self.name_words.get(words.first as usize..words.end as usize);
        words(class).into_iter().chain(words(id)).flatten().copied()
    }

    /// The elements around a block, nearest first, without the body.
    pub(super) fn way_up(&self, block: &Block) -> impl Iterator<Item = NodeId> {
        let body = self.body;
        std::iter::once(block.origin)
            .chain(self.dom.ancestors(block.origin))
            .take_while(move |&node| node != body)
    }

    /// The text of a block, white space folded.
    pub(super) fn text_of(&self, block: &Block) -> String {
        let mut text = String::new();
        for &node in self.texts.get(block.texts.clone()).unwrap_or_default() {
            if follows_line_break(self.dom, node) {
                text.push(' ');
            }
            text.push_str(self.dom.text(node).unwrap_or_default());
        }
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The blocks that begin below the element. Inline elements have those that begin while they are open.
    pub(super) fn blocks_of(&self, node: NodeId) -> Range<usize> {
        let first = self.first_block.get(node.index()).copied().unwrap_or_default() as usize;
        let end = first + self.sums(node).blocks as usize;
        first / self.group..end.div_ceil(self.group)
    }

    fn carry_up(&mut self, node: NodeId) {
        if node != self.body
            && let Some(parent) = self.dom.parent(node)
        {
            let sums = self.sums(node);
            self.add(parent, &sums);
        }
    }

    fn add(&mut self, node: NodeId, more: &Sums) {
        if let Some(sums) = self.sums.get_mut(node.index()) {
            sums.add(more);
        }
    }

    /// Adds the next block. When there are too many, each two neighbours become one, here and from then on.
    fn push(&mut self, block: Block) {
        if self.cut.is_multiple_of(self.group) {
            self.blocks.push(block);
        } else if let Some(last) = self.blocks.last_mut() {
            last.absorb(&block);
        }
        self.cut += 1;
        if self.blocks.len() >= MOST_BLOCKS && self.cut.is_multiple_of(self.group) {
            let mut pairs = Vec::with_capacity(MOST_BLOCKS);
            for pair in self.blocks.chunks(2) {
                let mut both = pair.first().cloned();
                if let (Some(first), Some(second)) = (&mut both, pair.get(1)) {
                    first.absorb(second);
                }
                pairs.extend(both);
            }
            self.blocks = pairs;
            self.group *= 2;
        }
    }
}

/// The walk that cuts a page.
struct Cutter<'d> {
    /// What has been read of attribute values: most of them come many times.
    known: FxHashMap<&'d str, (u64, Words)>,
    /// Links that are open.
    links: u32,
    /// Elements of emphasis that are open.
    strong: u32,
    open: Option<Block>,
    /// Room for the signatures of siblings.
    alike: Vec<(u32, NodeId)>,
}

impl<'d> Cutter<'d> {
    fn walk(&mut self, page: &mut PageBlocks<'d>) {
        let dom = page.dom;
        let mut walk = dom.walk(page.body);
        while let Some(visit) = walk.next() {
            match visit {
                Visit::Enter(node) => {
                    if let Some(text) = dom.text(node) {
                        self.text(page, node, text);
                    } else if is_unread(dom, node) {
                        let is_control = dom.html_name(node).is_some_and(is_control);
                        page.add(node, &Sums { controls: is_control.into(), ..Sums::default() });
                        walk.skip_children();
                    } else if dom.element(node).is_some() {
                        self.enter(page, node);
                    }
                }
                Visit::Leave(node) => self.leave(page, node),
            }
        }
        self.end_block(page);
    }

    fn enter(&mut self, page: &mut PageBlocks<'d>, node: NodeId) {
        let dom = page.dom;
        if !is_inline(dom, node) && !dom.is_html(node, &local_name!("br")) {
            self.end_block(page);
        }
        let Some(name) = dom.local_name(node) else { return };
        if let Some(slot) = page.first_block.get_mut(node.index()) {
            *slot = page.cut as u32;
        }
        let mut own = Sums::default();
        match *name {
            local_name!("a") if is_link(dom, node) => {
                self.links += 1;
                own.links = 1;
                if let Some(block) = &mut self.open {
                    block.links += 1;
                }
            }
            local_name!("strong") | local_name!("b") | local_name!("em") | local_name!("i") => {
                self.strong += 1
            }
            local_name!("img") | local_name!("picture") => own.images = 1,
            local_name!("h1")
            | local_name!("h2")
            | local_name!("h3")
            | local_name!("h4")
            | local_name!("h5")
            | local_name!("h6") => own.headings = 1,
            local_name!("p") => own.paragraphs = 1,
            _ if is_control(name) => own.controls = 1,
            _ => {}
        }
        page.add(node, &own);
        if node == page.body {
            return;
        }
        let (roles, signature) = self.read_names(page, node, name);
        if let Some(slot) = page.roles.get_mut(node.index()) {
            *slot = roles;
        }
        let way_to_parent = dom.parent(node).map_or(SEED, |parent| page.siblings(parent).way);
        if let Some(slot) = page.siblings.get_mut(node.index()) {
            slot.signature = signature;
            slot.way = signature.to_le_bytes().into_iter().fold(way_to_parent, hash_byte);
        }
    }

    fn leave(&mut self, page: &mut PageBlocks<'d>, node: NodeId) {
        let dom = page.dom;
        if !is_inline(dom, node) && !dom.is_html(node, &local_name!("br")) {
            self.end_block(page);
        }
        match dom.local_name(node) {
            Some(&local_name!("a")) if is_link(dom, node) => self.links = self.links.saturating_sub(1),
            Some(&local_name!("strong") | &local_name!("b") | &local_name!("em") | &local_name!("i")) => {
                self.strong = self.strong.saturating_sub(1)
            }
            _ => {}
        }
        self.count_alike(page, node);
        page.carry_up(node);
    }

    fn text(&mut self, page: &mut PageBlocks<'d>, node: NodeId, text: &str) {
        if text.trim_ascii().is_empty() {
            return;
        }
        let dom = page.dom;
        let block = self.open.get_or_insert_with(|| {
            let origin = dom.parent(node).unwrap_or(page.body);
            let is_block = |&above: &NodeId| dom.element(above).is_some() && !is_inline(dom, above);
            let parent = dom.ancestors(node).find(is_block).unwrap_or(page.body);
            let (texts, words) = (page.texts.len(), page.words.len());
            Block {
                parent,
                origin,
                texts: texts..texts,
                words: words..words,
                stats: TextStats::default(),
                link_words: 0,
                links: u32::from(self.links > 0),
                strong_words: 0,
            }
        });
        let before = block.stats.words;
        text::scan(text, &mut block.stats, |word| page.words.push(word));
        let more = block.stats.words - before;
        block.link_words += if self.links > 0 { more } else { 0 };
        block.strong_words += if self.strong > 0 { more } else { 0 };
        page.texts.push(node);
    }

    /// Closes the open block and books it with its parent.
    fn end_block(&mut self, page: &mut PageBlocks<'d>) {
        let Some(mut block) = self.open.take() else { return };
        block.texts.end = page.texts.len();
        block.words.end = page.words.len();
        let words = block.stats.words;
        let sums = Sums {
            words,
            link_words: block.link_words,
            prose: if block.is_prose() { words } else { 0 },
            stop_words: block.stats.stop_words,
            blocks: 1,
            currency: block.stats.currency,
            ..Sums::default()
        };
        page.add(block.parent, &sums);
        page.push(block);
    }

    /// What the element's tag and names say of it, and its signature.
    fn read_names(&mut self, page: &mut PageBlocks<'d>, node: NodeId, name: &LocalName) -> (u64, u32) {
        let dom = page.dom;
        let mut names = Names::default();
        let mut roles = by_tag(dom, node, name);
        let mut signature = name.bytes().fold(SEED, hash_byte);
        for attribute in dom.attributes(node) {
            let value: &'d str = &attribute.value;
            match &*attribute.name.local {
                "class" => {
                    let (of_words, words) = self.words_of(page, value);
                    roles |= of_words;
                    names.class = words;
                    signature = signature_of(value, signature);
                }
                // Headings and sections have ids made from their own words.
                "id" if *name == local_name!("section") || heading_level(dom, node).is_some() => {}
                "id" => {
                    let (of_words, words) = self.words_of(page, value);
                    roles |= of_words;
                    names.id = words;
                }
                "role" | "aria-label" | "itemprop" | "data-testid" | "data-component" | "data-module" => {
                    roles |= self.words_of(page, value).0;
                }
                "hidden" => {
                    // React streams parts of a page into hidden elements, `S:` and a number, from which a script
                    // moves them into place.
                    let is_streamed =
                        dom.attribute(node, &local_name!("id")).is_some_and(|id| id.starts_with("S:"));
                    if !is_streamed && !value.eq_ignore_ascii_case("until-found") {
                        roles |= HIDDEN;
                    }
                }
                "style" if hides(value) => roles |= HIDDEN,
                "aria-hidden" if value.eq_ignore_ascii_case("true") => roles |= ARIA_HIDDEN,
                _ => {}
            }
        }
        if let Some(slot) = page.names.get_mut(node.index()) {
            *slot = names;
        }
        (roles, signature)
    }

    fn words_of(&mut self, page: &mut PageBlocks<'d>, value: &'d str) -> (u64, Words) {
        *self.known.entry(value).or_insert_with(|| {
            let first = page.name_words.len() as u32;
            let roles = read_words(value, &mut page.name_words);
            (roles, Words { first, end: page.name_words.len() as u32 })
        })
    }

    /// Counts the children that are alike.
    fn count_alike(&mut self, page: &mut PageBlocks<'d>, node: NodeId) {
        self.alike.clear();
        let dom = page.dom;
        let elements = dom.children(node).filter(|&child| dom.element(child).is_some());
        self.alike.extend(elements.map(|child| (page.siblings(child).signature, child)));
        self.alike.sort_unstable_by_key(|&(signature, child)| (signature, child.index()));
        for group in self.alike.chunk_by(|one, other| one.0 == other.0) {
            for (ordinal, (_, child)) in group.iter().enumerate() {
                if let Some(slot) = page.siblings.get_mut(child.index()) {
                    slot.alike = group.len() as u32;
                    slot.ordinal = ordinal as u32;
                }
            }
        }
    }
}

/// Whether a `br` stands before a text, white space and comments aside.
fn follows_line_break(dom: &Dom, text: NodeId) -> bool {
    let mut at = text;
    loop {
        match dom.previous_sibling(at) {
            Some(before) if dom.element(before).is_some() => {
                return dom.is_html(before, &local_name!("br"));
            }
            Some(before) if dom.text(before).is_some_and(|text| !text.trim_ascii().is_empty()) => {
                return false;
            }
            Some(before) => at = before,
            None => match dom.parent(at) {
                Some(parent) if is_inline(dom, parent) => at = parent,
                _ => return false,
            },
        }
    }
}

fn is_link(dom: &Dom, node: NodeId) -> bool {
    dom.attribute(node, &local_name!("href")).is_some()
}

/// The level of a heading, 1 to 6.
pub(super) fn heading_level(dom: &Dom, node: NodeId) -> Option<u32> {
    match *dom.html_name(node)? {
        local_name!("h1") => Some(1),
        local_name!("h2") => Some(2),
        local_name!("h3") => Some(3),
        local_name!("h4") => Some(4),
        local_name!("h5") => Some(5),
        local_name!("h6") => Some(6),
        _ => None,
    }
}

fn is_control(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("input") | local_name!("select") | local_name!("textarea") | local_name!("button")
    )
}

fn by_tag(dom: &Dom, node: NodeId, name: &LocalName) -> u64 {
    let word = |word: &str| ROLE_WORDS.groups(word.bytes().fold(SEED, hash_byte));
    match *name {
        local_name!("nav") => word("nav") | TAG_NAV,
        local_name!("menu") => word("nav") | TAG_LIST,
        local_name!("footer")
        | local_name!("aside")
        | local_name!("main")
        | local_name!("article")
        | local_name!("dialog")
        | local_name!("search")
        | local_name!("blockquote")
        | local_name!("pre")
        | local_name!("code")
        | local_name!("figure")
        | local_name!("figcaption")
        | local_name!("caption")
        | local_name!("time")
        | local_name!("address") => word(name),
        local_name!("header") => {
            let in_article = dom.ancestors(node).any(|above| {
                matches!(
                    dom.html_name(above),
                    Some(&local_name!("article") | &local_name!("main") | &local_name!("section"))
                )
            });
            if in_article { TAG_HEADER } else { TAG_HEADER | word("header") }
        }
        local_name!("form") => word("form") | TAG_FORM,
        local_name!("label") | local_name!("legend") | local_name!("fieldset") => word("form"),
        local_name!("section") => TAG_SECTION,
        local_name!("details") | local_name!("summary") => word("accordion"),
        local_name!("ul") | local_name!("ol") | local_name!("dl") => TAG_LIST,
        local_name!("li") | local_name!("dt") | local_name!("dd") => TAG_ITEM,
        local_name!("table") => TAG_TABLE,
        local_name!("button") => TAG_BUTTON,
        local_name!("noscript") => TAG_NOSCRIPT,
        local_name!("a") => TAG_LINK,
        _ => 0,
    }
}

/// Whether an inline style takes the element out of sight.
fn hides(style: &str) -> bool {
    style.split(';').filter_map(|declaration| declaration.split_once(':')).any(|(property, value)| {
        let value = value.trim();
        property.trim().eq_ignore_ascii_case("display")
            && value.get(..4).is_some_and(|v| v.eq_ignore_ascii_case("none"))
            || property.trim().eq_ignore_ascii_case("visibility") && value.eq_ignore_ascii_case("hidden")
    })
}

/// The roles of the words that names such as `siteNav-main_2` are made of, and of the names as wholes. The hashes of the first
/// words of more than a letter are added to `words`.
fn read_words(value: &str, words: &mut Vec<u32>) -> u64 {
    let mut roles = 0;
    let (mut word, mut name) = (SEED, SEED);
    let (mut was_lower, mut length, mut left) = (false, 0, MOST_NAME_WORDS);
    let mut finish = |word: u32, length: u32| {
        if length > 1 && left > 0 {
            words.push(word);
            left -= 1;
        }
        ROLE_WORDS.groups(word)
    };
    for byte in value.bytes() {
        if !byte.is_ascii_alphabetic() || byte.is_ascii_uppercase() && was_lower {
            roles |= finish(word, length);
            (word, length) = (SEED, 0);
        }
        if byte.is_ascii_alphabetic() {
            length += 1;
            word = hash_byte(word, byte.to_ascii_lowercase());
            name = hash_byte(name, byte.to_ascii_lowercase());
        } else if byte.is_ascii_whitespace() {
            roles |= ROLE_WORDS.groups(name);
            name = SEED;
        }
        was_lower = byte.is_ascii_lowercase();
    }
    roles | finish(word, length) | ROLE_WORDS.groups(name)
}

/// Mixes the first two classes into a signature, without digits: those often number the elements.
fn signature_of(class: &str, signature: u32) -> u32 {
    class
        .split_ascii_whitespace()
        .take(2)
        .flat_map(|name| name.bytes().filter(|byte| !byte.is_ascii_digit()))
        .fold(signature, hash_byte)
}
