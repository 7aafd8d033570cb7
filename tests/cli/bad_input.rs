//! Input that is no page: each a message that says what and where, a right exit code, and no harm to other inputs.

use super::*;

/// Runs a bad input alone and beside a good page, and gives the message.
#[track_caller]
fn refusal(workspace: &Workspace, bad: &str, code: &str) -> String {
    workspace.put("good.html", page("Good", "This page is sound."));
    let alone = workspace.extract(&[bad]).expect(1);
    assert_eq!(alone.stdout, "");
    let message = alone.stderr.trim_end().strip_prefix(&format!("riptide: {bad}: ")).unwrap().to_owned();

    let beside = workspace.extract(&["--format", "jsonl", bad, "good.html"]).expect(3);
    let lines = beside.lines();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["path"], bad);
    assert_eq!(lines[0]["error"]["code"], code);
    assert_eq!(lines[0]["error"]["message"], message.as_str());
    assert_eq!(lines[1]["title"], "Good");
    assert!(beside.stderr.ends_with("riptide: 1 ok, 1 failed\n"), "{}", beside.stderr);
    message
}

#[test]
fn a_missing_file_is_named() {
    let message = refusal(&Workspace::new(), "absent.html", "not-found");
    assert_eq!(message, "there is no such file or folder");
}

#[test]
fn a_folder_without_pages_says_what_was_looked_for() {
    let workspace = Workspace::new();
    workspace.put("notes/readme.txt", "no page");
    let message = refusal(&workspace, "notes", "no-pages");
    assert_eq!(message, "this folder holds no pages; looked for *.html, *.htm and *.xhtml, also with .gz");
}

#[test]
fn a_binary_file_is_called_what_it_is() {
    let workspace = Workspace::new();
    workspace.put("page.bin", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01");
    let message = refusal(&workspace, "page.bin", "binary-input");
    assert!(message.contains("a PNG image"), "{message}");
    assert!(message.contains("expected a page"), "{message}");
}

#[test]
fn an_empty_file_is_refused() {
    let workspace = Workspace::new();
    workspace.put("empty.html", "").put("packed.html.gz", gzip(b""));
    assert!(refusal(&workspace, "empty.html", "empty-input").contains("empty"));
    assert!(refusal(&workspace, "packed.html.gz", "empty-input").contains("empty"));
}

#[test]
fn truncated_gzip_is_told_from_damaged_gzip() {
    let workspace = Workspace::new();
    let whole = gzip(page("Packed", "A page in a parcel.").as_bytes());
    workspace.put("short.html.gz", &whole[..whole.len() / 2]);
    workspace.put("no-trailer.html.gz", &whole[..whole.len() - 3]);
    let mut damaged = whole.clone();
    let last = damaged.len() - 5;
    damaged[last] ^= 0xff;
    workspace.put("damaged.html.gz", damaged);
    let expected = "the gzip data end too early; the file is incomplete, expected a whole one";
    assert_eq!(refusal(&workspace, "short.html.gz", "gzip-truncated"), expected);
    assert_eq!(refusal(&workspace, "no-trailer.html.gz", "gzip-truncated"), expected);
    assert!(refusal(&workspace, "damaged.html.gz", "gzip-damaged").contains("damaged"));
}

#[test]
fn what_follows_sound_gzip_is_passed_over_and_further_members_are_read() {
    let workspace = Workspace::new();
    let content = page("Packed", "A page in a parcel.");
    let (first, second) = content.as_bytes().split_at(content.len() / 2);
    let members = [gzip(first), gzip(b""), gzip(second)].concat();
    let with = |end: &[u8]| [members.as_slice(), end].concat();
    workspace.put("padded.html.gz", with(&[0; 1000])).put("one.html.gz", with(b"\x1f"));
    workspace.put("garbage.html.gz", with(b"\x1f and more")).put("sound.html.gz", with(b""));
    for name in workspace.list(".") {
        let run = workspace.extract(&["--format", "text", &name]).expect(0);
        assert!(
            run.stdout.contains("A page in a parcel.") && run.stderr.is_empty(),
            "{name}: {}",
            run.stderr
        );
    }
    let mut damaged = gzip(second);
    let last = damaged.len() - 5;
    damaged[last] ^= 0xff;
    workspace.put("damaged.html.gz", [gzip(first), damaged].concat());
    workspace.put("short.html.gz", &members[..members.len() - 3]);
    assert!(refusal(&workspace, "damaged.html.gz", "gzip-damaged").contains("damaged"));
    assert!(refusal(&workspace, "short.html.gz", "gzip-truncated").contains("too early"));
}

#[test]
fn a_page_over_the_input_limit_is_refused_plain_and_packed() {
    let workspace = Workspace::new();
    let large = page("Large", &"word ".repeat(2000));
    workspace.put("large.html", &large).put("bomb.html.gz", gzip(large.as_bytes()));
    for name in ["large.html", "bomb.html.gz"] {
        workspace.extract(&[name]).expect(0);
        let run = workspace.extract(&["--max-input", "4KiB", "--format", "jsonl", name]).expect(1);
        assert_eq!(run.lines()[0]["error"]["code"], "input-too-large");
        assert!(run.stderr.contains("4096 bytes"), "{}", run.stderr);
    }
}

#[test]
fn a_page_of_exactly_the_input_limit_is_taken() {
    let workspace = Workspace::new();
    let content = page("Exact", "As long as allowed.");
    workspace.put("exact.html", &content);
    workspace.extract(&["--max-input", &content.len().to_string(), "exact.html"]).expect(0);
    workspace.extract(&["--max-input", &(content.len() - 1).to_string(), "exact.html"]).expect(1);
}

#[test]
fn an_unknown_charset_label_is_passed_over_with_a_warning() {
    let workspace = Workspace::new();
    workspace.put("page.html", page("Label", "Über den Hafen.").replace("charset=utf-8", "charset=utf-99"));
    let run = workspace.extract(&["page.html"]).expect(0);
    assert!(run.stdout.contains("Über den Hafen."), "{}", run.stdout);
    assert!(run.stderr.starts_with("riptide: warning: page.html: "), "{}", run.stderr);
    assert!(run.stderr.contains("utf-99"), "{}", run.stderr);

    workspace.put("list.jsonl", r#"{"path": "page.html", "charset": "utf-98"}"#);
    let run = workspace.extract(&["--manifest", "list.jsonl", "--format", "jsonl"]).expect(0);
    assert!(run.lines()[0]["warnings"].to_string().contains("utf-98"), "{}", run.stdout);
    assert_eq!(run.stderr, "");
}

#[test]
fn a_relative_url_in_a_manifest_is_refused() {
    let workspace = Workspace::new();
    workspace.put("page.html", page("Page", "Text."));
    workspace.put("list.jsonl", r#"{"path": "page.html", "url": "not-a-url"}"#);
    let run = workspace.extract(&["--manifest", "list.jsonl", "--format", "jsonl"]).expect(1);
    assert_eq!(run.lines()[0]["error"]["code"], "invalid-url");
    assert_eq!(run.lines()[0]["url"], "not-a-url");
    assert!(run.stderr.starts_with("riptide: page.html (list.jsonl:1): `not-a-url`"), "{}", run.stderr);
}

#[test]
fn what_is_no_component_is_refused_before_any_page() {
    let workspace = Workspace::new();
    workspace
        .put("good.html", page("Good", "Text."))
        .put("text.wasm", "not wasm")
        .put("module.wasm", b"\0asm\x01\0\0\0");
    for name in ["text.wasm", "module.wasm"] {
        let run =
            workspace.extract_sandboxed(&["--format", "jsonl", "--extractor", name, "good.html"]).expect(1);
        assert_eq!(run.stdout, "");
        let expected = format!("riptide: {name}: the extractor is not a WebAssembly component");
        assert!(run.stderr.starts_with(&expected), "{}", run.stderr);
    }
    let run = workspace.extract_sandboxed(&["--extractor", "absent.wasm", "good.html"]).expect(1);
    assert_eq!(run.stderr, "riptide: absent.wasm: there is no such file or folder\n");
}

#[cfg(unix)]
#[test]
fn links_in_a_circle_are_not_followed() {
    let workspace = Workspace::new();
    workspace.put("site/a.html", page("A", "First.")).put("site/sub/b.html", page("B", "Second."));
    std::os::unix::fs::symlink("..", workspace.path("site/sub/up")).unwrap();
    std::os::unix::fs::symlink("nowhere", workspace.path("site/dead")).unwrap();
    let run = workspace.extract(&["--format", "jsonl", "site"]).expect(0);
    assert_eq!(run.lines().len(), 2);
    assert_eq!(run.stderr, "riptide: 2 ok, 0 failed\n");
}
