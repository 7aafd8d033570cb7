//! Counting words in any script.

/// What a piece of text amounts to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Runs of letters and digits; in scripts without spaces between words, characters.
    pub(crate) words: u32,
    /// Sentence ends and commas.
    pub(crate) punctuation: u32,
}

impl Tally {
    pub(crate) fn add(&mut self, other: Self) {
        self.words += other.words;
        self.punctuation += other.punctuation;
    }
}

/// Counts words and punctuation.
pub(crate) fn tally(text: &str) -> Tally {
    let mut tally = Tally::default();
    let mut in_word = false;
    for character in text.chars() {
        if character.is_ascii() {
            let is_word = character.is_ascii_alphanumeric();
            tally.words += u32::from(is_word && !in_word);
            tally.punctuation += u32::from(matches!(character, '.' | ',' | '!' | '?' | ';'));
            in_word = is_word || in_word && character == '\'';
        } else if is_spaceless(character) {
            tally.words += 1;
            in_word = false;
        } else {
            let is_word = character.is_alphanumeric();
            tally.words += u32::from(is_word && !in_word);
            tally.punctuation +=
                u32::from(matches!(character, '。' | '、' | '，' | '！' | '？' | '؟' | '،' | '।' | '…'));
            in_word = is_word || in_word && character == '\u{2019}';
        }
    }
    tally
}

/// Whether a character belongs to a script that is written without spaces between words.
pub(crate) fn is_spaceless(character: char) -> bool {
    matches!(character,
        '\u{0E00}'..='\u{0EFF}'     // Thai, Lao
        | '\u{1000}'..='\u{109F}'   // Myanmar
        | '\u{1780}'..='\u{17FF}'   // Khmer
        | '\u{3040}'..='\u{30FF}'   // Hiragana, Katakana
        | '\u{3400}'..='\u{4DBF}'   // CJK extension A
        | '\u{4E00}'..='\u{9FFF}'   // CJK
        | '\u{F900}'..='\u{FAFF}'   // CJK compatibility
        | '\u{20000}'..='\u{3FFFF}' // CJK extensions
    ) && character.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_in_any_script() {
        for (text, words) in [
            ("", 0),
            ("one two, three.", 3),
            ("don't stop", 2),
            ("isn\u{2019}t", 1),
            ("state-of-the-art", 4),
            ("\u{4F60}\u{597D}\u{FF0C}world", 3),
            ("\u{43F}\u{440}\u{438}\u{432}\u{435}\u{442} \u{43C}\u{438}\u{440}", 2),
            ("3.14", 2),
        ] {
            assert_eq!(tally(text).words, words, "{text}");
        }
    }

    #[test]
    fn sentence_ends_and_commas_are_punctuation() {
        assert_eq!(tally("Yes, no. \u{3002}").punctuation, 3);
    }
}
