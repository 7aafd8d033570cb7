//! The sandbox, seen from outside.

use super::*;

#[test]
fn the_sandbox_changes_nothing_in_the_document() {
    for page in site_pages() {
        let page = page.to_str().unwrap();
        for mode in
            [&["--mode", "article"][..], &["--mode", "full"], &["--mode", "metadata"], &["--select", "p, h1"]]
        {
            let args =
                [&["extract", "--format", "json", "--url", "https://site.example/page"], mode, &[page]]
                    .concat();
            let sandboxed = riptide(&args).expect(0).json();
            let native = riptide(&[&args[..], &["--native"]].concat()).expect(0).json();
            assert_eq!(sandboxed, native, "{page} {mode:?}");
        }
    }
}

#[test]
fn every_shipped_page_gives_content() {
    let pages: Vec<_> = site_pages().iter().map(|page| page.to_str().unwrap().to_owned()).collect();
    let args: Vec<&str> =
        ["extract", "--format", "jsonl"].into_iter().chain(pages.iter().map(String::as_str)).collect();
    let run = riptide(&args).expect(0);
    assert_eq!(run.lines().len(), pages.len());
    for line in run.lines() {
        assert!(line["word_count"].as_u64().unwrap() > 80, "{}", line["path"]);
        assert!(line["title"].is_string(), "{}", line["path"]);
    }
}

#[test]
fn running_out_of_time_is_a_timeout_only_when_nothing_else_went_wrong() {
    let workspace = Workspace::new();
    // Far more work than a millisecond holds, on any machine.
    workspace.put("long.html", page("Long", &"<p>A line of <b>many</b> words.</p>".repeat(200_000)));
    let run =
        workspace.extract_sandboxed(&["--timeout", "1ms", "--format", "jsonl", "long.html"]).expect(124);
    assert_eq!(run.lines()[0]["error"]["code"], "deadline-exceeded");
    assert_eq!(run.lines()[0]["error"]["phase"], "extract");
    assert_eq!(run.lines()[0]["error"]["retryable"], true);
    workspace.extract_sandboxed(&["--timeout", "1ms", "long.html", "absent.html"]).expect(1);
}

#[test]
fn a_page_that_needs_too_much_memory_harms_no_other() {
    let workspace = Workspace::new();
    workspace.put("large.html", page("Large", &"<p>A line of <b>many</b> words.</p>".repeat(100_000)));
    workspace.put("small.html", page("Small", "Few words."));
    let run = workspace
        .extract_sandboxed(&["--memory", "8MiB", "--format", "jsonl", "large.html", "small.html"])
        .expect(3);
    assert_eq!(run.lines()[0]["error"]["code"], "memory-exceeded");
    assert_eq!(run.lines()[1]["title"], "Small");
}

#[test]
fn a_cache_folder_of_no_use_is_a_warning() {
    let workspace = Workspace::new();
    workspace.put("page.html", page("Page", "Text.")).put("file", "");
    let run = workspace.extract_sandboxed(&["--cache-dir", "file/cache", "page.html"]).expect(0);
    assert!(run.stdout.contains("title: \"Page\""), "{}", run.stdout);
    assert!(run.stderr.starts_with("riptide: warning: file/cache: "), "{}", run.stderr);
}

#[test]
fn the_compiled_component_is_kept_in_the_cache_folder() {
    let workspace = Workspace::new();
    workspace.put("page.html", page("Page", "Text."));
    workspace.extract_sandboxed(&["--cache-dir", "cache", "page.html"]).expect(0);
    assert!(!workspace.list("cache").is_empty());
}

#[test]
fn a_component_of_ones_own_takes_the_place_of_the_built_in_one() {
    let workspace = Workspace::new();
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guests/extractor.wasm");
    workspace.put("page.html", page("Page", "Text.")).put("own.wasm", fs::read(built_in).unwrap());
    let own =
        workspace.extract_sandboxed(&["--format", "json", "--extractor", "own.wasm", "page.html"]).expect(0);
    let built_in = workspace.extract_sandboxed(&["--format", "json", "page.html"]).expect(0);
    assert_eq!(own.json(), built_in.json());
}
