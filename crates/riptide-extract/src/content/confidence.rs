//! How far a choice can be trusted.

use super::Blocks;
use super::features::{FeatureNames, FeatureSink, share};

/// 0 to 100: an estimate of the word F1 of what is kept, learned from pages whose content is known. 0 is given to empty
/// content alone.
pub(super) fn score(blocks: &Blocks<'_, '_>, kept: &[bool]) -> u8 {
    if !kept.contains(&true) {
        return 0;
    }
    let mut row = Vec::new();
    describe(blocks, kept, &mut row);
    let estimate = blocks.model.quality.sums(&row).first().copied().unwrap_or_default();
    (100.0 * estimate).round().clamp(1.0, 100.0) as u8
}

/// The names of what the estimate is made from, in order.
pub(super) fn names(blocks: &Blocks<'_, '_>) -> Vec<String> {
    let mut names = FeatureNames::default();
    describe(blocks, &[], &mut names);
    names.0
}

/// Says what the estimate is made from.
pub(super) fn describe(blocks: &Blocks<'_, '_>, kept: &[bool], sink: &mut impl FeatureSink) {
    let page = &blocks.page;
    let (mut expected, mut uncertain, mut wanted, mut words, mut link_words, mut stop_words) =
        (0.0, 0.0, 0.0, 0, 0, 0);
    let (mut runs, mut count, mut was_kept) = (0_u32, 0_u32, false);
    let (mut least_kept, mut most_left) = (1.0_f32, 0.0_f32);
    for ((block, &probability), &is_kept) in page.blocks.iter().zip(&blocks.probabilities).zip(kept) {
        let stats = &block.stats;
        let mass = probability * stats.words as f32;
        wanted += mass;
        uncertain += mass * (1.0 - probability);
        if is_kept {
            expected += mass;
            words += stats.words;
            link_words += block.link_words;
            stop_words += stats.stop_words;
            count += 1;
            runs += u32::from(!was_kept);
            least_kept = least_kept.min(probability);
        } else if stats.words > 2 {
            most_left = most_left.max(probability);
        }
        was_kept = is_kept;
    }
    let whole = page.sums(page.body);
    let ratio = |part: f32, whole: f32| if whole > 0.0 { part / whole } else { 0.0 };
    let mut put = |name, value| sink.put("choice", name, value);
    put("expected precision", ratio(expected, words as f32));
    put("expected recall", ratio(expected, wanted));
    put("expected F1", ratio(2.0 * expected, words as f32 + wanted));
    put("uncertainty", ratio(uncertain, wanted));
    put("expected words", wanted);
    put("words", words as f32);
    put("share of page", share(words, whole.words));
    put("blocks", count as f32);
    put("runs", runs as f32);
    put("words per run", share(words, runs));
    put("link share", share(link_words, words));
    put("stop word share", share(stop_words, words));
    put("least probability kept", least_kept);
    put("greatest probability left out", most_left);
    put("words of page", whole.words as f32);
    put("prose share of page", share(whole.prose, whole.words));
    put("link share of page", share(whole.link_words, whole.words));
    for (kind, votes) in blocks.statements.votes.each() {
        sink.put("votes", kind, votes);
    }
}
