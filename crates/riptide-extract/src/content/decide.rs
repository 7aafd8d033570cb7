//! From probabilities to a decision: which blocks are kept.

use html5ever::local_name;
use riptide_html::NodeId;
use riptide_types::Focus;
use rustc_hash::FxHashMap;

use super::blocks::{Block, PageBlocks};

/// More blocks than this an item of a list or table make it a container of other things.
const BLOCKS_PER_ITEM: u32 = 2;

/// How much of a block's probability is the mean of its like. The rest is its own: on a page without classes, texts that have
/// nothing in common have the same elements around them.
const SHARED: f32 = 0.75;
/// Words from which on a block counts no more among its like.
const MOST_WORDS: u32 = 40;

/// How much recall counts as against precision (van Rijsbergen's beta): the one figure that the modes move.
pub(crate) fn beta(focus: Focus) -> f32 {
    match focus {
        Focus::Precision => 0.5,
        Focus::Balanced => 1.0,
        Focus::Recall => 2.0,
    }
}

/// Draws blocks together that have the same elements around them, alike in tag and class: the names, prices or answers of
/// records that repeat are content all together or not at all.
pub(super) fn join_alike(page: &PageBlocks<'_>, probabilities: &mut [f32]) {
    let way = |block: &Block| page.siblings(block.origin).way;
    let mut means: FxHashMap<u32, (f32, f32)> = FxHashMap::default();
    for (block, &probability) in page.blocks.iter().zip(&*probabilities) {
        let weight = voice(block);
        let (sum, whole) = means.entry(way(block)).or_default();
        *sum += weight * probability;
        *whole += weight;
    }
    for (block, probability) in page.blocks.iter().zip(probabilities) {
        let (sum, whole) = means.get(&way(block)).copied().unwrap_or_default();
        *probability += SHARED * (sum / whole - *probability);
    }
}

/// How much a block counts among others: its words, so that no long one speaks for all.
pub(super) fn voice(block: &Block) -> f32 {
    block.stats.words.min(MOST_WORDS) as f32 + 1.0
}

/// Gives the blocks of a list of texts or a table of data one probability, the mean by words, so that it is kept or
/// dropped as a whole.
pub(super) fn even_out(page: &PageBlocks<'_>, probabilities: &mut [f32]) {
    let mut at = 0;
    while let Some(block) = page.blocks.get(at) {
        let end = structure_around(page, block).map_or(at, |node| page.blocks_of(node).end);
        let end = end.max(at + 1).min(page.blocks.len());
        let words: f32 = page.blocks.iter().take(end).skip(at).map(|block| block.stats.words as f32).sum();
        if end > at + 1
            && words > 0.0
            && let Some(members) = probabilities.get_mut(at..end)
        {
            let blocks = page.blocks.iter().skip(at);
            let weighted = members.iter().zip(blocks).map(|(p, block)| p * block.stats.words as f32);
            let mean = weighted.sum::<f32>() / words;
            members.fill(mean);
        }
        at = end;
    }
}

/// The outermost list of texts or table of data that the block is part of.
fn structure_around(page: &PageBlocks<'_>, block: &Block) -> Option<NodeId> {
    page.way_up(block).filter(|&node| is_structure(page, node)).last()
}

fn is_structure(page: &PageBlocks<'_>, node: NodeId) -> bool {
    let dom = page.dom;
    let rows = match dom.html_name(node) {
        Some(&local_name!("ul") | &local_name!("ol") | &local_name!("dl")) => {
            dom.children(node).filter(|&child| dom.element(child).is_some()).count() as u32
        }
        Some(&local_name!("table")) => u32::MAX,
        _ => return false,
    };
    let sums = page.sums(node);
    sums.headings == 0
        && sums.controls == 0
        && sums.images == 0
        && sums.blocks > 1
        && sums.blocks <= rows.saturating_mul(BLOCKS_PER_ITEM)
}

/// The blocks to keep for the best expected F measure, when the probabilities are taken at their word: those above a
/// threshold that depends on how sure the page as a whole is (Lewis 1995; Ye et al. 2012). Returns the threshold too.
pub(super) fn keep(page: &PageBlocks<'_>, probabilities: &[f32], beta: f32) -> (Vec<bool>, f32) {
    let mut order: Vec<(f32, f32)> = probabilities
        .iter()
        .zip(&page.blocks)
        .map(|(&probability, block)| (probability, block.stats.words as f32))
        .collect();
    order.sort_unstable_by(|one, other| other.0.total_cmp(&one.0));
    let weight = beta * beta;
    let wanted: f32 = order.iter().map(|(probability, words)| probability * words).sum();
    let (mut right, mut kept, mut best, mut threshold) = (0.0, 0.0, 0.0, 1.0);
    for (probability, words) in order {
        right += probability * words;
        kept += words;
        let measure = (1.0 + weight) * right / (kept + weight * wanted).max(f32::MIN_POSITIVE);
        if measure >= best {
            (best, threshold) = (measure, probability);
        }
    }
    (probabilities.iter().map(|&probability| probability >= threshold).collect(), threshold)
}
