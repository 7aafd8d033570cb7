//! The choice of a page's main content.
//!
//! The page is cut into text blocks ([`blocks`]); each is described by features ([`features`]) of its text ([`text`]), the
//! names and shapes around it, its place and its neighbours ([`lexicon`] knows the words); a model of gradient-boosted trees
//! turns these into the probability that the block is main content, in which a table of weights of single words ([`marks`])
//! has a say; and [`decide`] keeps the blocks that give the best
//! expected F measure. A [`Selection`] of the tree is what goes on to the writers.

mod blocks;
mod comments;
mod confidence;
mod decide;
pub(crate) mod explain;
mod features;
mod lexicon;
mod marks;
mod selection;
#[cfg(test)]
mod tests;
mod text;

use html5ever::local_name;
use riptide_html::{Dom, NodeId, NodeSet, Selection};
use riptide_types::{Comment, Focus, PageType};

use crate::forest::logistic;
use crate::metadata::Metadata;
use crate::model::Model;
use crate::page_type::{self, Votes};
pub(crate) use lexicon::{SEED, hash_byte};
pub(crate) use text::count_words;

use blocks::{Block, PageBlocks};
use features::{Context, FeatureNames, Statements};
use marks::Marks;

/// What was chosen of a page.
pub(crate) struct Choice {
    /// What kind of page it is of.
    pub(crate) page_type: PageType,
    /// The content.
    pub(crate) selection: Selection,
    /// How far it can be trusted; see [`riptide_types::Document::quality_score`].
    pub(crate) quality_score: u8,
    /// What readers wrote about it.
    pub(crate) comments: Vec<Comment>,
}

/// Blocks whose features are there at once: few enough for the processor's caches.
const GROUP: usize = 32;

/// A page's text blocks, judged.
pub(crate) struct Blocks<'p, 'd> {
    page: PageBlocks<'d>,
    statements: Statements,
    model: &'p Model,
    /// For each block, the probability that it is main content.
    probabilities: Vec<f32>,
    /// The mean of their features.
    mean: Vec<f32>,
}

impl<'p, 'd> Blocks<'p, 'd> {
    /// Cuts a page into blocks and judges each.
    pub(crate) fn judge(
        dom: &'d Dom,
        metadata: &Metadata,
        votes: Votes,
        url: &str,
        model: &'p Model,
    ) -> Self {
        let page = PageBlocks::cut(dom, body(dom));
        let statements = Statements::of(metadata, votes, url);
        let context = Context::of(&page, &statements);
        let mut probabilities = Vec::with_capacity(page.blocks.len());
        let mut marks = Marks::of(&context, &model.marks);
        let mut mean = MeanRow::default();
        describe_in_groups(&context, |first, blocks, rows| {
            mean.add(blocks, rows);
            let is_fitting = rows.len() == blocks.len() * model.blocks.features();
            // Training starts with features that the built-in model does not know yet.
            let sums = if is_fitting { model.blocks.sums(rows) } else { vec![0.0; blocks.len()] };
            let judged = (first..).zip(blocks).zip(sums);
            let log_odds = judged.map(|((at, block), sum)| model.marks.mixed(sum, marks.log_odds(at, block)));
            probabilities.extend(log_odds.map(logistic));
        });
        decide::join_alike(&page, &mut probabilities);
        decide::even_out(&page, &mut probabilities);
        Self { page, statements, model, probabilities, mean: mean.values() }
    }

    /// What kind of page they are the text of.
    fn page_type(&self) -> PageType {
        page_type::judge(self.model, &self.mean, self.statements.votes)
    }

    /// The main content.
    pub(crate) fn main_content(&self, focus: Focus) -> Choice {
        let (kept, _) = decide::keep(&self.page, &self.probabilities, decide::beta(focus));
        Choice {
            page_type: self.page_type(),
            comments: comments::of_rest(&self.page, &kept),
            quality_score: confidence::score(self, &kept),
            selection: selection::of_kept(&self.page, &kept),
        }
    }

    /// All that a reader sees of the page.
    pub(crate) fn everything(&self) -> Choice {
        let kept = selection::visible(&self.page);
        Choice {
            page_type: self.page_type(),
            comments: Vec::new(),
            quality_score: confidence::score(self, &kept),
            selection: selection::of_kept(&self.page, &kept),
        }
    }

    /// What the given subtrees hold, but for `excluded`.
    pub(crate) fn of_roots(&self, roots: Vec<NodeId>, excluded: &NodeSet) -> Choice {
        let selection = selection::of_roots(self.page.dom, roots, excluded);
        let kept = selection::kept_by(&self.page, &selection);
        let quality_score = confidence::score(self, &kept);
        Choice { page_type: self.page_type(), quality_score, selection, comments: Vec::new() }
    }
}

/// What kind of page it is, when its blocks need not be judged.
pub(crate) fn page_type(dom: &Dom, metadata: &Metadata, votes: Votes, url: &str, model: &Model) -> PageType {
    let page = PageBlocks::cut(dom, body(dom));
    let statements = Statements::of(metadata, votes, url);
    let mut mean = MeanRow::default();
    describe_in_groups(&Context::of(&page, &statements), |_, blocks, rows| mean.add(blocks, rows));
    page_type::judge(model, &mean.values(), votes)
}

/// Says the features of a page's blocks, some blocks at a time: the place of the first, the blocks, and the rows of their
/// features one after the other.
fn describe_in_groups(context: &Context<'_, '_>, mut take: impl FnMut(usize, &[Block], &[f32])) {
    let mut rows = Vec::new();
    let mut first = 0;
    for blocks in context.page.blocks.chunks(GROUP) {
        rows.clear();
        for (at, block) in (first..).zip(blocks) {
            context.describe(at, block, &mut rows);
        }
        take(first, blocks, &rows);
        first += blocks.len();
    }
}

/// The mean of the features of a page's blocks, in which long blocks count more.
#[derive(Default)]
struct MeanRow {
    sums: Vec<f32>,
    weight: f32,
}

impl MeanRow {
    fn add(&mut self, blocks: &[Block], rows: &[f32]) {
        let features = rows.len() / blocks.len().max(1);
        self.sums.resize(features, 0.0);
        for (block, row) in blocks.iter().zip(rows.chunks_exact(features.max(1))) {
            let weight = decide::voice(block);
            self.weight += weight;
            self.sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += weight * value);
        }
    }

    /// The means; none of a page without blocks.
    fn values(&self) -> Vec<f32> {
        self.sums.iter().map(|sum| sum / self.weight).collect()
    }
}

/// The `body` element, or the whole document where there is none.
pub(crate) fn body(dom: &Dom) -> NodeId {
    dom.find_html(&local_name!("body")).unwrap_or(dom.document())
}

/// The names of all features of a block, in their order.
pub fn feature_names() -> Vec<String> {
    let dom = riptide_html::parse("<p>x");
    let page = PageBlocks::cut(&dom, body(&dom));
    let statements = Statements::of(&Metadata::default(), Votes::default(), "");
    let mut names = FeatureNames::default();
    if let Some(block) = page.blocks.first() {
        Context::of(&page, &statements).describe(0, block, &mut names);
    }
    names.0
}
