//! Bytes to text, in the order of the Encoding Standard and HTML §13.2.3: byte order mark, label of the
//! transport, label of the markup, detection.
//!
//! Labels on the web are wrong often enough that one which the bytes refute is passed over with a warning.

mod prescan;
mod twice;

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};
use riptide_types::{BinaryFormat, Failure, Phase};

/// A page as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The markup without a byte order mark.
    pub text: String,
    /// Name of the encoding as in the Encoding Standard, such as `UTF-8` or `Shift_JIS`.
    pub encoding: &'static str,
    /// What told the encoding.
    pub source: EncodingSource,
    /// Labels that were passed over and bytes that were replaced, for a person to read.
    pub warnings: Vec<String>,
}

/// What told the encoding of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EncodingSource {
    /// A byte order mark.
    ByteOrderMark,
    /// The `charset` that came along with the bytes, such as in `Content-Type`.
    Transport,
    /// A `meta` element or an XML declaration.
    Markup,
    /// The bytes themselves.
    Detection,
}

/// Why bytes are no page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// There is no text at all.
    #[error("the input is empty; expected a page")]
    Empty,
    /// The bytes are no text.
    #[error("the input is {what}; expected a page, a feed, a text or a PDF document")]
    Binary {
        /// What they are, with an article: `a PDF document`.
        what: &'static str,
    },
}

impl Failure for DecodeError {
    fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty-input",
            Self::Binary { .. } => "binary-input",
        }
    }

    fn phase(&self) -> Phase {
        Phase::Decode
    }

    fn retryable(&self) -> bool {
        false
    }
}

/// Turns the bytes of a page into text. `transport_charset` is the label that came with them, if any.
///
/// A label counts as refuted when the bytes are UTF-8 beyond chance and would be something else by the
/// label, or when much of what is not ASCII is malformed by it.
///
/// # Errors
/// [`DecodeError`] when there is no text in the bytes.
pub fn decode(bytes: &[u8], transport_charset: Option<&str>) -> Result<Decoded, DecodeError> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        let text = bytes.get(length..).unwrap_or_default();
        return if text.is_empty() { Err(DecodeError::Empty) } else { Ok(by_order_mark(text, encoding)) };
    }
    if bytes.is_empty() {
        return Err(DecodeError::Empty);
    }
    let mut warnings = Vec::new();
    let transport = transport_charset.and_then(|label| known_encoding(label, "the transport", &mut warnings));
    let markup = prescan::declared_encoding(bytes);
    if let Some(format) = BinaryFormat::of(bytes)
        && !is_sixteen_bit(transport, bytes)
    {
        return Err(DecodeError::Binary { what: format.name });
    }
    if let Some(label) = &markup.unknown_label {
        warnings.push(format!("the markup names `{label}`, which is not a known encoding"));
    }

    let labels = [(transport, EncodingSource::Transport), (markup.encoding, EncodingSource::Markup)];
    let mut refuted = None;
    for (encoding, source) in labels.into_iter().filter_map(|(encoding, source)| Some((encoding?, source))) {
        match Trial::of(bytes, encoding) {
            Trial::Plausible { text, malformed } => {
                return Ok(decoded(text, encoding, source, malformed, warnings));
            }
            Trial::Refuted => {
                warnings.push(format!("the page is labelled {}, but its bytes are not", encoding.name()));
                refuted = refuted.or(Some((encoding, source)));
            }
        }
    }

    let encoding = detect(bytes);
    let strict = encoding.decode_without_bom_handling_and_without_replacement(bytes);
    match (strict, refuted) {
        (Some(text), _) => Ok(decoded(text, encoding, EncodingSource::Detection, 0, warnings)),
        (None, label) => {
            // Nothing decodes without damage: then the page's own word is as good as any.
            let (encoding, source) = label.unwrap_or((encoding, EncodingSource::Detection));
            let (text, malformed) = decode_lossy(bytes, encoding);
            Ok(decoded(text, encoding, source, malformed, warnings))
        }
    }
}

fn by_order_mark(bytes: &[u8], encoding: &'static Encoding) -> Decoded {
    let (text, malformed) = decode_lossy(bytes, encoding);
    decoded(text, encoding, EncodingSource::ByteOrderMark, malformed, Vec::new())
}

fn decoded(
    text: Cow<'_, str>,
    encoding: &'static Encoding,
    source: EncodingSource,
    malformed: usize,
    mut warnings: Vec<String>,
) -> Decoded {
    if malformed > 0 {
        let name = encoding.name();
        warnings.push(format!("{malformed} byte sequences are malformed {name} and were replaced by U+FFFD"));
    }
    let once = Some(&text).filter(|_| encoding == UTF_8).and_then(|text| twice::encoded_once(text));
    if once.is_some() {
        warnings.push("the page, or a part of it, was encoded as UTF-8 twice, and decoded twice".to_owned());
    }
    let text = once.unwrap_or_else(|| text.into_owned());
    Decoded { text, encoding: encoding.name(), source, warnings }
}

/// The encoding that a label means. Labels of the `replacement` encoding count as unknown: they mark
/// encodings that are unsafe to decode.
fn known_encoding(label: &str, who: &str, warnings: &mut Vec<String>) -> Option<&'static Encoding> {
    let label = label.trim_matches(|c: char| c.is_ascii_whitespace() || c == '"' || c == '\'');
    if label.is_empty() {
        return None;
    }
    let encoding = Encoding::for_label_no_replacement(label.as_bytes());
    if encoding.is_none() {
        warnings.push(format!("{who} names `{label}`, which is not a known encoding"));
    }
    encoding
}

/// What comes of decoding bytes by a label.
enum Trial<'b> {
    Plausible { text: Cow<'b, str>, malformed: usize },
    Refuted,
}

impl<'b> Trial<'b> {
    /// A label is refuted when more than one in this many characters beyond ASCII is malformed. Fewer are stray
    /// bytes, such as a character cut in two by a length limit.
    const TOLERATED: usize = 4;

    fn of(bytes: &'b [u8], encoding: &'static Encoding) -> Self {
        if encoding == UTF_16BE || encoding == UTF_16LE {
            // Nearly all pairs of bytes are valid UTF-16, but its markup always has zeros.
            if memchr::memchr(0, bytes.get(..prescan::WINDOW).unwrap_or(bytes)).is_none() {
                return Self::Refuted;
            }
        } else if encoding.is_single_byte() && is_multibyte_utf8(bytes) {
            return Self::Refuted;
        }
        if encoding != ISO_2022_JP && is_iso_2022_jp(bytes) {
            return Self::Refuted;
        }
        if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(bytes) {
            return Self::Plausible { text, malformed: 0 };
        }
        if encoding != UTF_8 && is_multibyte_utf8(bytes) {
            return Self::Refuted;
        }
        let (text, malformed) = decode_lossy(bytes, encoding);
        let beyond_ascii = text.chars().filter(|c| !c.is_ascii()).count();
        if malformed > 1 && malformed * Self::TOLERATED > beyond_ascii {
            return Self::Refuted;
        }
        Self::Plausible { text, malformed }
    }
}

/// Decodes with U+FFFD for what is malformed; also says how often that was.
fn decode_lossy<'b>(bytes: &'b [u8], encoding: &'static Encoding) -> (Cow<'b, str>, usize) {
    let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
    let malformed = if had_errors { text.matches(char::REPLACEMENT_CHARACTER).count() } else { 0 };
    (text, malformed)
}

/// Text that is valid UTF-8 and more than ASCII is UTF-8: in other encodings that hardly happens by chance.
fn is_multibyte_utf8(bytes: &[u8]) -> bool {
    !bytes.is_ascii() && std::str::from_utf8(bytes).is_ok()
}

/// Text in ISO-2022-JP is ASCII to whoever does not look for its escape sequences, and they stand for nothing else.
fn is_iso_2022_jp(bytes: &[u8]) -> bool {
    let has_escape =
        || [b"\x1b$B", b"\x1b$@"].iter().any(|escape| memchr::memmem::find(bytes, *escape).is_some());
    bytes.is_ascii()
        && has_escape()
        && ISO_2022_JP.decode_without_bom_handling_and_without_replacement(bytes).is_some()
}

/// Whether zeros are part of the text, because its characters are two bytes wide.
fn is_sixteen_bit(transport: Option<&'static Encoding>, bytes: &[u8]) -> bool {
    transport == Some(UTF_16LE) || transport == Some(UTF_16BE) || utf16_without_mark(bytes).is_some()
}

/// UTF-16 markup that lacks a byte order mark shows by its first characters: `<` and another one of ASCII.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes.first_chunk()? {
        [b'<', 0, second, 0] if second.is_ascii_graphic() => Some(UTF_16LE),
        [0, b'<', 0, second] if second.is_ascii_graphic() => Some(UTF_16BE),
        _ => None,
    }
}

/// What the bytes look like.
fn detect(bytes: &[u8]) -> &'static Encoding {
    /// Bytes that the detector looks at; more of them do not make it surer, only slower.
    const WINDOW: usize = 1 << 20;
    const ESCAPE: u8 = 0x1b;

    if let Some(encoding) = utf16_without_mark(bytes) {
        return encoding;
    }
    let escape = memchr::memchr(ESCAPE, bytes);
    if escape.is_none() && std::str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
    let start = Encoding::ascii_valid_up_to(bytes).min(escape.unwrap_or(usize::MAX));
    let telling = bytes.get(start..).unwrap_or_default();
    let (window, whole) = match telling.get(..WINDOW) {
        Some(window) => (window, false),
        None => (telling, true),
    };
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(window, whole);
    let guess = detector.guess(None, Utf8Detection::Allow);
    // A stray escape in UTF-8 or ASCII text makes no Japanese of it.
    if guess != ISO_2022_JP && std::str::from_utf8(bytes).is_ok() { UTF_8 } else { guess }
}

#[cfg(test)]
mod tests;
