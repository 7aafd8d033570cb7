//! What was decided about each block of a page, and why.

use html5ever::local_name;
use riptide_html::{Dom, NodeId};
use riptide_types::{Focus, PageType};

use super::features::Context;
use super::{Blocks, confidence, decide, marks};

/// How a page's main content came to be chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The page's blocks of text in document order.
    pub blocks: Vec<ExplainedBlock>,
    /// Blocks with this probability or a higher one are kept.
    pub threshold: f32,
    /// See [`riptide_types::Document::quality_score`].
    pub quality_score: u8,
    /// What the score is made from, by name.
    pub quality_features: Vec<(String, f32)>,
    /// See [`riptide_types::Document::page_type`].
    pub page_type: PageType,
    /// The mean of the features of its blocks, in the order of [`crate::feature_names`], which the kind is told from: a block
    /// counts as often as it has words, at most forty, and once more. None of a page without blocks.
    pub page_features: Vec<f32>,
}

/// A block of text.
#[derive(Debug, Clone, PartialEq)]
pub struct ExplainedBlock {
    /// Its text, white space folded.
    pub text: String,
    /// The elements around it, outermost first, as in a CSS selector: `main > div.story > p`.
    pub path: String,
    /// Words, counted as in [`riptide_types::Document::word_count`].
    pub words: u32,
    /// How probable it is that it is main content, 0 to 1.
    pub probability: f32,
    /// Whether it is kept.
    pub kept: bool,
    /// The features that set it apart most from the page's other blocks, the strongest first.
    pub reasons: Vec<Reason>,
    /// The values of all features, in the order of [`crate::feature_names`].
    pub features: Vec<f32>,
    /// The words in it and around it and the names of the elements that it stands in, hashed to numbers that the model has
    /// weights for.
    pub marks: Vec<u16>,
}

/// Why a block is kept or dropped.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Reason {
    /// The feature's name, or `words and names` for what single words and names add up to.
    pub feature: String,
    /// Its value; of words and names the log-odds.
    pub value: f32,
    /// By how much more it moved the log-odds than on the mean block of the page: above zero towards main content.
    pub weight: f32,
}

/// Explains the choice. `reasons` is how many are told of each block.
pub(crate) fn explain(blocks: &Blocks<'_, '_>, focus: Focus, reasons: usize) -> Explanation {
    let names = super::feature_names();
    let (kept, threshold) = decide::keep(&blocks.page, &blocks.probabilities, decide::beta(focus));
    let context = Context::of(&blocks.page, &blocks.statements);
    let rows: Vec<Vec<f32>> = blocks
        .page
        .blocks
        .iter()
        .enumerate()
        .map(|(at, block)| {
            let mut row = Vec::new();
            context.describe(at, block, &mut row);
            row
        })
        .collect();
    let marks: Vec<Vec<u16>> =
        blocks.page.blocks.iter().enumerate().map(|(at, block)| marks::all(&context, at, block)).collect();
    let mut reasons = reasons_of(blocks, &rows, &marks, &names, reasons).into_iter();
    let decided = blocks.probabilities.iter().zip(&kept);
    let explained = blocks.page.blocks.iter().zip(decided).zip(rows.into_iter().zip(marks)).map(
        |((block, (&probability, &kept)), (features, marks))| ExplainedBlock {
            text: blocks.page.text_of(block),
            path: path(blocks.page.dom, block.origin),
            words: block.stats.words,
            probability,
            kept,
            reasons: reasons.next().unwrap_or_default(),
            features,
            marks,
        },
    );
    let explained = explained.collect();
    let mut quality_features = Vec::new();
    confidence::describe(blocks, &kept, &mut quality_features);
    Explanation {
        blocks: explained,
        threshold,
        quality_score: confidence::score(blocks, &kept),
        quality_features: confidence::names(blocks).into_iter().zip(quality_features).collect(),
        page_type: blocks.page_type(),
        page_features: blocks.mean.clone(),
    }
}

/// For each block, the features that set it apart most from the page's other blocks.
fn reasons_of(
    blocks: &Blocks<'_, '_>,
    rows: &[Vec<f32>],
    marks: &[Vec<u16>],
    names: &[String],
    count: usize,
) -> Vec<Vec<Reason>> {
    if count == 0 {
        return Vec::new();
    }
    let table = &blocks.model.marks;
    let by_marks: Vec<f32> = marks.iter().map(|marks| table.log_odds(marks)).collect();
    let mut weights = blocks.model.blocks.contributions(rows.iter().map(Vec::as_slice));
    for (weights, &log_odds) in weights.iter_mut().zip(&by_marks) {
        weights.iter_mut().for_each(|weight| *weight = table.mixed(*weight, 0.0));
        weights.push(table.mixed(0.0, log_odds));
    }
    let marks = MARKS.to_owned();
    let names = || names.iter().chain(std::iter::once(&marks));
    let mut means = vec![0.0; names().count()];
    for weights in &weights {
        means.iter_mut().zip(weights).for_each(|(mean, weight)| *mean += weight / rows.len() as f32);
    }
    let of_block = |((row, &by_marks), weights): ((&Vec<f32>, &f32), Vec<f32>)| {
        let values = row.iter().copied().chain(std::iter::once(by_marks));
        let apart = weights.iter().zip(&means).map(|(weight, mean)| weight - mean);
        let mut reasons: Vec<(&String, f32, f32)> =
            names().zip(values).zip(apart).map(|((name, value), weight)| (name, value, weight)).collect();
        reasons.sort_by(|one, other| other.2.abs().total_cmp(&one.2.abs()));
        let told = reasons.into_iter().take(count).filter(|reason| reason.2 != 0.0);
        told.map(|(feature, value, weight)| Reason { feature: feature.clone(), value, weight }).collect()
    };
    rows.iter().zip(&by_marks).zip(weights).map(of_block).collect()
}

/// What the reasons call the sum of the marks' weights.
const MARKS: &str = "words and names";

fn path(dom: &Dom, origin: NodeId) -> String {
    let mut steps: Vec<String> = std::iter::once(origin)
        .chain(dom.ancestors(origin))
        .take_while(|&node| !dom.is_html(node, &local_name!("body")))
        .filter_map(|node| {
            let mut step = dom.local_name(node)?.to_string();
            if let Some(id) = dom.attribute(node, &local_name!("id")) {
                step = format!("{step}#{id}");
            }
            let classes = dom.attribute(node, &local_name!("class")).unwrap_or_default();
            for class in classes.split_ascii_whitespace() {
                step = format!("{step}.{class}");
            }
            Some(step)
        })
        .collect();
    steps.reverse();
    steps.join(" > ")
}
