//! What results look like.

use super::*;

#[test]
fn the_shipped_article_comes_out_as_markdown_with_front_matter() {
    let run = riptide(&["extract", &site_page("article.html")]).expect(0);
    let (front_matter, body) = run.stdout.strip_prefix("---\n").unwrap().split_once("\n---\n\n").unwrap();
    for expected in [
        r#"title: "The lighthouse that learned to whisper""#,
        "authors:\n  - \"Mara Example\"",
        "published: \"2026-03-14",
        "modified: \"2026-03-15",
        r#"site: "The Tidewater Courier""#,
        "language: \"en",
        "description: \"Harbour engineers",
        r#"canonical: "https://courier.example.org/2026/03/lighthouse-that-learned-to-whisper""#,
        "tags:\n  - \"",
        r#"page_type: "article""#,
        "quality: ",
    ] {
        assert!(front_matter.contains(expected), "{expected} is missing in {front_matter}");
    }
    for expected in
        ["For a hundred and eleven years", "## The numbers", "| Power", "1. one at the foot", "**forty-one**"]
    {
        assert!(body.contains(expected), "{expected} is missing in {body}");
    }
    for boilerplate in ["cookies", "Most read", "Advertisement", "All rights reserved", "Tide times"] {
        assert!(!body.contains(boilerplate), "{boilerplate} is left in {body}");
    }
    assert_eq!(run.stderr, "");
}

#[test]
fn no_front_matter_leaves_the_body_alone() {
    let article = site_page("article.html");
    let whole = riptide(&["extract", "--native", &article]).expect(0).stdout;
    let body = riptide(&["extract", "--native", "--no-front-matter", &article]).expect(0).stdout;
    assert!(!body.starts_with("---"));
    assert!(whole.ends_with(&format!("\n---\n\n{body}")));
}

#[test]
fn comments_follow_the_content_where_they_are_wanted() {
    let article = site_page("article.html");
    let told =
        |options: &[&str]| riptide(&[&["extract", "--native", &article], options].concat()).expect(0).stdout;
    for format in ["markdown", "text", "html"] {
        let (plain, discussed) = (told(&["--format", format]), told(&["--format", format, "--comments"]));
        assert!(discussed.starts_with(plain.trim_end()), "{discussed}");
        let words = "Finally some sleep on the east side.";
        assert!(!plain.contains(words) && discussed.contains(words), "{discussed}");
    }
    assert_eq!(told(&["--format", "jsonl"]), told(&["--format", "jsonl", "--comments"]));
}

#[test]
fn text_has_no_markup_and_html_has_no_scripts() {
    let article = site_page("article.html");
    let text = riptide(&["extract", "--native", "--format", "text", &article]).expect(0).stdout;
    assert!(text.contains("For a hundred and eleven years") && text.contains("forty-one"), "{text}");
    assert!(!text.contains("**") && !text.contains('<'), "{text}");
    let html = riptide(&["extract", "--native", "--format", "html", &article]).expect(0).stdout;
    assert!(html.contains("<p>") && html.contains("forty-one"), "{html}");
    assert!(!html.contains("<script") && !html.contains("class="), "{html}");
}

#[test]
fn json_is_one_object_for_a_page_and_an_array_for_several() {
    let workspace = Workspace::new();
    workspace.put("a.html", page("A", "First.")).put("b.html", page("B", "Second."));
    let one = workspace.extract(&["--format", "json", "a.html"]).expect(0);
    assert_eq!(one.json()["title"], "A");
    assert!(one.stdout.contains("\n  \"path\": \"a.html\",\n"), "{}", one.stdout);

    let several =
        workspace.extract(&["--format", "json", "a.html", "absent.html", "b.html"]).expect(3).json();
    let paths: Vec<_> =
        several.as_array().unwrap().iter().map(|entry| entry["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["a.html", "absent.html", "b.html"]);
    assert_eq!(several[1]["error"]["code"], "not-found");
    assert_eq!(several[1]["error"]["phase"], "read");
    assert_eq!(several[1]["error"]["retryable"], false);
}

#[test]
fn a_line_holds_every_field_of_the_document() {
    let workspace = Workspace::new();
    workspace.put("a.html", page("A", "First."));
    let run =
        workspace.extract(&["--format", "jsonl", "--url", "https://quay.example/a", "a.html"]).expect(0);
    let line = &run.lines()[0];
    let fields = "path url canonical_url title byline authors published modified site_name language description image \
                  page_type markdown text html links media tables comments entries tags categories breadcrumbs product thread \
                  json_ld open_graph page_count word_count reading_time quality_score warnings";
    for field in fields.split_whitespace() {
        assert!(line.get(field).is_some(), "{field} is missing");
    }
    assert_eq!(line["url"], "https://quay.example/a");
    assert_eq!(line["links"][0]["url"], "https://quay.example/tide");
}

#[test]
fn several_documents_on_one_stream_are_told_apart_by_name() {
    let workspace = Workspace::new();
    workspace.put("a.html", page("A", "First.")).put("b.html", page("B", "Second."));
    let markdown = workspace.extract(&["a.html", "b.html"]).expect(0).stdout;
    assert!(markdown.starts_with("<!-- ==> a.html <== -->\n\n---\n"), "{markdown}");
    assert!(markdown.contains("\n\n<!-- ==> b.html <== -->\n\n---\n"), "{markdown}");
    let text = workspace.extract(&["--format", "text", "a.html", "b.html"]).expect(0).stdout;
    assert!(text.starts_with("==> a.html <==\n\n"), "{text}");
    assert!(text.contains("\n\n==> b.html <==\n\n"), "{text}");
    let alone = workspace.extract(&["--format", "text", "a.html"]).expect(0).stdout;
    assert!(!alone.contains("==>"), "{alone}");
}

#[test]
fn modes_select_what_is_extracted() {
    let article = site_page("article.html");
    let extract = |args: &[&str]| {
        let all = [&["extract", "--native", "--format", "json"], args, &[article.as_str()]].concat();
        riptide(&all).expect(0).json()
    };
    let full = extract(&["--mode", "full"]);
    assert!(full["text"].as_str().unwrap().contains("Tide times"));
    let metadata = extract(&["--mode", "metadata"]);
    assert_eq!(metadata["title"], "The lighthouse that learned to whisper");
    assert_eq!(
        (&metadata["text"], &metadata["markdown"], &metadata["html"]),
        (&"".into(), &"".into(), &"".into())
    );
    let custom = extract(&["--select", "table", "--exclude", "caption, thead"]);
    assert!(custom["text"].as_str().unwrap().contains("37 kW"));
    assert!(!custom["text"].as_str().unwrap().contains("Property"));
    assert!(!custom["text"].as_str().unwrap().contains("hundred and eleven"));
    assert_eq!(extract(&["--mode", "custom", "--select", "table", "--exclude", "caption, thead"]), custom);
    for focus in ["precision", "balanced", "recall"] {
        assert!(
            extract(&["--focus", focus])["text"].as_str().unwrap().contains("hundred and eleven"),
            "{focus}"
        );
    }
}
