//! Word F1 as WCXB defines it: lower-case words as multisets, the order aside.

use std::collections::HashMap;

/// The word F1 of a text against what it should be, 0 to 1. Where nothing should be, only nothing is right.
pub(crate) fn word_f1(text: &str, truth: &str) -> f64 {
    let (found, wanted) = (words(text), words(truth));
    let (size, all) = (found.values().sum::<u32>(), wanted.values().sum::<u32>());
    if size == 0 || all == 0 {
        return if size == all { 1.0 } else { 0.0 };
    }
    let shared: u32 =
        found.iter().map(|(word, &count)| count.min(wanted.get(word).copied().unwrap_or(0))).sum();
    2.0 * f64::from(shared) / f64::from(size + all)
}

fn words(text: &str) -> HashMap<String, u32> {
    let mut words = HashMap::new();
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    for word in
        text.to_lowercase().split(|character: char| !is_part(character)).filter(|word| !word.is_empty())
    {
        *words.entry(word.to_owned()).or_default() += 1;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_count_as_often_as_both_sides_have_them() {
        assert_eq!(word_f1("A rose is a rose.", "a ROSE is a rose"), 1.0);
        assert_eq!(word_f1("a a b", "a b b c"), 2.0 * 2.0 / 7.0);
    }

    #[test]
    fn nothing_is_right_where_nothing_should_be() {
        assert_eq!([word_f1("", " - "), word_f1("a", ""), word_f1("", "a")], [1.0, 0.0, 0.0]);
    }
}
