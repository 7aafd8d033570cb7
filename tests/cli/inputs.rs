//! What can be named as input.

use super::*;

fn paths(run: &Run) -> Vec<String> {
    run.lines().iter().map(|line| line["path"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_standard_input_is_read_when_nothing_is_named_or_by_a_dash() {
    let workspace = Workspace::new();
    let content = page("Piped", "Through the pipe.");
    for args in [&["--format", "jsonl"][..], &["--format", "jsonl", "-"]] {
        let run = finish(&mut workspace.command(args), content.as_bytes()).expect(0);
        assert_eq!(run.lines()[0]["title"], "Piped");
        assert_eq!(run.lines()[0]["path"], "-");
    }
    let run =
        finish(&mut workspace.command(&["--format", "jsonl", "-"]), &gzip(content.as_bytes())).expect(0);
    assert_eq!(run.lines()[0]["title"], "Piped");
}

#[test]
fn nothing_on_the_standard_input_is_a_failure() {
    let run = Workspace::new().extract(&[]).expect(1);
    assert!(run.stderr.starts_with("riptide: -: "), "{}", run.stderr);
}

#[test]
fn folders_are_walked_in_the_order_of_names_and_only_pages_are_taken() {
    let workspace = Workspace::new();
    for name in [
        "site/b.html",
        "site/a/z.htm",
        "site/a/deep/x.XHTML",
        "site/c.html.gz",
        "site/d.htm.GZ",
        "site/B2.html",
    ] {
        let content = page(name, "Some text.");
        let packed = name.to_lowercase().ends_with("gz");
        workspace.put(name, if packed { gzip(content.as_bytes()) } else { content.into_bytes() });
    }
    workspace
        .put("site/style.css", "p{}")
        .put("site/html", "x")
        .put("site/.html", "x")
        .put("site/data.gz", gzip(b"x"));
    let run = workspace.extract(&["--format", "jsonl", "site"]).expect(0);
    let expected = [
        "site/B2.html",
        "site/a/deep/x.XHTML",
        "site/a/z.htm",
        "site/b.html",
        "site/c.html.gz",
        "site/d.htm.GZ",
    ];
    assert_eq!(paths(&run), expected);
    assert!(run.lines().iter().all(|line| line["title"] == line["path"]));
}

#[test]
fn a_file_named_by_hand_needs_no_extension() {
    let workspace = Workspace::new();
    workspace.put("download", gzip(page("Bare", "Text.").as_bytes()));
    let run = workspace.extract(&["--format", "jsonl", "download"]).expect(0);
    assert_eq!(run.lines()[0]["title"], "Bare");
}

#[test]
fn gzip_of_several_members_is_one_page() {
    let workspace = Workspace::new();
    let content = page("Members", "The second half is in another member.");
    let (first, second) = content.split_at(content.len() / 2);
    workspace.put("page.html.gz", [gzip(first.as_bytes()), gzip(second.as_bytes())].concat());
    let run = workspace.extract(&["--format", "jsonl", "page.html.gz"]).expect(0);
    assert!(run.lines()[0]["text"].as_str().unwrap().contains("another member"));
}

#[test]
fn results_keep_the_order_of_the_inputs_whatever_each_takes() {
    let workspace = Workspace::new();
    for number in 0..60 {
        let length = if number % 7 == 0 { 4000 } else { 1 };
        workspace
            .put(&format!("site/{number:02}.html"), page(&number.to_string(), &"long way ".repeat(length)));
    }
    let run = workspace.extract(&["--format", "jsonl", "--jobs", "4", "site"]).expect(0);
    let titles: Vec<_> = run.lines().iter().map(|line| line["title"].as_str().unwrap().to_owned()).collect();
    assert_eq!(titles, (0..60).map(|number| number.to_string()).collect::<Vec<_>>());
    assert_eq!(run.stderr, "riptide: 60 ok, 0 failed\n");
}

#[test]
fn a_manifest_gives_paths_relative_to_itself_urls_and_charsets() {
    let workspace = Workspace::new();
    workspace.put("lists/pages/a.html", page("A", "First."));
    workspace.put(
        "lists/b.html",
        "<title>B</title><p>Gr\u{fc}\u{df}e vom Kai, und eine gute Fahrt allen Schiffen.</p>",
    );
    let latin: Vec<u8> = "<title>C</title><p>caf\u{e9} cr\u{e8}me</p>".chars().map(|c| c as u8).collect();
    workspace.put("lists/c.html", latin);
    workspace.put(
        "lists/list.jsonl",
        "{\"path\": \"pages/a.html\", \"url\": \"https://quay.example/sub/a\"}\n\n{\"path\": \"b.html\"}\r\n\
         {\"path\": \"c.html\", \"charset\": \"iso-8859-1\"}",
    );
    let run = workspace.extract(&["--format", "jsonl", "--manifest", "lists/list.jsonl"]).expect(0);
    assert_eq!(paths(&run), ["pages/a.html", "b.html", "c.html"]);
    let lines = run.lines();
    assert_eq!(lines[0]["url"], "https://quay.example/sub/a");
    assert_eq!(lines[0]["links"][0]["url"], "https://quay.example/tide");
    assert!(lines[1]["text"].as_str().unwrap().contains("Grüße"));
    assert!(lines[2]["text"].as_str().unwrap().contains("café crème"));
}

#[test]
fn a_manifest_can_come_from_the_standard_input() {
    let workspace = Workspace::new();
    workspace.put("a.html", page("A", "First."));
    let mut command = workspace.command(&["--format", "jsonl", "--manifest", "-"]);
    let run = finish(&mut command, b"{\"path\": \"a.html\"}\n").expect(0);
    assert_eq!(run.lines()[0]["title"], "A");
}

#[test]
fn wrong_lines_of_a_manifest_are_named_and_skipped() {
    let workspace = Workspace::new();
    workspace.put("a.html", page("A", "First."));
    workspace.put("list.jsonl", b"{\"path\": \"a.html\"}\n{\"path\": \"a.html\", \"uri\": \"x\"}\n\xff\n{\"url\": \"x\"}\nnonsense\n{\"path\": \"gone.html\"}\n{\"path\": \"a.html\"}\n");
    let run = workspace.extract(&["--format", "jsonl", "--manifest", "list.jsonl"]).expect(3);
    assert_eq!(
        paths(&run),
        ["a.html", "list.jsonl:2", "list.jsonl:3", "list.jsonl:4", "list.jsonl:5", "gone.html", "a.html"]
    );
    assert!(
        run.stderr
            .contains("riptide: list.jsonl:2: unknown field `uri`, expected one of `path`, `url`, `charset`")
    );
    assert!(run.stderr.contains("riptide: list.jsonl:3: the line is not UTF-8"), "{}", run.stderr);
    assert!(run.stderr.contains("riptide: list.jsonl:4: relative URL without a base"), "{}", run.stderr);
    assert!(
        run.stderr.contains("riptide: gone.html (list.jsonl:6): there is no such file"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.ends_with("riptide: 2 ok, 5 failed\n"), "{}", run.stderr);
}

#[test]
fn a_manifest_may_begin_with_a_byte_order_mark_and_its_lines_are_objects() {
    let workspace = Workspace::new();
    workspace.put("a.html", page("A", "First."));
    workspace.put("list.jsonl", "\u{feff}{\"path\": \"a.html\"}\n[\"a.html\", \"\", null]\n\"a.html\"\n7\n");
    let run = workspace.extract(&["--format", "jsonl", "--manifest", "list.jsonl"]).expect(3);
    let lines = run.lines();
    assert_eq!(lines[0]["title"], "A");
    for line in &lines[1..] {
        let message = line["error"]["message"].as_str().unwrap();
        assert!(message.starts_with("the line is no JSON object; expected a line such as {"), "{message}");
    }
    assert_eq!(lines.len(), 4);
}

#[test]
fn a_manifest_that_is_missing_empty_or_a_folder_is_a_failure() {
    let workspace = Workspace::new();
    workspace.put("blank.jsonl", "\n\n").put("folder/x.txt", "");
    let expect = |name: &str, message: &str| {
        let run = workspace.extract(&["--manifest", name]).expect(1);
        assert!(run.stderr.starts_with(&format!("riptide: {name}: {message}")), "{}", run.stderr);
    };
    expect("gone.jsonl", "there is no such file");
    expect("blank.jsonl", "this list names no pages");
    expect("folder", "this is a folder");
}

#[test]
fn named_files_may_be_feeds_texts_and_pdf_documents() {
    let workspace = Workspace::new();
    let pdf: &[u8] = include_bytes!("../../crates/riptide-pdf/src/health.pdf");
    workspace
        .put("log.rss", "<rss><channel><title>Log</title><item><title>Ebb</title></item></channel></rss>")
        .put("notes.txt", "Low water\n\nThe sea goes out.\n")
        .put("notes.md", "# Low *water*\n")
        .put("tides.json", "{\"ebb\": 3}")
        .put("paper", pdf);
    let names = ["log.rss", "notes.txt", "notes.md", "tides.json", "paper"];
    let run = workspace.extract(&[&["--format", "jsonl"][..], &names].concat()).expect(0);
    let markdown: Vec<_> =
        run.lines().iter().map(|line| line["markdown"].as_str().unwrap().to_owned()).collect();
    let expected = [
        "## Ebb\n",
        "Low water\n\nThe sea goes out.\n",
        "# Low *water*\n",
        "```json\n{\"ebb\": 3}\n```\n",
        "# Ebb\n\nThe sea goes out.\n",
    ];
    assert_eq!(markdown, expected);
    assert_eq!(run.lines()[0]["entries"][0]["title"], "Ebb");
    assert_eq!(run.lines()[0]["page_type"], "feed");
    assert_eq!(run.lines()[4]["page_count"], 1);
}
