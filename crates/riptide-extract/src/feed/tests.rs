use riptide_types::{
    Document, Entry, ExtractionMode, Focus, MediaItem, MediaKind, Page, PageType, Selectors,
};

const RSS: &str = include_str!("tests/rss2.xml");
const RDF: &str = include_str!("tests/rss1.xml");
const ATOM: &str = include_str!("tests/atom.xml");
const JSON: &str = include_str!("tests/feed.json");

fn read(text: &str) -> Document {
    read_at(text, "https://harbour.example/news/feed.xml")
}

fn read_at(text: &str, url: &str) -> Document {
    extract(text, url, &ExtractionMode::Article(Focus::Balanced))
}

fn extract(text: &str, url: &str, mode: &ExtractionMode) -> Document {
    crate::extract(&Page { html: text.to_owned(), url: url.to_owned() }, mode).unwrap()
}

fn entry(text: &str) -> Entry {
    read(text).entries.into_iter().next().unwrap()
}

#[test]
fn rss_2_becomes_a_document_with_entries() {
    let document = read(RSS);
    assert_eq!(document.page_type, PageType::Feed);
    assert_eq!(document.title.as_deref(), Some("Harbour News & Tides"));
    assert_eq!(document.site_name, document.title);
    assert_eq!(document.canonical_url.as_deref(), Some("https://harbour.example/news/feed.xml"));
    assert_eq!(document.language.as_deref(), Some("en-GB"));
    assert_eq!(document.description.as_deref(), Some("What happens between the piers."));
    assert_eq!(document.image.as_deref(), Some("https://harbour.example/logo.png"));
    assert_eq!(document.modified.as_deref(), Some("2024-05-17T10:30:00Z"));
    assert_eq!(document.warnings, Vec::<String>::new());
    assert_eq!(document.entries.len(), 3);

    let first = &document.entries[0];
    assert_eq!(first.title.as_deref(), Some("The crane that sings"));
    assert_eq!(first.url.as_deref(), Some("https://harbour.example/news/crane"));
    assert_eq!(first.id.as_deref(), Some("crane-7"));
    assert_eq!(first.authors, ["Ada Brook"]);
    assert_eq!(first.published.as_deref(), Some("2024-05-17T09:00:00+02:00"));
    assert_eq!(first.summary.as_deref(), Some("A crane hums in the wind."));
    assert_eq!(
        first.markdown,
        "Old iron *hums* at [low water](https://harbour.example/news/tides).\n\nEvery night.\n"
    );
    assert_eq!(first.text, "Old iron hums at low water.\n\nEvery night.\n");
    assert_eq!(first.tags, ["Cranes", "Night & Wind"]);
    let media: Vec<_> = first.media.iter().map(|item| (item.url.as_str(), item.kind)).collect();
    assert_eq!(
        media,
        [
            ("https://harbour.example/audio/crane.mp3", MediaKind::Audio),
            ("https://harbour.example/img/crane.jpg", MediaKind::Image),
        ]
    );
}

#[test]
fn an_entry_without_content_shows_its_summary_and_one_without_a_link_its_lasting_guid() {
    let second = &read(RSS).entries[1];
    assert_eq!(second.title.as_deref(), Some("Fog & “lamps”"));
    assert_eq!(second.url.as_deref(), Some("https://harbour.example/?p=12"));
    assert_eq!(second.authors, ["Ben Quay"]);
    assert_eq!(second.summary.as_deref(), Some("Café lights at 5 < 6 o’clock & later."));
    assert_eq!(second.text, "Café lights at 5 < 6 o’clock & later.\n");
    assert_eq!(second.published.as_deref(), Some("2002-09-07T00:00:01Z"));
}

#[test]
fn markdown_and_text_show_the_entries_in_order_and_agree() {
    let document = read(RSS);
    let head =
        "## [The crane that sings](https://harbour.example/news/crane)\n\n2024-05-17\n\nOld iron *hums* at ";
    assert!(document.markdown.starts_with(head), "{}", document.markdown);
    assert!(
        document.text.starts_with("The crane that sings\n\n2024-05-17\n\nOld iron hums at "),
        "{}",
        document.text
    );
    assert!(
        document
            .markdown
            .contains("\n\nEvery night.\n\n## [Fog & “lamps”](https://harbour.example/?p=12)\n\n")
    );
    // An entry that has no title shows its day.
    assert!(document.markdown.ends_with("## 2024-05-15\n\nJust a note.\n"), "{}", document.markdown);
    let parts: Vec<_> = document.entries.iter().map(|entry| entry.text.trim_end()).collect();
    assert!(parts.iter().all(|part| document.text.contains(part)));
    assert_eq!(document.links[0].url, "https://harbour.example/news/crane");
    assert_eq!(document.media.len(), 2);
    assert!(document.word_count > 20);
    assert!(
        document.html.starts_with("<h2><a href=\"https://harbour.example/news/crane\">"),
        "{}",
        document.html
    );
    assert!(!document.html.contains("script"));
}

#[test]
fn rss_1_becomes_a_document_with_entries() {
    let document = read(RDF);
    assert_eq!(document.title.as_deref(), Some("Lock-keeper’s log"));
    assert_eq!(document.language.as_deref(), Some("de"));
    assert_eq!(document.entries.len(), 2);
    let first = &document.entries[0];
    assert_eq!(first.url.as_deref(), Some("https://lock.example/log/1"));
    assert_eq!(first.authors, ["Carla Deich"]);
    assert_eq!(first.published.as_deref(), Some("2023-11-02T07:15:00+01:00"));
    assert_eq!(first.tags, ["Schleusen"]);
    assert_eq!(first.text, "Das Wasser stand hoch.\n");
    assert_eq!(document.entries[1].url.as_deref(), Some("https://lock.example/log/2"));
}

#[test]
fn atom_becomes_a_document_with_entries() {
    let document = read(ATOM);
    assert_eq!(document.title.as_deref(), Some("Tides <by night>"));
    assert_eq!(document.description.as_deref(), Some("Sea & sky"));
    assert_eq!(document.canonical_url.as_deref(), Some("https://sea.example/tides/feed.atom"));
    assert_eq!(document.authors, ["Eli Ford"]);
    assert_eq!(document.modified.as_deref(), Some("2024-03-02T12:00:00Z"));
    assert_eq!(document.language.as_deref(), Some("en"));
    let [xhtml, text, html, elsewhere] = document.entries.as_slice() else {
        panic!("{:?}", document.entries)
    };

    assert_eq!(xhtml.title.as_deref(), Some("A spring tide"));
    assert_eq!(xhtml.url.as_deref(), Some("https://sea.example/tides/spring"));
    assert_eq!(xhtml.id.as_deref(), Some("tag:sea.example,2024:1"));
    assert_eq!(xhtml.authors, ["Gwen Haven", "Ida Jetty"]);
    assert_eq!(xhtml.published.as_deref(), Some("2024-03-01T08:00:00+01:00"));
    assert_eq!(xhtml.modified.as_deref(), Some("2024-03-02T12:00:00Z"));
    assert_eq!(xhtml.tags, ["Spring tides"]);
    assert_eq!(
        xhtml.markdown,
        "Water **rose** & rose, 3 < 4.  \nSee [the log](https://sea.example/logs/today).\n"
    );
    let pdf = MediaItem {
        url: "https://sea.example/tides/table.pdf".to_owned(),
        kind: MediaKind::Embed,
        alt: "The table".to_owned(),
    };
    assert_eq!(xhtml.media, [pdf]);

    assert_eq!(text.text, "Plain <b>text</b> stays & stays.\n\nA second paragraph.\n");
    assert_eq!(text.authors, ["Eli Ford"]);
    assert_eq!(html.markdown, "Some *HTML* here, [relative](https://sea.example/other/x).\n");
    assert_eq!(html.authors, ["Kim Lock"]);
    assert_eq!(
        (elsewhere.text.as_str(), elsewhere.summary.as_deref()),
        ("Only a summary.\n", Some("Only a summary."))
    );
}

#[test]
fn json_feed_becomes_a_document_with_entries() {
    let document = read_at(JSON, "");
    assert_eq!(document.title.as_deref(), Some("Ropewalk"));
    assert_eq!(document.canonical_url.as_deref(), Some("https://rope.example/feed.json"));
    assert_eq!(document.entries.len(), 2);
    let [first, second] = document.entries.as_slice() else { panic!() };
    assert_eq!(first.title.as_deref(), Some("Three strands"));
    assert_eq!(first.url.as_deref(), Some("https://rope.example/three"));
    assert_eq!(first.markdown, "Twist **left**, then [right](https://rope.example/right).\n");
    assert_eq!(first.authors, ["Lea Moor"]);
    assert_eq!(first.modified.as_deref(), Some("2024-01-03T00:00:00Z"));
    assert_eq!(first.summary.as_deref(), Some("On twisting."));
    assert_eq!(first.media[0].kind, MediaKind::Video);
    assert_eq!(second.id.as_deref(), Some("2"));
    assert_eq!(second.authors, ["Ned Oar"]);
    assert_eq!(second.text, "One < two.\n\nThree & four.\n");
}

#[test]
fn undeclared_prefixes_html_references_and_bare_ampersands_are_understood() {
    let entry = entry(
        "<rss><channel><item><title>Caf&eacute; & Bar &nosuch; &#8211; R&D</title><dc:creator>Ann Bell</dc:creator>\
         <content:encoded><![CDATA[<p>x &amp; y</p>]]></content:encoded></wrong></item></channel></rss>",
    );
    assert_eq!(entry.title.as_deref(), Some("Café & Bar &nosuch; – R&D"));
    assert_eq!(entry.authors, ["Ann Bell"]);
    assert_eq!(entry.text, "x & y\n");
}

#[test]
fn markup_that_nobody_escaped_is_content() {
    let entry = entry(
        "<rss><channel><item><description>Look <b>here</b><br/>and <a href='x'/>there</description></item>",
    );
    assert_eq!(entry.markdown, "Look **here**  \nand there\n");
}

#[test]
fn other_prefixes_for_the_same_vocabularies_mean_the_same() {
    let entry = entry(
        "<a:feed xmlns:a='http://www.w3.org/2005/Atom' xmlns:d='http://purl.org/dc/elements/1.1/'>\
         <a:entry><a:title>T</a:title><a:link href='/e'/><d:creator>Ann Bell</d:creator></a:entry></a:feed>",
    );
    assert_eq!(entry.title.as_deref(), Some("T"));
    assert_eq!(entry.url.as_deref(), Some("https://harbour.example/e"));
    assert_eq!(entry.authors, ["Ann Bell"]);
}

#[test]
fn a_feed_that_ends_early_keeps_what_came() {
    let cut = RSS.find("Every night").unwrap();
    let document = read(RSS.get(..cut).unwrap());
    assert_eq!(document.entries.len(), 1);
    assert_eq!(document.entries[0].text, "Old iron hums at low water.\n");
    assert_eq!(document.warnings, ["the feed ends early or is malformed; what came before was kept"]);
    let cut = JSON.find("content_text").unwrap();
    let document = read(JSON.get(..cut - 3).unwrap());
    assert_eq!(document.entries.len(), 2);
    assert_eq!(document.warnings, ["the feed ends early or is malformed; what could be read was kept"]);
}

#[test]
fn every_prefix_of_a_feed_is_read_without_panic() {
    for feed in [RSS, RDF, ATOM, JSON] {
        for (at, _) in feed.char_indices().step_by(31) {
            read(feed.get(..at).unwrap());
        }
    }
}

#[test]
fn an_entry_whose_end_is_missing_ends_where_the_next_one_starts() {
    let document = read("<rss><channel><item><title>A</title><item><title>B</title></item></channel></rss>");
    let titles: Vec<_> = document.entries.iter().filter_map(|entry| entry.title.as_deref()).collect();
    assert_eq!(titles, ["A", "B"]);
}

#[test]
fn entities_that_a_feed_defines_are_not_expanded() {
    let entry = entry(
        "<!DOCTYPE rss [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><rss><channel><item><title>&b;</title>\
         <description>x</description></item></channel></rss>",
    );
    assert_eq!(entry.title.as_deref(), Some("&b;"));
}

#[test]
fn entries_past_the_limit_are_left_out_with_a_warning() {
    let feed = format!("<rss><channel>{}</channel></rss>", "<item><title>x</title></item>".repeat(10_001));
    let document = read(&feed);
    assert_eq!(document.entries.len(), 10_000);
    assert_eq!(document.warnings, ["the feed has more than 10000 entries; the rest was left out"]);
}

#[test]
fn nesting_harms_nothing() {
    let deep = format!("<rss><channel><item><author>{}", "<author><p>".repeat(50_000));
    assert_eq!(read(&deep).entries.len(), 1);
    let deep = format!("<feed><entry><content type='xhtml'>{}x", "<div>".repeat(50_000));
    assert_eq!(read(&deep).entries[0].text, "x\n");
    let ends = format!("<rss><channel>{}{}", "<a>".repeat(50_000), "</b>".repeat(50_000));
    assert!(read(&ends).entries.is_empty());
}

#[test]
fn modes_select_what_is_read_of_entries() {
    let url = "https://harbour.example/";
    let metadata = extract(RSS, url, &ExtractionMode::Metadata);
    assert_eq!((metadata.markdown.as_str(), metadata.text.as_str(), metadata.html.as_str()), ("", "", ""));
    assert_eq!((metadata.entries.len(), metadata.entries[0].text.as_str()), (3, ""));
    let selectors =
        Selectors { include: vec!["em".to_owned(), "p".to_owned()], exclude: vec!["a".to_owned()] };
    let custom = extract(RSS, url, &ExtractionMode::Custom(selectors));
    assert!(custom.text.contains("Old iron hums at ."), "{}", custom.text);
    assert!(!custom.text.contains("crane that sings"), "{}", custom.text);
    let broken = Selectors { include: vec!["p[".to_owned()], exclude: Vec::new() };
    let page = Page { html: RSS.to_owned(), url: String::new() };
    assert!(crate::extract(&page, &ExtractionMode::Custom(broken)).is_err());
}

#[test]
fn pages_are_no_feeds() {
    for page in ["<!doctype html><title>rss</title><p>x", "<p>&lt;rss></p>", "{}", "rss"] {
        assert_ne!(read(page).page_type, PageType::Feed, "{page}");
    }
}
