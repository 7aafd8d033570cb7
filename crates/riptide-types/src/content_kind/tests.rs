use super::ContentKind::{self, Feed, Html, Image, Json, Markdown, Other, Pdf, Text, Xhtml, Xml};

#[test]
fn a_content_type_tells_the_kind_by_its_essence() {
    let cases = [
        ("text/html; charset=utf-8", Some(Html)),
        ("TEXT/HTML", Some(Html)),
        ("application/xhtml+xml", Some(Xhtml)),
        ("application/rss+xml;charset=x", Some(Feed)),
        ("application/atom+xml", Some(Feed)),
        ("application/feed+json", Some(Feed)),
        ("text/xml", Some(Xml)),
        ("application/soap+xml", Some(Xml)),
        ("image/svg+xml", Some(Image)),
        ("text/markdown", Some(Markdown)),
        ("text/plain", Some(Text)),
        ("text/csv", Some(Text)),
        ("application/yaml", Some(Text)),
        ("application/ld+json", Some(Json)),
        ("application/json", Some(Json)),
        ("application/pdf", Some(Pdf)),
        ("image/png", Some(Image)),
        ("audio/ogg", Some(Other)),
        ("application/zip", Some(Other)),
        ("application/octet-stream", None),
        ("*/*", None),
        ("application/unknown", None),
        ("html", None),
        ("", None),
    ];
    for (value, kind) in cases {
        assert_eq!(ContentKind::from_content_type(value), kind, "{value}");
    }
}

#[test]
fn an_extension_tells_the_kind() {
    let cases = [
        ("/a/page.HTML?x=1.pdf", Some(Html)),
        ("notes.md", Some(Markdown)),
        ("notes.md.gz", Some(Markdown)),
        ("/feed.rss#top", Some(Feed)),
        ("/index.php", None),
        ("/release-1.2", None),
        ("/.txt", None),
        ("/a.pdf/b", None),
        ("", None),
    ];
    for (path, kind) in cases {
        assert_eq!(ContentKind::from_path(path), kind, "{path}");
    }
}

#[test]
fn a_name_says_more_than_plain_text_but_not_more_than_another_type() {
    assert_eq!(ContentKind::declared(Some("text/plain; charset=utf-8"), "/README.md"), Some(Markdown));
    assert_eq!(ContentKind::declared(Some("text/plain"), "/page.html"), Some(Text));
    assert_eq!(ContentKind::declared(Some("text/html"), "/README.md"), Some(Html));
    assert_eq!(ContentKind::declared(Some("application/octet-stream"), "/paper.pdf"), Some(Pdf));
    assert_eq!(ContentKind::declared(None, "/tide"), None);
}

#[test]
fn undeclared_bytes_are_told_by_their_beginning() {
    let cases: &[(&[u8], ContentKind)] = &[
        (b"\xef\xbb\xbf\n<!DOCTYPE html><p>x", Html),
        (b"  <p>Some text", Html),
        (b"Hello <b>you</b>", Html),
        (b"<?xml version=\"1.0\"?><html xmlns=\"http://www.w3.org/1999/xhtml\">", Html),
        (b"<?xml version=\"1.0\"?><!-- a <feed> of mine --><rss version=\"2.0\">", Feed),
        (b"<!DOCTYPE rss [ <!ENTITY a 'b'> ]><rss>", Feed),
        (b"<a:feed xmlns:a=\"http://www.w3.org/2005/Atom\">", Feed),
        (b"<rdf:RDF xmlns=\"http://xmlns.com/foaf/0.1/\">", Xml),
        (b"<feed xmlns=\"http://www.w3.org/2005/Atom\">", Feed),
        (b"<?xml version='1.0'?>\n<rdf:RDF xmlns=\"http://purl.org/rss/1.0/\">", Feed),
        (b"{\"version\": \"https://jsonfeed.org/version/1.1\"", Feed),
        (b"<?xml version=\"1.0\"?><urlset>", Xml),
        (b" {\"a\": 1}", Json),
        (b"[{}, {}]", Json),
        (b"[1] Tides rise and fall.", Text),
        (b"{{ a template }}", Text),
        (b"Tides rise & fall; 3 < 4", Text),
        (b"", Text),
        (b"%PDF-1.7\n%\xe2\xe3", Pdf),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Image),
        (b"PK\x03\x04\x14\0", Other),
        (b"\x01\x02\x03", Other),
    ];
    for (bytes, kind) in cases {
        assert_eq!(ContentKind::of(None, bytes), *kind, "{}", String::from_utf8_lossy(bytes));
    }
    let wide: Vec<u8> = "\u{feff}<feed>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(ContentKind::of(None, &wide), Feed);
}

#[test]
fn what_is_declared_holds_unless_the_bytes_refute_it() {
    let cases: &[(ContentKind, &[u8], ContentKind)] = &[
        (Html, b"just words", Html),
        (Html, b"%PDF-1.4\n", Pdf),
        (Html, b"<rss version=\"2.0\">", Feed),
        (Html, b"<html>\0\x01", Html),
        (Text, b"<!DOCTYPE html>", Text),
        (Text, b"%PDF-1.4\n", Pdf),
        (Markdown, b"# Tides", Markdown),
        (Json, b"{\"version\":\"https:\\/\\/jsonfeed.org\\/version\\/1\"}", Feed),
        (Json, b"{}", Json),
        (Feed, b"<!DOCTYPE html><title>Not found", Html),
        (Xml, b"<?xml version=\"1.0\"?><feed>", Feed),
        (Xml, b"<note>", Xml),
        (Pdf, b"<!DOCTYPE html><title>Not found", Html),
        (Image, b"\xff\xd8\xff\xe0\0", Image),
        (Other, b"words", Other),
    ];
    for (declared, bytes, kind) in cases {
        assert_eq!(ContentKind::of(Some(*declared), bytes), *kind, "{}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn a_pdf_may_have_something_in_front_but_no_page_that_speaks_of_one_is_one() {
    let mut late = vec![b'x'; 900];
    late.extend_from_slice(b"\n%PDF-1.5\n");
    assert_eq!(ContentKind::of(None, &late), Pdf);
    assert_eq!(ContentKind::of(None, &[vec![b'\n'; 1024], b"%PDF-1.5".to_vec()].concat()), Text);
    assert_eq!(ContentKind::of(None, b"<p>A file begins with\n%PDF-1.5"), Html);
    assert_eq!(ContentKind::of(None, b"A file begins with %PDF-1.5"), Text);
}
