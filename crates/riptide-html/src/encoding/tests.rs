use super::*;

fn ok(bytes: &[u8], charset: Option<&str>) -> Decoded {
    decode(bytes, charset).unwrap()
}

fn labelled(charset: &str, text: &[u8]) -> Vec<u8> {
    let mut page = format!("<!doctype html><meta charset={charset}><p>").into_bytes();
    page.extend_from_slice(text);
    page
}

#[test]
fn byte_order_mark_beats_every_label() {
    let page = ok(b"\xef\xbb\xbf<p>\xc3\xa4", Some("windows-1251"));
    assert_eq!((page.text.as_str(), page.source), ("<p>ä", EncodingSource::ByteOrderMark));
    let page = ok(b"\xff\xfe<\0p\0>\0\xe4\0", Some("utf-8"));
    assert_eq!((page.text.as_str(), page.encoding), ("<p>ä", "UTF-16LE"));
    assert!(page.warnings.is_empty());
}

#[test]
fn transport_label_beats_the_markup() {
    let page = ok(&labelled("windows-1252", b"\xcf\xf0\xe8"), Some("windows-1251"));
    assert!(page.text.ends_with("При"));
    assert_eq!((page.encoding, page.source), ("windows-1251", EncodingSource::Transport));
}

#[test]
fn unknown_transport_label_is_reported_and_passed_over() {
    let page = ok(&labelled("windows-1251", b"\xcf\xf0\xe8"), Some(" \"klingon\" "));
    assert_eq!(page.source, EncodingSource::Markup);
    assert_eq!(page.warnings, ["the transport names `klingon`, which is not a known encoding"]);
}

#[test]
fn markup_forms_of_declaration_are_read() {
    let cases: &[(&[u8], Option<&str>)] = &[
        (b"<meta charset=koi8-r>", Some("KOI8-R")),
        (b"<META CHARSET='KOI8-R'>", Some("KOI8-R")),
        (b"<meta/charset=\"koi8-r\"/>", Some("KOI8-R")),
        (b"<meta http-equiv=Content-Type content=\"text/html; charset=koi8-r\">", Some("KOI8-R")),
        (b"<meta content='text/html; charset = \"koi8-r\"' http-equiv=content-type>", Some("KOI8-R")),
        (b"<meta content=\"text/html; charset=koi8-r\">", None),
        (b"<meta http-equiv=refresh content=\"charset=koi8-r\">", None),
        (b"<meta content='charset=\"koi8-r' http-equiv=content-type>", None),
        (b"<!-- <meta charset=koi8-r> -->", None),
        (b"<!--><meta charset=koi8-r>", Some("KOI8-R")),
        (b"<div title='<meta charset=koi8-r>'><meta charset=big5>", Some("Big5")),
        (b"</div title='>' ><meta charset=koi8-r>", Some("KOI8-R")),
        (b"<meta charset=utf-16le>", Some("UTF-8")),
        (b"<meta charset=x-user-defined>", Some("windows-1252")),
        (b"<meta charset=nonsense><meta charset=koi8-r>", Some("KOI8-R")),
        (b"<meta charset=koi8-r charset=big5>", Some("KOI8-R")),
        (b"<?xml version='1.0' encoding='koi8-r'?><p>", Some("KOI8-R")),
        (b"<?xml version='1.0' encoding='koi8-r'?><meta charset=big5>", Some("Big5")),
        (b"<?xml version='1.0' encoding='ko i8-r'?><p>", None),
        (b"<meta charset=koi8-r", None),
        (b"<metadata charset=koi8-r>", None),
        (b"<", None),
        (b"<meta", None),
    ];
    for (markup, expected) in cases {
        let found = prescan::declared_encoding(markup).encoding.map(Encoding::name);
        assert_eq!(found, *expected, "{}", String::from_utf8_lossy(markup));
    }
}

#[test]
fn declaration_counts_in_the_first_kilobyte_only() {
    let mut late = b"<p>".to_vec();
    late.resize(prescan::WINDOW, b'x');
    late.extend_from_slice(b"<meta charset=koi8-r>");
    assert_eq!(prescan::declared_encoding(&late).encoding, None);
}

#[test]
fn unknown_markup_label_is_reported() {
    let page = ok(b"<meta charset=nonsense><p>plain", None);
    assert_eq!(page.source, EncodingSource::Detection);
    assert_eq!(page.warnings, ["the markup names `nonsense`, which is not a known encoding"]);
}

#[test]
fn single_byte_label_on_utf8_text_is_refuted() {
    let page = ok(&labelled("iso-8859-1", "Grüße – 東京".as_bytes()), None);
    assert!(page.text.ends_with("Grüße – 東京"));
    assert_eq!((page.encoding, page.source), ("UTF-8", EncodingSource::Detection));
    assert_eq!(page.warnings, ["the page is labelled windows-1252, but its bytes are not"]);
}

#[test]
fn utf8_label_on_single_byte_text_yields_to_the_markup() {
    let russian = encoding_rs::WINDOWS_1251.encode("Съешь же ещё этих мягких французских булок").0;
    let page = ok(&labelled("windows-1251", &russian), Some("utf-8"));
    assert!(page.text.ends_with("французских булок"));
    assert_eq!((page.source, page.warnings.len()), (EncodingSource::Markup, 1));
}

#[test]
fn utf8_label_on_other_text_yields_to_detection() {
    let japanese = encoding_rs::SHIFT_JIS.encode("吾輩は猫である。名前はまだ無い。どこで生れたか").0;
    let page = ok(&labelled("utf-8", &japanese), None);
    assert!(page.text.ends_with("どこで生れたか"));
    assert_eq!((page.encoding, page.source), ("Shift_JIS", EncodingSource::Detection));
}

#[test]
fn stray_bytes_do_not_refute_a_label() {
    let mut text = "Grüße aus München, schöne Bäume und Häuser ".repeat(3).into_bytes();
    text.extend_from_slice(b"\xfc cut");
    let page = ok(&labelled("utf-8", &text), None);
    assert!(page.text.ends_with("Häuser \u{fffd} cut"));
    assert_eq!(page.warnings, ["1 byte sequences are malformed UTF-8 and were replaced by U+FFFD"]);
}

#[test]
fn sixteen_bit_label_on_eight_bit_text_is_refuted() {
    let page = ok(b"<p>plain markup", Some("utf-16"));
    assert_eq!((page.text.as_str(), page.encoding), ("<p>plain markup", "UTF-8"));
    let page = ok(b"<\0p\0>\0\xe4\0", Some("utf-16le"));
    assert_eq!(page.text, "<p>ä");
}

#[test]
fn unlabelled_text_is_detected() {
    assert_eq!(ok("<p>Ωραία".as_bytes(), None).encoding, "UTF-8");
    let german = encoding_rs::WINDOWS_1252.encode("<p>Über den Flüssen hängt der Nebel – schön").0;
    assert_eq!(ok(&german, None).encoding, "windows-1252");
    let japanese = ISO_2022_JP.encode("<p>吾輩は猫である。名前はまだ無い。").0;
    assert_eq!(ok(&japanese, None).encoding, "ISO-2022-JP");
    let sixteen: Vec<u8> = "<!doctype html>ä".encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(ok(&sixteen, None).encoding, "UTF-16BE");
}

#[test]
fn detection_looks_past_a_long_ascii_head() {
    let mut page = "<p>plain ".repeat(200_000).into_bytes();
    page.extend_from_slice(&encoding_rs::WINDOWS_1251.encode("Съешь же ещё этих мягких булок").0);
    assert_eq!(ok(&page, None).encoding, "windows-1251");
}

#[test]
fn input_without_text_is_refused() {
    assert_eq!(decode(b"", None), Err(DecodeError::Empty));
    assert_eq!(decode(b"\xef\xbb\xbf", None), Err(DecodeError::Empty));
}

#[test]
fn binary_formats_are_named() {
    let cases: &[(&[u8], &str)] = &[
        (b"%PDF-1.7 text", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG image"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG image"),
        (b"GIF89a\x01\0\x01\0", "a GIF image"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "a WebP image"),
        (b"PK\x03\x04\x14\0", "a ZIP archive or an office document"),
        (b"\x1f\x8b\x08\0", "a gzip file"),
        (b"\x7fELF\x02\x01\x01\0", "an ELF program"),
        (b"\0asm\x01\0\0\0", "a WebAssembly module or component"),
        (b"\0\0\0\x20ftypisom", "an MP4 or HEIF file"),
        (b"\x01\x02\x03\x04 who knows", "binary data"),
    ];
    for (bytes, expected) in cases {
        assert_eq!(decode(bytes, None), Err(DecodeError::Binary { what: expected }));
    }
}

#[test]
fn words_that_look_like_a_signature_are_text() {
    for text in ["ID3 is a tag format", "BZh", "GIF89a is a version of GIF", "OTTO bought a car", "MZ"] {
        assert_eq!(ok(text.as_bytes(), None).text, text);
    }
}

/// A text as it is when its UTF-8 was taken for ISO 8859-1.
fn by_latin1(text: &str) -> String {
    text.bytes().map(char::from).collect()
}

/// The same for windows-1252.
fn by_windows_1252(text: &str) -> String {
    encoding_rs::WINDOWS_1252.decode_without_bom_handling(text.as_bytes()).0.into_owned()
}

#[test]
fn what_was_encoded_twice_is_decoded_twice() {
    let page = "<p>It’s a café — “so” far, 東京";
    for page_twice in [by_latin1(page), by_windows_1252(page)] {
        let decoded = ok(page_twice.as_bytes(), Some("utf-8"));
        assert_eq!(decoded.text, page);
        assert_eq!(
            decoded.warnings,
            ["the page, or a part of it, was encoded as UTF-8 twice, and decoded twice"]
        );
    }
    let part = by_latin1("It’s") + " a café, “so”";
    assert_eq!(ok(part.as_bytes(), None).text, "It’s a café, “so”");
}

#[test]
fn what_may_be_text_is_not_decoded_twice() {
    for kept in [
        "caf\u{c3}\u{a9}".to_owned(),
        "a\u{85}b é".to_owned(),
        by_windows_1252("It’s") + " what ‘It’s’ becomes",
        by_windows_1252("It’s, it’s, it’s, it’s, it’s") + " and ’",
        "Ââ 東京".to_owned(),
    ] {
        assert_eq!(ok(kept.as_bytes(), None).text, kept);
    }
}

#[test]
fn markup_with_control_characters_is_still_a_page() {
    assert_eq!(ok(b"<html><body>a\0b\x01c", None).text, "<html><body>a\0b\u{1}c");
}

#[test]
fn errors_tell_what_would_be_right() {
    let error = DecodeError::Binary { what: "a PNG image" };
    assert_eq!(
        error.to_string(),
        "the input is a PNG image; expected a page, a feed, a text or a PDF document"
    );
    assert_eq!((error.code(), error.phase(), error.retryable()), ("binary-input", Phase::Decode, false));
}

proptest::proptest! {
    #[test]
    fn any_bytes_decode_or_are_refused(bytes: Vec<u8>, label in proptest::option::of("[a-z0-9-]{0,12}")) {
        if let Ok(decoded) = decode(&bytes, label.as_deref()) {
            proptest::prop_assert!(!bytes.is_empty());
            proptest::prop_assert!(Encoding::for_label(decoded.encoding.as_bytes()).is_some());
        }
    }

    #[test]
    fn utf8_text_survives(text in "[^\u{0}-\u{1f}\u{80}-\u{9f}\u{feff}]+") {
        proptest::prop_assert_eq!(ok(text.as_bytes(), None).text, text);
    }
}
