//! Structured data that is not quite JSON, and what no repair can help.

use super::{json_ld, metadata};

#[test]
fn broken_json_ld_is_mended() {
    let broken = [
        ("comment around it", r#"<!-- {"@type":"Article","author":"Ada Moor"} -->"#),
        ("CDATA", "//<![CDATA[\n{\"@type\":\"Article\",\"author\":\"Ada Moor\"}\n//]]>"),
        ("CDATA in a comment", "/*<![CDATA[*/ {\"@type\":\"Article\",\"author\":\"Ada Moor\"} /*]]>*/"),
        ("comments inside", "{\"@type\":\"Article\", // who?\n /* \"}\" */ \"author\":\"Ada Moor\"}"),
        ("commas at the end", r#"{"@type":"Article","author":["Ada Moor",],}"#),
        (
            "line breaks in a string",
            "{\"@type\":\"Article\",\"description\":\"two\nlines\tand a tab\",\"author\":\"Ada Moor\"}",
        ),
        ("backslash", r#"{"@type":"Article","description":"C:\dir","author":"Ada Moor"};"#),
        ("quotes in a string", r#"{"@type":"Article","headline":"The "good" soil","author":"Ada Moor"}"#),
        ("bracket too many", r#"{"@type":"Article","author":"Ada Moor"}}"#),
        ("brackets too few", r#"{"@graph":[{"@type":"Article","author":{"name":"Ada Moor""#),
        ("wrong bracket", r#"{"@graph":[{"@type":"Article","author":["Ada Moor"}]}"#),
        ("cut short in a string", r#"{"@type":"Article","author":"Ada Moor","description":"Dig de"#),
        (
            "character references",
            "{&quot;@type&quot;:&quot;Article&quot;,&#34;author&#34;:&quot;Ada Moor&quot;}",
        ),
        (
            "several values",
            "{\"@type\":\"WebSite\",\"name\":\"Roses\"}\n{\"@type\":\"Article\",\"author\":\"Ada Moor\"}",
        ),
        ("values with a comma", r#"{"@type":"WebSite",},{"@type":"Article","author":"Ada Moor"}"#),
        ("beside a hopeless one", r#"{"@type":} {"@type":"Article","author":"Ada Moor"}"#),
    ];
    for (what, json) in broken {
        assert_eq!(json_ld(json).authors, ["Ada Moor"], "{what}");
    }
}

#[test]
fn json_ld_beyond_repair_leaves_the_other_sources() {
    let deep = "[".repeat(200_000);
    let nested =
        format!(r#"{}{{"@type":"Article"}}{}"#, r#"{"mainEntity":"#.repeat(5_000), "}".repeat(5_000));
    let garbage = r#"{"a":"\","#.repeat(120_000);
    for block in [deep, nested, garbage, "}".repeat(1_000_000), "\"".repeat(1_000_000)] {
        let html = format!("<script type='application/ld+json'>{block}</script><title>Soil</title>");
        let found = metadata(&html);
        assert_eq!(found.title.as_deref(), Some("Soil"));
        assert_eq!(found.json_ld, [block]);
    }
}

#[test]
fn repair_of_hostile_blocks_ends() {
    let mismatched = format!("{}{}", "[{".repeat(300_000), "]".repeat(600_000));
    let commas = format!("[{}]", ", ".repeat(1_000_000));
    let quotes = format!("{{\"a\":\"{}", "\" \t".repeat(700_000));
    let comments = "/*".repeat(1_000_000);
    let values = "{,}".repeat(500_000);
    let references = "{&quot;".repeat(300_000);
    for block in [mismatched, commas, quotes, comments, values, references] {
        let html = format!("<script type='application/ld+json'>{block}</script><title>Soil</title>");
        assert_eq!(metadata(&html).title.as_deref(), Some("Soil"));
    }
}
