//! How far the content can be trusted.

use crate::content::{Choice, Rung};

/// Words beyond this many add nothing to the trust.
const LONG_TEXT: f32 = 1023.0;

/// 0 to 100: an estimate of how much of the content is right and how much of the right content is there (word F1).
///
/// A straight line through what is known of the choice, fitted to annotated pages: the share of sentences in the content,
/// the share of the page's sentences that it holds, its length, and how far down the fallback ladder it came from.
/// 0 is given to empty content alone.
pub(crate) fn score(choice: &Choice) -> u8 {
    if choice.words == 0 {
        return 0;
    }
    let share = |part: u32, whole: u32| if whole == 0 { 0.0 } else { (part as f32 / whole as f32).min(1.0) };
    let length = ((1.0 + choice.words as f32).log2() / (1.0 + LONG_TEXT).log2()).min(1.0);
    let by_rung = match choice.rung {
        Rung::Strict => 24.0,
        Rung::Discussion => 12.0,
        Rung::Landmarks | Rung::Everything => 6.0,
    };
    let score = by_rung
        + 31.0 * share(choice.prose, choice.words)
        + 21.0 * share(choice.prose, choice.page_prose)
        + 22.0 * length;
    score.round().clamp(1.0, 100.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use riptide_html::Selection;

    fn choice(rung: Rung, words: u32, prose: u32, page_prose: u32) -> Choice {
        Choice { selection: Selection::default(), rung, words, prose, page_prose }
    }

    #[test]
    fn no_words_are_worth_nothing() {
        assert_eq!(score(&choice(Rung::Strict, 0, 0, 500)), 0);
    }

    #[test]
    fn a_long_text_of_sentences_that_holds_the_pages_prose_is_trusted() {
        assert!(score(&choice(Rung::Strict, 1200, 1150, 1200)) >= 90);
    }

    #[test]
    fn trust_falls_with_missing_prose_labels_and_lower_rungs() {
        let best = score(&choice(Rung::Strict, 600, 560, 600));
        assert!(best > score(&choice(Rung::Strict, 600, 560, 2000)));
        assert!(best > score(&choice(Rung::Strict, 600, 100, 600)));
        assert!(best > score(&choice(Rung::Discussion, 600, 560, 600)));
        assert!(score(&choice(Rung::Everything, 30, 0, 0)) < 40);
    }
}
