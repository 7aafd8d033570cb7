//! The language of a text.

use whatlang::{Info, Lang, Script};

/// Bytes of text that are looked at: enough for certainty, little enough to cost nothing.
const SAMPLE: usize = 1500;
/// Bytes below which the text is too short to overrule what the page says.
const ENOUGH: usize = 200;
/// Bytes of Latin letters below which nothing tells the language.
const LEAST: usize = 24;

/// Words that are frequent in a language and rare in its neighbours. They confirm what a page declares at a fraction of what
/// telling all languages apart costs.
const FREQUENT: [(&str, [&str; 6]); 7] = [
    ("de", ["der", "die", "und", "das", "ist", "nicht"]),
    ("en", ["the", "of", "and", "to", "is", "that"]),
    ("es", ["el", "los", "las", "una", "y", "del"]),
    ("fr", ["les", "des", "est", "une", "dans", "et"]),
    ("it", ["il", "di", "che", "gli", "della", "per"]),
    ("nl", ["het", "een", "van", "niet", "zijn", "ook"]),
    ("pt", ["os", "uma", "não", "do", "da", "em"]),
];

/// One word in this many must be one of [`FREQUENT`] to confirm a language, and so many at least.
const ONE_IN: usize = 12;
const FEW: usize = 8;

/// BCP 47 tag of the text's language: what the page declares, unless the text is clearly in another language (templates
/// declare English for pages in any language).
pub(crate) fn of(text: &str, declared: Option<&str>) -> Option<String> {
    let declared = declared.and_then(well_formed);
    let sample = text.get(..text.floor_char_boundary(SAMPLE)).unwrap_or_default();
    if declared.as_deref().is_some_and(|declared| is_confirmed(sample, declared)) {
        return declared;
    }
    let is_long = sample.len() >= ENOUGH;
    // Of a short text without a declaration only what is sure is told, of a long one what is likely.
    let is_enough = |info: &Info| match declared {
        Some(_) => is_long && info.is_reliable(),
        None => is_long || (info.is_reliable() && (info.script() != Script::Latin || sample.len() >= LEAST)),
    };
    let Some(info) = whatlang::detect(sample).filter(is_enough) else { return declared };
    let tag = tag(info.lang());
    match declared {
        Some(declared) if same_language(&declared, tag) => Some(declared),
        _ => Some(tag.to_owned()),
    }
}

/// Whether a text has the frequent words of the language that a tag declares.
fn is_confirmed(sample: &str, declared: &str) -> bool {
    let language = declared.split('-').next().unwrap_or_default();
    let Some((_, frequent)) = FREQUENT.iter().find(|(known, _)| *known == language) else { return false };
    let (mut words, mut found) = (0, 0);
    for word in sample.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()) {
        words += 1;
        found += usize::from(frequent.iter().any(|known| known.eq_ignore_ascii_case(word)));
    }
    found >= FEW && found * ONE_IN >= words
}

/// The declared tag with its parts in customary case, if it is one.
fn well_formed(tag: &str) -> Option<String> {
    let mut parts = tag.trim().split(['-', '_']);
    let language = parts.next().filter(|part| (2..=3).contains(&part.len()) && is_alphabetic(part))?;
    let mut tag = language.to_ascii_lowercase();
    for part in parts {
        let part = match part.len() {
            2 if is_alphabetic(part) => part.to_ascii_uppercase(),
            4 if is_alphabetic(part) => {
                let (first, rest) = part.split_at_checked(1)?;
                first.to_ascii_uppercase() + &rest.to_ascii_lowercase()
            }
            1..=8 if part.bytes().all(|byte| byte.is_ascii_alphanumeric()) => part.to_ascii_lowercase(),
            _ => return None,
        };
        tag.push('-');
        tag.push_str(&part);
    }
    Some(tag)
}

fn is_alphabetic(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// Whether a declared tag names the language, or one that is written so much like it that detection can't tell.
fn same_language(declared: &str, detected: &str) -> bool {
    let language = declared.split('-').next().unwrap_or_default();
    let alike: [&[&str]; 4] =
        [&["nb", "nn", "no", "da"], &["hr", "sr", "bs", "sl"], &["id", "ms", "jv"], &["cs", "sk"]];
    language == detected || alike.iter().any(|group| group.contains(&language) && group.contains(&detected))
}

/// ISO 639-1 code, or 639-3 where there is none.
#[expect(clippy::too_many_lines, reason = "a table with a line for each language")]
fn tag(language: Lang) -> &'static str {
    match language {
        Lang::Afr => "af",
        Lang::Aka => "ak",
        Lang::Amh => "am",
        Lang::Ara => "ar",
        Lang::Aze => "az",
        Lang::Bel => "be",
        Lang::Ben => "bn",
        Lang::Bul => "bg",
        Lang::Cat => "ca",
        Lang::Ces => "cs",
        Lang::Cmn => "zh",
        Lang::Cym => "cy",
        Lang::Dan => "da",
        Lang::Deu => "de",
        Lang::Ell => "el",
        Lang::Eng => "en",
        Lang::Epo => "eo",
        Lang::Est => "et",
        Lang::Fin => "fi",
        Lang::Fra => "fr",
        Lang::Guj => "gu",
        Lang::Heb => "he",
        Lang::Hin => "hi",
        Lang::Hrv => "hr",
        Lang::Hun => "hu",
        Lang::Hye => "hy",
        Lang::Ind => "id",
        Lang::Ita => "it",
        Lang::Jav => "jv",
        Lang::Jpn => "ja",
        Lang::Kan => "kn",
        Lang::Kat => "ka",
        Lang::Khm => "km",
        Lang::Kor => "ko",
        Lang::Lat => "la",
        Lang::Lav => "lv",
        Lang::Lit => "lt",
        Lang::Mal => "ml",
        Lang::Mar => "mr",
        Lang::Mkd => "mk",
        Lang::Mya => "my",
        Lang::Nep => "ne",
        Lang::Nld => "nl",
        Lang::Nob => "nb",
        Lang::Ori => "or",
        Lang::Pan => "pa",
        Lang::Pes => "fa",
        Lang::Pol => "pl",
        Lang::Por => "pt",
        Lang::Ron => "ro",
        Lang::Rus => "ru",
        Lang::Sin => "si",
        Lang::Slk => "sk",
        Lang::Slv => "sl",
        Lang::Sna => "sn",
        Lang::Spa => "es",
        Lang::Srp => "sr",
        Lang::Swe => "sv",
        Lang::Tam => "ta",
        Lang::Tel => "te",
        Lang::Tgl => "tl",
        Lang::Tha => "th",
        Lang::Tuk => "tk",
        Lang::Tur => "tr",
        Lang::Ukr => "uk",
        Lang::Urd => "ur",
        Lang::Uzb => "uz",
        Lang::Vie => "vi",
        Lang::Yid => "yi",
        Lang::Zul => "zu",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GERMAN: &str = "Der Wind hat über Nacht gedreht und treibt nun die Wolken vom Meer ins Land hinein. \
        Am Morgen standen die Boote dicht gedrängt im Hafen, und niemand wollte als erster hinausfahren. \
        Erst gegen Mittag wurde es ruhiger, und die Fischer begannen, ihre Netze zu ordnen.";

    #[test]
    fn a_text_overrules_a_template() {
        assert_eq!(of(GERMAN, Some("en")).as_deref(), Some("de"));
    }

    #[test]
    fn frequent_words_confirm_their_own_language_alone() {
        const SPANISH: &str = "El viento ha girado durante la noche y empuja las nubes desde el mar hacia la tierra. \
            Por la mañana los barcos del puerto estaban juntos y una red secaba en el muelle, junto a las cajas del mercado.";
        let (german, spanish) = (GERMAN.repeat(2), SPANISH.repeat(2));
        assert!(is_confirmed(&german, "de-AT"));
        assert!(is_confirmed(&spanish, "es"));
        for (text, other) in
            [(&german, "en"), (&german, "nl"), (&spanish, "it"), (&spanish, "pt"), (&spanish, "fr")]
        {
            assert!(!is_confirmed(text, other), "{other}");
        }
        assert!(!is_confirmed("der die das", "de"), "a few words tell nothing");
    }

    #[test]
    fn a_declared_region_is_kept() {
        assert_eq!(of(GERMAN, Some("de_at")).as_deref(), Some("de-AT"));
        assert_eq!(of("", Some("zh-hant-tw")).as_deref(), Some("zh-Hant-TW"));
    }

    #[test]
    fn a_few_words_without_a_declaration_tell_nothing_but_their_script() {
        for text in ["T1 hi", "plain text in a file", "Head Text em.", "E & F Body", "Fresh soil, new price"]
        {
            assert_eq!(of(text, None), None, "{text}");
        }
        assert_eq!(of("東京へようこそ", None).as_deref(), Some("ja"));
        assert_eq!(of(GERMAN, None).as_deref(), Some("de"));
    }

    #[test]
    fn nonsense_is_not_a_tag() {
        assert_eq!(of("", Some("english please")), None);
        assert_eq!(of("", Some("")), None);
    }
}
