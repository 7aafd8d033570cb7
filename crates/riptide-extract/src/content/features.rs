//! What the model is told of a block: its text, the names and shapes around it, its place, its neighbours and its page.
//!
//! One function per subject says each feature with its name; a [`FeatureSink`] either keeps the values or the names, so that
//! names and values cannot part.

use html5ever::{LocalName, local_name};
use riptide_html::{Dom, NodeId, NodeSet};
use rustc_hash::{FxHashMap, FxHashSet};

use url::Url;

use super::blocks::{Block, PageBlocks, Sums, heading_level};
use super::lexicon::{ROLES, SEED, TOPICS};
use super::text::{self, TextStats};
use crate::metadata::Metadata;
use crate::page_type::Votes;

/// Distances in elements from here on count as far away.
const FAR: f32 = 30.0;
/// Siblings alike from which on an element is one of several records.
const RECORDS: u32 = 3;

/// Takes features in a fixed order.
pub(super) trait FeatureSink {
    fn put(&mut self, subject: &str, name: &str, value: f32);
}

/// Keeps the values.
impl FeatureSink for Vec<f32> {
    #[inline]
    fn put(&mut self, _subject: &str, _name: &str, value: f32) {
        self.push(value);
    }
}

/// Keeps the names.
#[derive(Default)]
pub(super) struct FeatureNames(pub(super) Vec<String>);

impl FeatureSink for FeatureNames {
    fn put(&mut self, subject: &str, name: &str, _value: f32) {
        self.0.push(format!("{subject}: {name}"));
    }
}

/// What the page says of itself, in the form in which blocks are compared with it.
pub(super) struct Statements {
    title: FxHashSet<u32>,
    description: FxHashSet<u32>,
    /// Hashes of three words in a row of the `articleBody`.
    body: FxHashSet<u32>,
    pub(super) votes: Votes,
    is_text: bool,
    is_offer: bool,
    /// Parts of the address' path; -1 without an address.
    path_segments: f32,
    has_query: bool,
}

impl Statements {
    pub(super) fn of(metadata: &Metadata, votes: Votes, url: &str) -> Self {
        let hints = &metadata.page_type_hints;
        let url = Url::parse(url).ok();
        let segments = |url: &Url| url.path().split('/').filter(|segment| !segment.is_empty()).count() as f32;
        let set = |text: Option<&str>| word_hashes(text.unwrap_or_default()).into_iter().collect();
        Self {
            title: set(metadata.title.as_deref()),
            description: set(metadata.description.as_deref()),
            body: shingles(&word_hashes(metadata.article_body.as_deref().unwrap_or_default())).collect(),
            votes,
            is_text: hints.is_text(),
            is_offer: hints.is_offer(),
            path_segments: url.as_ref().map_or(-1.0, segments),
            has_query: url.as_ref().is_some_and(|url| url.query().is_some()),
        }
    }
}

fn word_hashes(text: &str) -> Vec<u32> {
    let mut words = Vec::new();
    text::scan(text, &mut TextStats::default(), |word| words.push(word));
    words
}

fn shingles(words: &[u32]) -> impl Iterator<Item = u32> {
    words.windows(3).map(|words| {
        words.iter().fold(SEED, |hash, word| (hash.rotate_left(7) ^ word).wrapping_mul(0x9E37_79B1))
    })
}

/// What is known of the whole page before its blocks are looked at one by one.
pub(super) struct Context<'p, 'd> {
    pub(super) page: &'p PageBlocks<'d>,
    statements: &'p Statements,
    whole: Sums,
    /// The way down from the body along the children with most prose: each element's place on it, the body's is 0.
    spine: FxHashMap<NodeId, u32>,
    /// The elements of the spine.
    on_spine: NodeSet,
    /// The first block of each element of the spine.
    spine_blocks: Vec<usize>,
    /// The last element of the spine that holds nearly all of the prose.
    root: NodeId,
    /// How often each text comes.
    copies: FxHashMap<u32, u32>,
    /// How often each block's text came before it.
    copies_before: Vec<u32>,
    first_h1: Option<usize>,
    /// The heading above each block, as a place among the blocks.
    headings: Vec<Option<usize>>,
    /// Words before each block.
    words_before: Vec<u32>,
    h1: u32,
}

/// A step down the spine must hold at least this share of the weight to be the content's root.
const ROOT_SHARE: f32 = 0.85;
/// How much a word counts that is not prose, when weight is compared.
const LABEL_WEIGHT: f32 = 0.1;

fn weight(sums: &Sums) -> f32 {
    sums.prose as f32 + LABEL_WEIGHT * sums.words as f32
}

impl<'p, 'd> Context<'p, 'd> {
    pub(super) fn of(page: &'p PageBlocks<'d>, statements: &'p Statements) -> Self {
        let mut copies: FxHashMap<u32, u32> = FxHashMap::default();
        let mut copies_before = Vec::with_capacity(page.blocks.len());
        let mut headings = Vec::with_capacity(page.blocks.len());
        let mut words_before = Vec::with_capacity(page.blocks.len());
        let (mut heading, mut words, mut first_h1, mut h1) = (None, 0, None, 0);
        for (at, block) in page.blocks.iter().enumerate() {
            let seen = copies.entry(block.stats.hash).or_default();
            copies_before.push(*seen);
            *seen += 1;
            headings.push(heading);
            words_before.push(words);
            words += block.stats.words;
            if let Some(level) = heading_level(page.dom, block.parent) {
                heading = Some(at);
                if level == 1 {
                    first_h1 = first_h1.or(Some(at));
                    h1 += 1;
                }
            }
        }
        let (spine, root) = spine(page);
        let mut on_spine = NodeSet::of(page.dom);
        spine.keys().for_each(|&node| on_spine.insert(node));
        Self {
            page,
            statements,
            whole: page.sums(page.body),
            on_spine,
            spine_blocks: spine_blocks(page, &spine),
            spine,
            root,
            copies,
            copies_before,
            first_h1,
            headings,
            words_before,
            h1,
        }
    }

    /// The heading above a block.
    pub(super) fn heading_above(&self, at: usize) -> Option<&Block> {
        self.headings.get(at).copied().flatten().and_then(|heading| self.page.blocks.get(heading))
    }

    /// Says all features of a block.
    pub(super) fn describe(&self, at: usize, block: &Block, sink: &mut impl FeatureSink) {
        self.text(at, block, sink);
        self.agreement(block, sink);
        self.names(block, sink);
        self.containers(block, sink);
        self.records(block, sink);
        self.place(at, block, sink);
        self.neighbours(at, block, sink);
        self.whole_page(sink);
    }

    fn text(&self, at: usize, block: &Block, sink: &mut impl FeatureSink) {
        let stats = &block.stats;
        let words = stats.words as f32;
        let mut put = |name, value| sink.put("text", name, value);
        put("words", words);
        put("letters per word", share(stats.letters, stats.words));
        put("digit share", share(stats.digits, stats.letters));
        put("capitalised share", share(stats.capitalised, stats.words));
        put("stop word share", share(stats.stop_words, stats.words));
        put("topic word share", share(stats.topic_words, stats.words));
        put("sentence ends", stats.sentence_ends as f32);
        put("sentence ends per word", share(stats.sentence_ends, stats.words));
        put("commas per word", share(stats.commas, stats.words));
        put("currency signs", stats.currency as f32);
        put("separators per word", share(stats.separators, stats.words));
        put("years", stats.years as f32);
        put("link share", share(block.link_words, stats.words));
        put("links", block.links as f32);
        put("words per link", words / (block.links + 1) as f32);
        put("strong share", share(block.strong_words, stats.words));
        put("last character", character_class(stats.last));
        put("first character", character_class(stats.first));
        put("copies before", self.copies_before.get(at).copied().unwrap_or_default() as f32);
        put("copies", self.copies.get(&stats.hash).copied().unwrap_or_default() as f32);
    }

    fn agreement(&self, block: &Block, sink: &mut impl FeatureSink) {
        let words = self.page.words.get(block.words.clone()).unwrap_or_default();
        let found = |set: &FxHashSet<u32>| {
            let found =
                if set.is_empty() { 0 } else { words.iter().filter(|word| set.contains(word)).count() };
            found as u32
        };
        let statements = self.statements;
        let title = found(&statements.title);
        sink.put("agreement", "share in title", share(title, words.len() as u32));
        sink.put("agreement", "share of title", share(title, statements.title.len() as u32));
        let description = found(&statements.description);
        sink.put("agreement", "share in description", share(description, words.len() as u32));
        let in_body = if statements.body.is_empty() {
            -1.0
        } else {
            let (mut all, mut known) = (0, 0);
            for shingle in shingles(words) {
                all += 1;
                known += u32::from(statements.body.contains(&shingle));
            }
            share(known, all)
        };
        sink.put("agreement", "share in article body", in_body);
    }

    fn names(&self, block: &Block, sink: &mut impl FeatureSink) {
        let mut near = [FAR; ROLES.len()];
        let mut seen = 0_u64;
        for (distance, node) in self.page.way_up(block).enumerate() {
            let mut fresh = self.page.roles(node) & !seen;
            seen |= fresh;
            while fresh != 0 {
                if let Some(slot) = near.get_mut(fresh.trailing_zeros() as usize) {
                    *slot = (distance as f32).min(FAR - 1.0);
                }
                fresh &= fresh - 1;
            }
        }
        for ((name, _), distance) in ROLES.iter().zip(near) {
            sink.put("nearest", name, distance);
        }
        let dom = self.page.dom;
        sink.put("tag", "parent", tag_class(dom, block.parent));
        sink.put("tag", "origin", tag_class(dom, block.origin));
        let above = dom.parent(block.parent).unwrap_or(block.parent);
        sink.put("tag", "above parent", tag_class(dom, above));
    }

    fn containers(&self, block: &Block, sink: &mut impl FeatureSink) {
        let dom = self.page.dom;
        let above = dom.parent(block.parent).unwrap_or(block.parent);
        let second = dom.parent(above).unwrap_or(above);
        self.container("parent", block.parent, sink);
        self.container("above parent", above, sink);
        self.container("second above parent", second, sink);
        let section = self.page.way_up(block).find(|&node| is_section(dom, node)).unwrap_or(self.page.body);
        self.container("section", section, sink);
        // The largest container that is clearly less than the page.
        let part = self
            .page
            .way_up(block)
            .take_while(|&node| (self.page.sums(node).words as f32) < 0.6 * self.whole.words as f32)
            .last()
            .unwrap_or(block.parent);
        self.container("part", part, sink);
        // The smallest container with a text's worth of prose.
        let passage =
            self.page.way_up(block).find(|&node| self.page.sums(node).prose >= 60).unwrap_or(self.page.body);
        self.container("passage", passage, sink);
        let distance = self.page.way_up(block).take_while(|&node| node != passage).count();
        sink.put("passage", "distance", (distance as f32).min(FAR));
    }

    fn container(&self, subject: &str, node: NodeId, sink: &mut impl FeatureSink) {
        let sums = self.page.sums(node);
        let mut put = |name, value| sink.put(subject, name, value);
        put("words", sums.words as f32);
        put("share of page", share(sums.words, self.whole.words));
        put("share of prose", share(sums.prose, self.whole.prose));
        put("link share", share(sums.link_words, sums.words));
        put("prose share", share(sums.prose, sums.words));
        put("stop word share", share(sums.stop_words, sums.words));
        put("words per block", share(sums.words, sums.blocks));
        put("links per block", share(sums.links, sums.blocks));
        put("images per block", share(sums.images, sums.blocks));
        put("headings", sums.headings as f32);
        put("paragraphs per block", share(sums.paragraphs, sums.blocks));
        put("controls", sums.controls as f32);
        put("prices per block", share(sums.currency, sums.blocks));
    }

    fn records(&self, block: &Block, sink: &mut impl FeatureSink) {
        let page = self.page;
        let own = page.siblings(block.parent);
        sink.put("repetition", "parents alike", own.alike as f32);
        sink.put("repetition", "place among parents", own.ordinal as f32);
        let is_record = |&node: &NodeId| page.siblings(node).alike >= RECORDS && page.sums(node).blocks > 1;
        let nearest = self.page.way_up(block).enumerate().find(|(_, node)| is_record(node));
        self.record("record", nearest, sink);
        let outermost = self.page.way_up(block).enumerate().filter(|(_, node)| is_record(node)).last();
        self.record("outer record", outermost, sink);
    }

    fn record(&self, subject: &str, record: Option<(usize, NodeId)>, sink: &mut impl FeatureSink) {
        let page = self.page;
        let (distance, node) = record.map_or((-1.0, page.body), |(distance, node)| (distance as f32, node));
        let siblings = page.siblings(node);
        let sums = page.sums(node);
        let group = page.sums(page.dom.parent(node).unwrap_or(node));
        let mut put = |name, value| sink.put(subject, name, value);
        put("distance", distance);
        put("alike", siblings.alike as f32);
        put("place", siblings.ordinal as f32);
        put("words", sums.words as f32);
        put("prose share", share(sums.prose, sums.words));
        put("link share", share(sums.link_words, sums.words));
        put("images", sums.images as f32);
        put("headings", sums.headings as f32);
        put("prices", sums.currency as f32);
        put("blocks", sums.blocks as f32);
        put("group share of page", share(group.words, self.whole.words));
        put("group words per record", share(group.words, siblings.alike));
        put("group link share", share(group.link_words, group.words));
        put("group prose share", share(group.prose, group.words));
    }

    fn place(&self, at: usize, block: &Block, sink: &mut impl FeatureSink) {
        let page = self.page;
        let before = self.words_before.get(at).copied().unwrap_or_default();
        let mut put = |name, value| sink.put("place", name, value);
        put("blocks before", at as f32);
        put("share of blocks before", share(at as u32, page.blocks.len() as u32));
        put("share of words before", share(before, self.whole.words));
        put("words after", (self.whole.words.saturating_sub(before)) as f32);
        put("depth", self.page.way_up(block).count() as f32);
        let blocks_after_h1 = self.first_h1.map_or(-500.0, |h1| (at as f32 - h1 as f32).clamp(-400.0, 400.0));
        put("blocks after h1", blocks_after_h1);
        let h1_words = self.first_h1.and_then(|h1| self.words_before.get(h1)).copied();
        put("words after h1", h1_words.map_or(-5000.0, |h1| (before as f32 - h1 as f32).max(-4000.0)));
        let joint = self.page.way_up(block).enumerate().find(|&(_, node)| self.on_spine.contains(node));
        let (distance, joint) = joint.unwrap_or((FAR as usize, page.body));
        put("distance to spine", distance as f32);
        put("share at spine", weight(&page.sums(joint)) / weight(&self.whole).max(1.0));
        let depth = self.spine.get(&joint).copied().unwrap_or_default();
        put("spine left", (self.spine.len() as f32) - depth as f32);
        let to_root = self.page.way_up(block).position(|node| node == self.root);
        put("distance to root", to_root.map_or(-1.0, |distance| distance as f32));
        let child_of_joint = self.page.way_up(block).take_while(|&node| node != joint).last();
        let sums = child_of_joint.map(|node| page.sums(node)).unwrap_or_default();
        put("branch share of page", share(sums.words, self.whole.words));
        put("branch link share", share(sums.link_words, sums.words));
        put("branch prose share", share(sums.prose, sums.words));
        let spine_after = self.spine_blocks.get(depth as usize + 1).copied().unwrap_or_default();
        put("before spine", f32::from(child_of_joint.is_some() && at < spine_after));
        self.heading(at, sink);
    }

    fn heading(&self, at: usize, sink: &mut impl FeatureSink) {
        let page = self.page;
        let block = page.blocks.get(at);
        let own = block.and_then(|block| heading_level(page.dom, block.parent));
        sink.put("heading", "own level", own.unwrap_or_default() as f32);
        let above = self.headings.get(at).copied().flatten();
        let heading = above.and_then(|above| page.blocks.get(above));
        let level = heading.and_then(|heading| heading_level(page.dom, heading.parent));
        sink.put("heading", "level above", level.unwrap_or_default() as f32);
        sink.put("heading", "blocks since", above.map_or(1000.0, |above| (at - above) as f32));
        let topics = heading.map_or(0, |heading| heading.stats.topics);
        for (bit, (name, _)) in TOPICS.iter().enumerate().skip(1) {
            sink.put("heading topic", name, ((topics >> bit) & 1) as f32);
        }
        sink.put("heading", "words", heading.map_or(-1.0, |heading| heading.stats.words as f32));
        sink.put(
            "heading",
            "link share",
            heading.map_or(-1.0, |block| share(block.link_words, block.stats.words)),
        );
        let next = page.blocks.get(at + 1).filter(|_| own.is_some());
        sink.put("heading", "words below", next.map_or(-1.0, |block| block.stats.words as f32));
    }

    fn neighbours(&self, at: usize, block: &Block, sink: &mut impl FeatureSink) {
        for (subject, place) in [("block before", at.checked_sub(1)), ("block after", Some(at + 1))] {
            let other = place.and_then(|place| self.page.blocks.get(place));
            self.neighbour(subject, other, sink);
            let stats = other.map(|other| other.stats).unwrap_or_default();
            sink.put(subject, "link share", other.map_or(-1.0, |other| share(other.link_words, stats.words)));
            sink.put(subject, "stop word share", share(stats.stop_words, stats.words));
            sink.put(
                subject,
                "sibling",
                f32::from(other.is_some_and(|other| self.are_siblings(block, other))),
            );
        }
        for (subject, place) in
            [("second block before", at.checked_sub(2)), ("second block after", Some(at + 2))]
        {
            let other = place.and_then(|place| self.page.blocks.get(place));
            self.neighbour(subject, other, sink);
        }
        for (subject, reach) in [("window of 3", 3), ("window of 8", 8)] {
            let around =
                self.page.blocks.get(at.saturating_sub(reach)..(at + reach + 1).min(self.page.blocks.len()));
            let around = around.unwrap_or_default();
            let count = around.len() as u32;
            let sum = |value: fn(&Block) -> u32| around.iter().map(value).sum::<u32>();
            let words = sum(|block| block.stats.words);
            sink.put(subject, "words per block", share(words, count));
            sink.put(subject, "link share", share(sum(|block| block.link_words), words));
            sink.put(
                subject,
                "prose share",
                share(sum(|block| if block.is_prose() { block.stats.words } else { 0 }), words),
            );
        }
    }

    fn neighbour(&self, subject: &str, other: Option<&Block>, sink: &mut impl FeatureSink) {
        sink.put(subject, "words", other.map_or(-1.0, |other| other.stats.words as f32));
        sink.put(subject, "tag", other.map_or(-1.0, |other| tag_class(self.page.dom, other.parent)));
    }

    fn are_siblings(&self, one: &Block, other: &Block) -> bool {
        let above = |block: &Block| self.page.dom.parent(block.parent);
        one.parent == other.parent || above(one) == above(other)
    }

    fn whole_page(&self, sink: &mut impl FeatureSink) {
        let whole = &self.whole;
        let mut put = |name, value| sink.put("page", name, value);
        put("words", whole.words as f32);
        put("blocks", whole.blocks as f32);
        put("link share", share(whole.link_words, whole.words));
        put("prose share", share(whole.prose, whole.words));
        put("words per block", share(whole.words, whole.blocks));
        put("images per block", share(whole.images, whole.blocks));
        put("paragraphs", whole.paragraphs as f32);
        put("headings", whole.headings as f32);
        put("h1", self.h1 as f32);
        put("controls", whole.controls as f32);
        put("prices", whole.currency as f32);
        put("path segments", self.statements.path_segments);
        put("query", f32::from(self.statements.has_query));
        put("article body", f32::from(!self.statements.body.is_empty()));
        put("says that it is a text", f32::from(self.statements.is_text));
        put("says that it is an offer", f32::from(self.statements.is_offer));
        put("root share", weight(&self.page.sums(self.root)) / weight(whole).max(1.0));
        for (kind, votes) in self.statements.votes.each() {
            sink.put("votes", kind, votes);
        }
    }
}

fn spine_blocks(page: &PageBlocks<'_>, spine: &FxHashMap<NodeId, u32>) -> Vec<usize> {
    let mut blocks = vec![0; spine.len()];
    for (&node, &place) in spine {
        if let Some(first) = blocks.get_mut(place as usize) {
            *first = page.blocks_of(node).start;
        }
    }
    blocks
}

/// The elements along the children with most prose, and the last that holds nearly all of it.
fn spine(page: &PageBlocks<'_>) -> (FxHashMap<NodeId, u32>, NodeId) {
    let weight = |node| weight(&page.sums(node));
    let mut spine = FxHashMap::default();
    spine.insert(page.body, 0);
    let (mut at, mut root, mut is_root) = (page.body, page.body, true);
    while let Some(child) = page
        .dom
        .children(at)
        .filter(|&child| page.dom.element(child).is_some())
        .max_by(|&one, &other| weight(one).total_cmp(&weight(other)))
        && weight(child) > 0.0
    {
        is_root &= weight(child) >= ROOT_SHARE * weight(at);
        if is_root {
            root = child;
        }
        spine.insert(child, spine.len() as u32);
        at = child;
    }
    (spine, root)
}

pub(super) fn share(part: u32, whole: u32) -> f32 {
    if whole == 0 { 0.0 } else { part as f32 / whole as f32 }
}

fn is_section(dom: &Dom, node: NodeId) -> bool {
    matches!(
        dom.html_name(node),
        Some(
            &local_name!("section")
                | &local_name!("article")
                | &local_name!("main")
                | &local_name!("aside")
                | &local_name!("nav")
                | &local_name!("header")
                | &local_name!("footer")
                | &local_name!("form")
                | &local_name!("table")
                | &local_name!("ul")
                | &local_name!("ol")
                | &local_name!("dl")
                | &local_name!("details")
                | &local_name!("figure")
                | &local_name!("noscript")
        )
    )
}

/// Characters in an order in which neighbours mean alike at the ends of a text.
fn character_class(character: char) -> f32 {
    let class = match character {
        '\0' => 0,
        '.' | '!' | '?' | '。' | '！' | '？' | '؟' | '।' | '…' => 1,
        '"' | '”' | '“' | '\'' | '’' | '»' | '」' => 2,
        ')' | ']' => 3,
        ':' => 4,
        ',' | ';' => 5,
        _ if character.is_lowercase() => 6,
        _ if character.is_uppercase() => 8,
        _ if character.is_alphabetic() => 7,
        _ if character.is_numeric() => 9,
        _ => 10,
    };
    class as f32
}

/// Elements in an order in which neighbours mean alike.
fn tag_class(dom: &Dom, node: NodeId) -> f32 {
    let class = match dom.local_name(node).unwrap_or(&LocalName::default()) {
        &local_name!("p") => 1,
        &local_name!("blockquote") => 2,
        &local_name!("pre") | &local_name!("code") => 3,
        &local_name!("h1") => 4,
        &local_name!("h2") => 5,
        &local_name!("h3") => 6,
        &local_name!("h4") => 7,
        &local_name!("h5") | &local_name!("h6") => 8,
        &local_name!("article") | &local_name!("main") => 9,
        &local_name!("section") => 10,
        &local_name!("div") => 11,
        &local_name!("body") => 12,
        &local_name!("figcaption") | &local_name!("figure") => 13,
        &local_name!("td") => 14,
        &local_name!("th") => 15,
        &local_name!("tr") | &local_name!("tbody") | &local_name!("table") | &local_name!("caption") => 16,
        &local_name!("dd") => 17,
        &local_name!("dt") => 18,
        &local_name!("li") => 19,
        &local_name!("ul") | &local_name!("ol") | &local_name!("dl") => 20,
        &local_name!("strong") | &local_name!("b") => 21,
        &local_name!("em") | &local_name!("i") => 22,
        &local_name!("span") => 23,
        &local_name!("time") => 24,
        &local_name!("a") => 25,
        &local_name!("summary") | &local_name!("details") => 26,
        &local_name!("header") => 27,
        &local_name!("label") | &local_name!("legend") | &local_name!("fieldset") => 28,
        &local_name!("form") => 29,
        &local_name!("button") => 30,
        &local_name!("aside") => 31,
        &local_name!("nav") => 32,
        &local_name!("footer") => 33,
        &local_name!("address") => 34,
        &local_name!("noscript") => 35,
        _ => 36,
    };
    class as f32
}
