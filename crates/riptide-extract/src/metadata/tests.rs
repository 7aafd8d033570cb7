//! Each source, the order of trust between them, and input that is broken or hostile.

use riptide_html::BaseUrl;

use super::date::{self, Order};
use super::text::{comparable, plain};
use super::vocabulary::Roles;
use super::{Metadata, collect};

mod broken;
mod fields;
mod languages;
mod titles;

const URL: &str = "https://www.example.org/garden/soil";

fn metadata_at(url: &str, html: &str) -> Metadata {
    let dom = riptide_html::parse(html);
    collect(&dom, &BaseUrl::of(&dom, url), url)
}

fn metadata(html: &str) -> Metadata {
    metadata_at(URL, html)
}

fn json_ld(json: &str) -> Metadata {
    metadata(&format!("<script type='application/ld+json'>{json}</script>"))
}

fn authors(html: &str) -> Vec<String> {
    metadata(html).authors
}

fn published(html: &str) -> String {
    metadata(html).published.unwrap_or_default()
}

#[test]
fn page_without_markup_has_no_metadata() {
    assert_eq!(metadata_at("", ""), Metadata::default());
}

#[test]
fn json_ld_gives_all_it_states() {
    let found = json_ld(
        r#"{"@context":"https://schema.org","@type":["NewsArticle","Article"],"headline":"Tom &amp; Ada",
            "author":[{"@type":"Person","name":"Ada Moor"},"Tom Reed"],"datePublished":"2024-05-17T10:00:00+0200",
            "dateModified":"2024-05-18","description":"<b>Short</b>","image":{"url":"/i.png"},
            "keywords":"soil, roses","articleSection":["Garden"],"articleBody":"Dig  deep.",
            "publisher":{"@type":"Organization","name":"Rose Growers"}}"#,
    );
    assert_eq!(found.title.as_deref(), Some("Tom & Ada"));
    assert_eq!(found.authors, ["Ada Moor", "Tom Reed"]);
    assert_eq!(found.byline.as_deref(), Some("Ada Moor, Tom Reed"));
    assert_eq!(found.published.as_deref(), Some("2024-05-17T10:00:00+02:00"));
    assert_eq!(found.modified.as_deref(), Some("2024-05-18"));
    assert_eq!(found.description.as_deref(), Some("Short"));
    assert_eq!(found.image.as_deref(), Some("https://www.example.org/i.png"));
    assert_eq!(found.tags, ["soil", "roses"]);
    assert_eq!(found.categories, ["Garden"]);
    assert_eq!(found.article_body.as_deref(), Some("Dig deep."));
    assert_eq!(found.site_name.as_deref(), Some("Rose Growers"));
    assert_eq!(found.page_type_hints.schema_types, ["NewsArticle", "Article"]);
    assert!(found.page_type_hints.is_article());
    assert_eq!(found.json_ld.len(), 1);
}

#[test]
fn json_ld_graph_resolves_references() {
    let found = json_ld(
        r##"{"@graph":[{"@type":"Article","headline":"Soil","author":{"@id":"#ada"}},
            {"@id":"#ada","@type":"Person","name":"Ada Moor"}]}"##,
    );
    assert_eq!(found.authors, ["Ada Moor"]);
}

#[test]
fn json_ld_reference_to_itself_ends() {
    let found = json_ld(r##"{"@id":"#a","@type":"Article","headline":"Soil","author":{"@id":"#a"}}"##);
    assert_eq!(found.authors, Vec::<String>::new());
    let found = json_ld(r#"{"@type":"Article","author":{"name":"Contributors to the garden's pages"}}"#);
    assert!(!found.authors.iter().any(|name| name.starts_with("to ")), "{:?}", found.authors);
    let found = json_ld(r#"{"@type":"Article","author":{"name":"By ada moor"}}"#);
    assert_eq!(found.authors, ["ada moor"]);
}

#[test]
fn items_inside_others_are_not_the_page() {
    let found = json_ld(
        r#"{"@type":"Blog","name":"Soil","blogPost":[{"@type":"BlogPosting","author":"Ada Moor"}],
            "review":{"@type":"Review","author":"Tom Reed"}}"#,
    );
    assert_eq!(found.authors, Vec::<String>::new());
    assert!(!found.page_type_hints.is_article());
}

#[test]
fn questions_of_an_faq_are_no_discussion() {
    let faq = json_ld(r#"{"@type":"FAQPage","mainEntity":[{"@type":"Question","name":"Why?"}]}"#);
    let forum =
        json_ld(r#"{"@type":"QAPage","mainEntity":{"@type":"Question","name":"Why?","author":"Tom Reed"}}"#);
    assert!(!faq.page_type_hints.is_discussion());
    assert!(forum.page_type_hints.is_discussion());
    assert_eq!(forum.authors, ["Tom Reed"]);
}

#[test]
fn microdata_gives_nested_items() {
    let found = metadata(
        "<div itemscope itemtype='https://schema.org/Article'><h1 itemprop=headline>Good soil</h1>
         <span itemprop=author itemscope itemtype='https://schema.org/Person'><b itemprop=name>Ada Moor</b></span>
         <meta itemprop=datePublished content=2024-05-17><div itemprop=articleBody>Dig <i>deep</i>.</div></div>",
    );
    assert_eq!(found.title.as_deref(), Some("Good soil"));
    assert_eq!(found.authors, ["Ada Moor"]);
    assert_eq!(found.published.as_deref(), Some("2024-05-17"));
    assert_eq!(found.article_body.as_deref(), Some("Dig deep."));
}

#[test]
fn property_of_an_inner_item_says_nothing_of_the_page() {
    let html = "<div itemscope itemtype='https://schema.org/Review'><div itemprop=itemReviewed itemscope>
                <meta itemprop=datePublished content=2024-05-17></div></div>";
    assert_eq!(published(html), "");
}

#[test]
fn rdfa_lite_gives_items() {
    let found = metadata(
        "<div vocab='https://schema.org/' typeof=BlogPosting><h2 property=headline>Good soil</h2>
         <a property=author href=/ada>Ada Moor</a><time property=schema:datePublished datetime=2024-05-17>May</time></div>",
    );
    assert_eq!(found.title.as_deref(), Some("Good soil"));
    assert_eq!(found.authors, ["Ada Moor"]);
    assert_eq!(found.published.as_deref(), Some("2024-05-17"));
}

#[test]
fn meta_elements_name_authors() {
    let cases = [
        "<meta name=author content='Ada Moor'>",
        "<meta property='article:author' content='Ada Moor'>",
        "<meta property='article:author' content='https://social.example/ada'><meta name=DC.creator content='Ada Moor'>",
        "<meta name=parsely-author content='By Ada Moor'>",
        "<meta name=sailthru.author content='Ada Moor'>",
        "<meta name=citation_author content='Moor, Ada'>",
        "<meta name='twitter:label1' content='Written by'><meta name='twitter:data1' content='Ada Moor'>",
    ];
    for html in cases {
        assert_eq!(authors(html), ["Ada Moor"], "{html}");
    }
}

#[test]
fn bylines_of_many_shapes_give_names_alone() {
    let cases: [(&str, &[&str]); 17] = [
        ("<a rel=author href=/a>Ada Moor</a>", &["Ada Moor"]),
        ("<p>By <a href=/a>Ada Moor</a> and <a href=/t>Tom Reed</a></p>", &["Ada Moor", "Tom Reed"]),
        ("<p>By Ada Moor, Tom Reed and Eve Hill</p>", &["Ada Moor", "Tom Reed", "Eve Hill"]),
        ("<p>Written by: Ada Moor | May 17, 2024</p>", &["Ada Moor"]),
        ("<p>By Ada Moor on May 17, 2024</p>", &["Ada Moor"]),
        ("<p>Posted by</p><p>Ada Moor</p>", &["Ada Moor"]),
        ("<div class=byline><b>Ada Moor</b><i>Senior Editor</i></div>", &["Ada Moor"]),
        ("<span class='post-author'>Ada Moor, PhD</span>", &["Ada Moor, PhD"]),
        ("<span class=author>by Ada Moor, Example staff writer</span>", &["Ada Moor"]),
        ("<span class=entryAuthor>Ada van der Moor</span>", &["Ada van der Moor"]),
        ("<p>Von Ada Moor</p>", &["Ada Moor"]),
        ("<p>Escrito por Ada Moor</p>", &["Ada Moor"]),
        ("<p>By the end of May</p><p>Roses</p>", &[]),
        ("<div class=byline>Reviewed by Tom Reed</div>", &[]),
        ("<div class=sort-by><span>Newest</span></div>", &[]),
        ("<div class=author>ada@example.org</div>", &[]),
        ("<div class=author>admin</div>", &[]),
    ];
    for (line, expected) in cases {
        let html = format!("<title>Good soil</title><h1>Good soil</h1>{line}<p>Text</p>");
        assert_eq!(authors(&html), expected, "{line}");
    }
}

#[test]
fn byline_beside_the_headline_is_trusted_before_stated_authors() {
    let stated = "<meta name=author content='Eve Hill'>";
    let near = "<h1>Soil</h1><p class=byline>By Ada Moor</p>";
    assert_eq!(authors(&format!("{stated}{near}")), ["Ada Moor"]);
    assert_eq!(authors(&format!("{stated}<h1>Soil</h1>")), ["Eve Hill"]);
}

#[test]
fn site_is_an_author_only_where_nobody_else_is_named() {
    let article = "<meta property='og:type' content=article>";
    let site = "<meta name=author content=Example>";
    let person = "<meta name=parsely-author content='Ada Moor'>";
    assert_eq!(authors(&format!("{article}{site}{person}")), ["Ada Moor"]);
    assert_eq!(authors(&format!("{article}{site}")), ["Example"]);
    assert_eq!(authors(site), Vec::<String>::new());
}

#[test]
fn commenters_are_no_authors() {
    let html = "<h1>Soil</h1><p>Text</p><div id=comments><p class=author>Tom Reed</p></div>";
    let far = format!(
        "<h1>Soil</h1>{}<div class=comment><p class=author>Tom Reed</p></div>",
        "<p>x</p>".repeat(40)
    );
    let article = "<meta property='og:type' content=article>";
    assert_eq!(authors(&format!("{article}{far}")), Vec::<String>::new());
    assert_eq!(metadata(html).published, None);
}

#[test]
fn offers_have_neither_author_nor_date() {
    let found = metadata(
        r#"<script type="application/ld+json">{"@type":"Product","name":"Soil"}</script>
           <h1>Soil</h1><p>by Ada Moor</p><time datetime=2024-05-17>May</time>"#,
    );
    assert!(found.page_type_hints.is_offer());
    assert_eq!((found.authors, found.published), (Vec::new(), None));
}

#[test]
fn meta_elements_tell_dates() {
    for name in
        ["article:published_time", "parsely-pub-date", "DC.date.issued", "citation_publication_date", "date"]
    {
        let html = format!("<meta name='{name}' content='2024/05/17'>");
        assert_eq!(published(&html), "2024-05-17", "{name}");
    }
    let modified =
        metadata("<meta property='article:modified_time' content='2024-05-18T00:00:00Z'>").modified;
    assert_eq!(modified.as_deref(), Some("2024-05-18T00:00:00Z"));
}

#[test]
fn dates_shown_beside_the_headline_are_found() {
    let cases = [
        "<time datetime='2024-05-17T08:00Z' pubdate>last week</time>",
        "<time>17 May 2024</time>",
        "<span class=post-date>May 17th, 2024</span>",
        "<p>Published on May 17, 2024</p>",
        "<p>Last updated: May 20, 2024</p><p>May 17, 2024</p>",
        "<span>Updated</span> <time datetime=2024-05-20>x</time> <span>Posted</span> <time datetime=2024-05-17>x</time>",
    ];
    for shown in cases {
        let html = format!("<title>Good soil</title><h1>Good soil</h1>{shown}<p>Text</p>");
        assert!(published(&html).starts_with("2024-05-17"), "{shown}");
    }
}

#[test]
fn dates_are_trusted_in_order() {
    let ld =
        r#"<script type="application/ld+json">{"@type":"Article","datePublished":"2024-01-04"}</script>"#;
    let near = "<h1>Soil</h1><time datetime=2024-01-03>x</time>";
    let meta = "<meta property='article:published_time' content=2024-01-02>";
    let all = format!("{meta}{ld}{near}");
    assert_eq!(
        metadata_at("https://example.org/2024/01/01/soil", &all).published.as_deref(),
        Some("2024-01-01")
    );
    assert_eq!(published(&all), "2024-01-02");
    assert_eq!(published(&format!("{ld}{near}")), "2024-01-03");
    assert_eq!(published(ld), "2024-01-04");
}

#[test]
fn structured_data_tells_the_time_and_the_order_of_day_and_month() {
    let ld = |date: &str| {
        format!(
            r#"<script type="application/ld+json">{{"@type":"Article","datePublished":"{date}"}}</script>"#
        )
    };
    for (shown, stated, expected) in [
        ("09.10.2024", "2024-09-10T08:00:00Z", "2024-09-10T08:00:00Z"),
        ("9 October 2024", "2024-10-09T08:00:00Z", "2024-10-09T08:00:00Z"),
        ("9 October 2024", "2024-10-12T08:00:00Z", "2024-10-09"),
        ("9 October 2024", "2024-09-10T08:00:00Z", "2024-10-09"),
        ("5 May 2024", "2024-05-05", "2024-05-05"),
    ] {
        let html = format!("{}<h1>Soil</h1><p class=post-date>{shown}</p><p>Text", ld(stated));
        assert_eq!(published(&html), expected, "{shown}");
    }
    let timed = "<h1>Soil</h1><time datetime=2024-10-09T07:00:00Z>x</time>";
    assert_eq!(published(&format!("{}{timed}", ld("2024-10-09T09:30:00Z"))), "2024-10-09T07:00:00Z");
}

#[test]
fn the_date_of_a_card_beside_the_content_is_not_that_of_the_page() {
    let text = "<p>Soil <b>b</b></p>".repeat(40);
    let card = "<aside class=sidebar><ul><li><h5>Moss</h5><p>December 5, 2025</p></ul></aside>";
    let is_text = "<meta property=og:type content=article>";
    let html = format!("{is_text}<main><h1>Soil</h1>{text}</main>{card}");
    assert_eq!(metadata_at("https://example.org/a", &html).published, None);
}

#[test]
fn dates_of_all_usual_forms_become_iso_8601() {
    let cases = [
        ("2024-05-17", "2024-05-17"),
        ("2024-05-17T10:30:00Z", "2024-05-17T10:30:00Z"),
        ("2024-05-17T10:30:00.123+02:00", "2024-05-17T10:30:00+02:00"),
        ("2024-05-17T10:30:00-0530", "2024-05-17T10:30:00-05:30"),
        ("2024-05-17 10:30", "2024-05-17"),
        ("2024/05/17", "2024-05-17"),
        ("2024.5.7", "2024-05-07"),
        ("20240517", "2024-05-17"),
        ("1715941800", "2024-05-17T10:30:00Z"),
        ("1715941800000", "2024-05-17T10:30:00Z"),
        ("Fri, 17 May 2024 10:30:00 +0200", "2024-05-17T10:30:00+02:00"),
        ("Fri May 17 2024 10:30:00 GMT+0200", "2024-05-17"),
        ("May 17, 2024", "2024-05-17"),
        ("Sept. 7th 2024", "2024-09-07"),
        ("17 May 2024", "2024-05-17"),
        ("the 17th of May, 2024", "2024-05-17"),
        ("17.05.2024", "2024-05-17"),
        ("05/17/2024", "2024-05-17"),
        ("17/05/2024", "2024-05-17"),
        ("17. März 2024", "2024-03-17"),
        ("17 août 2024", "2024-08-17"),
        ("17 de mayo de 2024", "2024-05-17"),
        ("17 maggio 2024", "2024-05-17"),
        ("2024年5月17日", "2024-05-17"),
        ("2024년 5월 17일", "2024-05-17"),
    ];
    for (text, expected) in cases {
        let found = date::parse(text, Order::MonthFirst).map(|moment| moment.to_string());
        assert_eq!(found.as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn texts_that_are_no_plausible_date_are_refused() {
    for text in [
        "",
        "soon",
        "2024",
        "May 2024",
        "2024-13-01",
        "31/02/2024",
        "1889-05-17",
        "2999-01-01",
        "12345",
        "1.2.3",
    ] {
        assert_eq!(date::parse(text, Order::MonthFirst), None, "{text}");
    }
}

#[test]
fn language_decides_which_number_is_the_month() {
    let cases = [("en-US", "2024-05-06"), ("", "2024-05-06"), ("en-GB", "2024-06-05"), ("de", "2024-06-05")];
    for (language, expected) in cases {
        let html = format!("<html lang='{language}'><h1>Soil</h1><time>05/06/2024</time>");
        assert_eq!(published(&html), expected, "{language}");
    }
}

#[test]
fn addresses_hold_dates() {
    let cases = [
        ("https://example.org/2024/05/17/soil", Some("2024-05-17")),
        ("https://example.org/2024/may/17/soil", Some("2024-05-17")),
        ("https://example.org/posts/2024-05-17-soil.html", Some("2024-05-17")),
        ("https://example.org/2024/05/soil", None),
        ("https://example.org/a?d=2024/05/17", None),
    ];
    for (url, expected) in cases {
        assert_eq!(metadata_at(url, "").published.as_deref(), expected, "{url}");
    }
}

#[test]
fn simple_fields_are_picked_and_made_absolute() {
    let found = metadata(
        "<html lang=en_us><link rel='shortlink canonical' href='/soil'><meta name=description content=' Dig\n deep '>
         <meta property='og:image' content='i.png'><meta property='og:site_name' content='Rose &amp; Co'>
         <meta name=keywords content='Soil, roses,, soil'><meta property='article:section' content=Garden>
         <a rel=tag href=/t>#Compost</a>",
    );
    assert_eq!(found.canonical_url.as_deref(), Some("https://www.example.org/soil"));
    assert_eq!(found.language.as_deref(), Some("en-US"));
    assert_eq!(found.description.as_deref(), Some("Dig deep"));
    assert_eq!(found.image.as_deref(), Some("https://www.example.org/garden/i.png"));
    assert_eq!(found.site_name.as_deref(), Some("Rose & Co"));
    assert_eq!(found.tags, ["Soil", "roses", "Compost"]);
    assert_eq!(found.categories, ["Garden"]);
    let names: Vec<&str> = found.open_graph.iter().map(|property| property.name.as_str()).collect();
    assert_eq!(names, ["og:image", "og:site_name", "article:section"]);
}

#[test]
fn words_of_a_class_name_tell_its_role() {
    let cases = [
        ("post-author", Roles::AUTHOR),
        ("entryAuthor x", Roles::AUTHOR),
        ("published_at", Roles::DATE),
        ("lastModified", Roles::MODIFIED),
        ("site-footer", Roles::ASIDE),
        ("Comment-list", Roles::COMMENT),
    ];
    for (class, role) in cases {
        assert!(Roles::of(class).has(role), "{class}");
    }
    for class in ["authority", "has-sidebar", "sort-by", "no-comments", "update"] {
        let roles = Roles::of(class);
        assert!(
            !roles.has(Roles::AUTHOR) && !roles.has(Roles::ASIDE) && !roles.has(Roles::COMMENT),
            "{class}"
        );
    }
}

#[test]
fn stated_texts_are_decoded_and_folded() {
    assert_eq!(plain(" Tom &amp;amp; <b>Ada</b>\u{200b}\n Moor "), "Tom & Ada Moor");
    assert_eq!(comparable("It’s “Soil” – Part\u{a0}2!"), "its soil part 2");
}

#[test]
fn markup_that_repeats_without_end_stays_bounded() {
    let deep = "<div itemscope itemprop='author articleBody' class='author date'>".repeat(20_000);
    let wide = "<p class=byline>By Ada Moor</p><time>May 17, 2024</time>".repeat(20_000);
    let properties = format!("<div itemscope><p itemprop='{}'>x</p></div>", "author ".repeat(100_000));
    let bars = format!("<meta property='og:title' content='{}'>", "a | ".repeat(100_000));
    let people = format!(
        r#"<script type="application/ld+json">{{"@type":"Article","author":[{}"x"]}}</script>"#,
        r#""Ada Moor","#.repeat(50_000)
    );
    let html = format!("<h1>Soil</h1>{wide}{deep}{properties}{bars}{people}");
    assert_eq!(metadata(&html).authors, ["Ada Moor"]);
}

#[test]
fn a_long_number_holds_no_year() {
    for (text, holds) in [
        ("in 2024", true),
        ("\u{661}\u{669}\u{669}\u{669}", true),
        ("a63515464", false),
        ("99999", false),
        ("20244", false),
    ] {
        assert_eq!(date::may_hold_date(text), holds, "{text}");
    }
}
