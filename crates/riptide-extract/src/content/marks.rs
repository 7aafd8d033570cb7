//! Marks of a block: the single words in it and around it, and the names of the elements that it stands in, each as a number of
//! 16 bits (feature hashing; Weinberger et al. 2009, <https://doi.org/10.1145/1553374.1553516>).
//!
//! What the lexicon's lists say of kinds of words, a table of learned weights says of each word.

use riptide_html::NodeId;
use rustc_hash::FxHashMap;

use super::blocks::{Block, PageBlocks};
use super::features::Context;
use super::lexicon::{SEED, hash_byte};
use crate::model::MarkTable;

/// Words of a block that are looked at.
const WORDS: usize = 40;
/// A block with more words than this is text rather than a label.
const LABEL_WORDS: usize = 15;
/// A block with more words than this is known by its first ones alone.
const SHORT_WORDS: usize = 4;
/// A neighbour with more words than this says nothing by its wording.
const NEIGHBOUR_WORDS: usize = 6;
/// Words of a heading that are looked at.
const HEADING_WORDS: usize = 8;
/// How many elements around a block are looked at one by one: for their names, their tags, and their looks.
const NAMED: usize = 3;
const TAGGED: usize = 4;
const ALIKE: usize = 6;
/// How many elements around an element may have said its names already.
const REMEMBERED: usize = 32;

/// What a mark is about. The order is part of the model.
#[derive(Clone, Copy)]
enum Kind {
    ShortWord,
    LabelWord,
    TextWord,
    Pair,
    Whole,
    Beginning,
    HeadingWord,
    Heading,
    Before,
    After,
    Name,
    NearName,
    Tag,
    Looks,
    Tags,
}

impl Kind {
    /// The mark of a hash.
    fn mark(self, hash: u32) -> u16 {
        let mixed = hash.rotate_left(self as u32 + 1) ^ (self as u32 + 1).wrapping_mul(0x85eb_ca6b);
        (mixed.wrapping_mul(0x9e37_79b1) >> 16) as u16
    }
}

/// Gives the blocks of a page the sums of their marks' weights.
pub(super) struct Marks<'p, 'd> {
    context: &'p Context<'p, 'd>,
    table: &'p MarkTable,
    /// What the names on the way down to an element come to.
    names: FxHashMap<NodeId, f32>,
    near: Vec<u16>,
    way: Vec<NodeId>,
}

impl<'p, 'd> Marks<'p, 'd> {
    pub(super) fn of(context: &'p Context<'p, 'd>, table: &'p MarkTable) -> Self {
        Self { context, table, names: FxHashMap::default(), near: Vec::new(), way: Vec::new() }
    }

    /// The log-odds that a block is main content, by its marks alone.
    pub(super) fn log_odds(&mut self, at: usize, block: &Block) -> f32 {
        self.near.clear();
        near(self.context, at, block, &mut self.near);
        self.table.log_odds(&self.near) + self.names_around(block)
    }

    fn names_around(&mut self, block: &Block) -> f32 {
        let page = self.context.page;
        let known = page.way_up(block).find_map(|node| match self.names.get(&node) {
            Some(&sum) => Some(sum),
            None => {
                self.way.push(node);
                None
            }
        });
        let mut sum = known.unwrap_or_default();
        while let Some(node) = self.way.pop() {
            sum += names(page, node).map(|mark| self.table.weight(mark)).sum::<f32>();
            self.names.insert(node, sum);
        }
        sum
    }
}

/// All marks of a block.
pub(super) fn all(context: &Context<'_, '_>, at: usize, block: &Block) -> Vec<u16> {
    let mut marks = Vec::new();
    near(context, at, block, &mut marks);
    marks.extend(context.page.way_up(block).flat_map(|node| names(context.page, node)));
    marks
}

/// The marks of the names of one element, without words that an element around it has, too.
fn names(page: &PageBlocks<'_>, node: NodeId) -> impl Iterator<Item = u16> {
    let is_new = move |word: &u32| {
        let mut above = page.dom.ancestors(node).take(REMEMBERED);
        !above.any(|above| page.names(above).any(|known| known == *word))
    };
    page.names(node).filter(is_new).map(|word| Kind::Name.mark(word))
}

/// The marks of a block that are not those of all names around it, each once, however often its word comes.
fn near(context: &Context<'_, '_>, at: usize, block: &Block, marks: &mut Vec<u16>) {
    text(context, at, block, marks);
    around(context.page, block, marks);
    marks.sort_unstable();
    marks.dedup();
}

fn text(context: &Context<'_, '_>, at: usize, block: &Block, marks: &mut Vec<u16>) {
    let page = context.page;
    let words_of = |block: &Block| page.words.get(block.words.clone()).unwrap_or_default();
    let words = words_of(block);
    let word = if words.len() <= SHORT_WORDS {
        Kind::ShortWord
    } else if words.len() <= LABEL_WORDS {
        Kind::LabelWord
    } else {
        Kind::TextWord
    };
    marks.extend(words.iter().take(WORDS).map(|&hash| word.mark(hash)));
    if words.len() <= LABEL_WORDS {
        marks.extend(words.windows(2).map(|pair| Kind::Pair.mark(joined(pair))));
        marks.push(Kind::Whole.mark(joined(words)));
    } else {
        marks.push(Kind::Beginning.mark(joined(words.get(..2).unwrap_or_default())));
    }
    if let Some(heading) = context.heading_above(at) {
        let words = words_of(heading);
        let words = words.get(..HEADING_WORDS).unwrap_or(words);
        marks.extend(words.iter().map(|&hash| Kind::HeadingWord.mark(hash)));
        marks.push(Kind::Heading.mark(joined(words)));
    }
    let before = at.checked_sub(1).and_then(|at| page.blocks.get(at));
    for (kind, neighbour) in [(Kind::Before, before), (Kind::After, page.blocks.get(at + 1))] {
        if let Some(words) = neighbour.map(words_of).filter(|words| words.len() <= NEIGHBOUR_WORDS) {
            marks.push(kind.mark(joined(words)));
        }
    }
}

fn around(page: &PageBlocks<'_>, block: &Block, marks: &mut Vec<u16>) {
    let mut tags = SEED;
    for (distance, node) in page.way_up(block).take(ALIKE).enumerate() {
        let tag = page.dom.local_name(node).map_or(SEED, |name| name.bytes().fold(SEED, hash_byte));
        if distance < NAMED {
            marks.extend(page.names(node).map(|word| Kind::NearName.mark(word)));
        }
        if distance < TAGGED {
            marks.push(Kind::Tag.mark(tag.rotate_left(distance as u32)));
            tags = joined(&[tags, tag]);
        }
        if page.names(node).next().is_some() {
            marks.push(Kind::Looks.mark(page.siblings(node).signature));
        }
    }
    marks.push(Kind::Tags.mark(tags));
}

/// Hashes in their order as one.
fn joined(hashes: &[u32]) -> u32 {
    hashes.iter().fold(SEED, |sum, &hash| (sum.rotate_left(7) ^ hash).wrapping_mul(0x9e37_79b1))
}
