//! What a PDF document says about itself: its information dictionary (ISO 32000-2 §14.3.3) and the language of its catalogue
//! (§14.9.2).

use hayro_syntax::Pdf;
use hayro_syntax::object::{DateTime, Dict, String as PdfString};
use riptide_extract::names_stated;
use riptide_types::Document;

/// Reads the metadata, and the declared language.
pub(crate) fn read(pdf: &Pdf) -> (Document, Option<String>) {
    let metadata = pdf.metadata();
    let text = |value: &Option<Box<[u8]>>| value.as_deref().map(text_string).filter(|text| !text.is_empty());
    let byline = text(&metadata.author);
    let tags = text(&metadata.keywords).unwrap_or_default();
    let document = Document {
        title: text(&metadata.title).filter(|title| is_title(title)),
        authors: byline.as_deref().map(names_stated).unwrap_or_default(),
        byline,
        description: text(&metadata.subject),
        published: metadata.creation_date.as_ref().and_then(moment),
        modified: metadata.modification_date.as_ref().and_then(moment),
        tags: tags
            .split([',', ';'])
            .map(str::trim)
            .filter(|tag| !tag.is_empty())
            .map(str::to_owned)
            .collect(),
        ..Document::default()
    };
    let catalogue = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id());
    let language = catalogue.and_then(|catalogue| catalogue.get::<PdfString<'_>>(b"Lang"));
    (
        document,
        language.map(|language| text_string(language.as_bytes())).filter(|language| !language.is_empty()),
    )
}

/// Programs that make PDF documents leave the name of a file, or nothing, where the title would be.
fn is_title(title: &str) -> bool {
    let lower = title.to_lowercase();
    let is_file = [".doc", ".docx", ".dvi", ".htm", ".html", ".indd", ".odt", ".pdf", ".qxd", ".tex"]
        .iter()
        .any(|end| lower.ends_with(end));
    !is_file
        && !lower.starts_with("microsoft word - ")
        && lower != "untitled"
        && title.chars().any(char::is_alphabetic)
}

/// A text string (§7.9.2.2): UTF-16 or UTF-8 by its byte order mark, else PDFDocEncoding, of which the part beyond Latin-1
/// is left out.
fn text_string(bytes: &[u8]) -> String {
    let wide = |pairs: &[u8], order: fn([u8; 2]) -> u16| {
        let units = pairs.chunks_exact(2).filter_map(|pair| Some(order(pair.try_into().ok()?)));
        char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    };
    let text: String = match bytes {
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => bytes
                .iter()
                .filter(|byte| !matches!(byte, 0x80..=0x9f))
                .map(|&byte| char::from(byte))
                .collect(),
        },
    };
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('\0', "")
}

fn moment(date: &DateTime) -> Option<String> {
    let DateTime { year, month, day, hour, minute, second, utc_offset_hour, utc_offset_minute } = *date;
    let sign = if utc_offset_hour < 0 { '-' } else { '+' };
    let offset = match (utc_offset_hour, utc_offset_minute) {
        (0, 0) => "Z".to_owned(),
        (hours, minutes) => format!("{sign}{:02}:{minutes:02}", hours.unsigned_abs()),
    };
    riptide_extract::moment(&format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{offset}"
    ))
}
