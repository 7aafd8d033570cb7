//! What a run of text amounts to, counted in one pass over its characters.

use super::lexicon::{SEED, STOP, TOPIC_WORDS, hash_byte};

/// Counts of a run of text.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TextStats {
    /// Words; in scripts without spaces between words, characters.
    pub(super) words: u32,
    /// Letters and digits.
    pub(super) letters: u32,
    /// Digits.
    pub(super) digits: u32,
    /// Words that begin with a capital.
    pub(super) capitalised: u32,
    /// Words that running text is full of.
    pub(super) stop_words: u32,
    /// Full stops and their like.
    pub(super) sentence_ends: u32,
    /// Commas and semicolons.
    pub(super) commas: u32,
    /// Currency signs.
    pub(super) currency: u32,
    /// Bars, bullets, arrows and the like, which part labels.
    pub(super) separators: u32,
    /// Numbers that may be years.
    pub(super) years: u32,
    /// Topics met, a bit for each of the lexicon's.
    pub(super) topics: u64,
    /// Words of a topic other than frequent ones.
    pub(super) topic_words: u32,
    /// The last character that is not white space.
    pub(super) last: char,
    /// The first character that is not white space.
    pub(super) first: char,
    /// A hash of all words in order.
    pub(super) hash: u32,
}

impl TextStats {
    /// Adds the counts of the text that follows.
    pub(super) fn add(&mut self, other: &Self) {
        self.words += other.words;
        self.letters += other.letters;
        self.digits += other.digits;
        self.capitalised += other.capitalised;
        self.stop_words += other.stop_words;
        self.sentence_ends += other.sentence_ends;
        self.commas += other.commas;
        self.currency += other.currency;
        self.separators += other.separators;
        self.years += other.years;
        self.topics |= other.topics;
        self.topic_words += other.topic_words;
        self.last = other.last;
        self.hash = self.hash.rotate_left(5) ^ other.hash;
    }
}

/// Adds `text` to the counts; `word` hears the hash of every word. Words do not go on from one call to the next.
pub(super) fn scan(text: &str, stats: &mut TextStats, mut word: impl FnMut(u32)) {
    let mut open: Option<Word> = None;
    let mut finish = |open: &mut Option<Word>, stats: &mut TextStats| {
        let Some(done) = open.take() else { return };
        stats.words += 1;
        let topics = TOPIC_WORDS.groups(done.hash);
        stats.stop_words += (topics & STOP) as u32;
        stats.topics |= topics;
        stats.topic_words += u32::from(topics & !STOP != 0);
        stats.years += u32::from(done.is_number && done.length == 4 && matches!(done.start, b'1' | b'2'));
        stats.hash = stats.hash.rotate_left(5) ^ done.hash;
        word(done.hash);
    };
    for character in text.chars() {
        if character.is_whitespace() {
            finish(&mut open, stats);
            continue;
        }
        if stats.first == '\0' {
            stats.first = character;
        }
        stats.last = character;
        if is_spaceless(character) {
            finish(&mut open, stats);
            stats.letters += 1;
            open = Some(Word::start(character));
            if let Some(word) = &mut open {
                word.push(character);
            }
            finish(&mut open, stats);
        } else if character.is_alphanumeric() || (open.is_some() && is_mark(character)) {
            let word = open.get_or_insert_with(|| {
                stats.capitalised += u32::from(character.is_uppercase());
                Word::start(character)
            });
            word.push(character);
            stats.letters += 1;
            stats.digits += u32::from(character.is_numeric());
        } else if open.is_some() && matches!(character, '\'' | '\u{2019}') {
            // Part of the word.
        } else {
            finish(&mut open, stats);
            match character {
                '.' | '!' | '?' | '。' | '！' | '？' | '؟' | '।' | '…' => stats.sentence_ends += 1,
                ',' | ';' | '、' | '，' | '；' | '،' => stats.commas += 1,
                '$' | '€' | '£' | '¥' | '₹' | '₽' | '₩' | '₺' | '฿' => stats.currency += 1,
                '|' | '•' | '·' | '›' | '»' | '«' | '>' | '→' | '←' | '/' | '©' => {
                    stats.separators += 1
                }
                _ => {}
            }
        }
    }
    finish(&mut open, stats);
}

/// Words of a text; in scripts that put no space between words each character counts as one.
pub(crate) fn count_words(text: &str) -> u32 {
    let mut stats = TextStats::default();
    scan(text, &mut stats, |_| {});
    stats.words
}

/// Combining marks of Thai, Devanagari, Arabic and the like, which stand within words.
fn is_mark(character: char) -> bool {
    matches!(character, '\u{0300}'..='\u{036F}' | '\u{0591}'..='\u{05C7}' | '\u{064B}'..='\u{065F}' | '\u{0900}'..='\u{0DFF}' | '\u{0E31}'..='\u{0E4E}')
}

struct Word {
    hash: u32,
    length: u32,
    start: u8,
    is_number: bool,
}

impl Word {
    fn start(character: char) -> Self {
        Self { hash: SEED, length: 0, start: character as u8, is_number: true }
    }

    fn push(&mut self, character: char) {
        self.length += 1;
        self.is_number &= character.is_ascii_digit();
        if character.is_ascii() {
            self.hash = hash_byte(self.hash, character.to_ascii_lowercase() as u8);
        } else {
            for lower in character.to_lowercase() {
                let mut buffer = [0; 4];
                for &byte in lower.encode_utf8(&mut buffer).as_bytes() {
                    self.hash = hash_byte(self.hash, byte);
                }
            }
        }
    }
}

/// Whether a character belongs to a script that is written without spaces between words.
fn is_spaceless(character: char) -> bool {
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

    fn stats(text: &str) -> TextStats {
        let mut stats = TextStats::default();
        scan(text, &mut stats, |_| {});
        stats
    }

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
            ("\u{928}\u{92E}\u{938}\u{94D}\u{924}\u{947} \u{926}\u{941}\u{928}\u{93F}\u{92F}\u{93E}", 2),
            ("3.14", 2),
        ] {
            assert_eq!(count_words(text), words, "{text}");
        }
    }

    #[test]
    fn punctuation_prices_and_frequent_words_are_told_apart() {
        let counts = stats("The mill, of 1848, costs \u{20AC} 20. Or not? \u{3002}");
        assert_eq!((counts.sentence_ends, counts.commas, counts.currency, counts.years), (3, 2, 1, 1));
        assert_eq!((counts.stop_words, counts.capitalised, counts.digits), (4, 2, 6));
        assert_eq!((counts.first, counts.last), ('T', '\u{3002}'));
    }

    #[test]
    fn the_hash_of_a_text_depends_on_its_words_and_their_order_alone() {
        assert_eq!(stats("Read  more").hash, stats("read more!").hash);
        assert_ne!(stats("read more").hash, stats("more read").hash);
    }
}
