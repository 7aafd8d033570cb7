//! Where results go.

use super::*;

fn site() -> Workspace {
    let workspace = Workspace::new();
    workspace
        .put("site/a.html", page("A", "First."))
        .put("site/sub/b.html.gz", gzip(page("B", "Second.").as_bytes()));
    workspace
}

#[test]
fn one_document_goes_to_a_file() {
    let workspace = site();
    let run = workspace.extract(&["--output", "a.md", "site/a.html"]).expect(0);
    assert_eq!(run.stdout, "");
    assert!(workspace.read("a.md").starts_with("---\ntitle: \"A\"\n"));
    assert_eq!(workspace.list("."), ["a.md", "site"]);
}

#[test]
fn a_folder_mirrors_the_inputs() {
    let workspace = site();
    for (format, extension) in
        [("markdown", "md"), ("text", "txt"), ("html", "html"), ("json", "json"), ("jsonl", "jsonl")]
    {
        let folder = format!("made/{format}/");
        let run = workspace.extract(&["--format", format, "--output", &folder, "site"]).expect(0);
        assert_eq!(run.stdout, "");
        assert!(workspace.read(&format!("{folder}a.{extension}")).contains("First."));
        assert!(workspace.read(&format!("{folder}sub/b.{extension}")).contains("Second."));
    }
    workspace.extract(&["--output", "several", "site"]).expect(0);
    assert_eq!(workspace.list("several"), ["a.md", "sub"]);
    workspace.extract(&["--output", "several", "site/sub/b.html.gz"]).expect(0);
    assert_eq!(workspace.list("several"), ["a.md", "b.md", "sub"]);
}

#[test]
fn records_of_several_pages_go_to_one_file() {
    let workspace = site();
    workspace.extract(&["--format", "jsonl", "--output", "all.jsonl", "site"]).expect(0);
    assert_eq!(workspace.read("all.jsonl").lines().count(), 2);
    workspace.extract(&["--format", "json", "--output", "all.json", "site"]).expect(0);
    let all: Value = serde_json::from_str(&workspace.read("all.json")).unwrap();
    assert_eq!(all.as_array().unwrap().len(), 2);
}

#[test]
fn pages_of_one_name_do_not_overwrite_each_other() {
    let workspace = Workspace::new();
    workspace.put("one/index.html", page("One", "First.")).put("two/index.html", page("Two", "Second."));
    workspace.extract(&["--output", "out/", "one/index.html", "two/index.html"]).expect(0);
    assert!(workspace.read("out/index.md").contains("First."));
    assert!(workspace.read("out/index-2.md").contains("Second."));
}

#[test]
fn paths_of_a_manifest_stay_within_the_folder() {
    let workspace = Workspace::new();
    workspace.put("page.html", page("Page", "Text.")).put("lists/list.jsonl", r#"{"path": "../page.html"}"#);
    workspace.extract(&["--output", "lists/out/", "--manifest", "lists/list.jsonl"]).expect(0);
    assert_eq!(workspace.list("lists/out"), ["page.md"]);
    assert_eq!(workspace.list("lists"), ["list.jsonl", "out"]);
}

#[test]
fn several_documents_do_not_go_into_one_text_file() {
    let workspace = site();
    workspace.put("old.md", "precious");
    let run = workspace.extract(&["--output", "old.md", "site"]).expect(2);
    assert!(run.stderr.contains("old.md is a file; several documents need a folder"), "{}", run.stderr);
    assert_eq!(workspace.read("old.md"), "precious");
}

#[test]
fn a_failure_leaves_an_older_file_alone() {
    let workspace = Workspace::new();
    workspace.put("old.md", "precious").put("empty.html", "");
    workspace.extract(&["--output", "old.md", "empty.html"]).expect(1);
    assert_eq!(workspace.read("old.md"), "precious");
    assert_eq!(workspace.list("."), ["empty.html", "old.md"]);
}

#[test]
fn a_page_is_never_replaced_by_its_result() {
    let workspace = site();
    let before = workspace.read("site/a.html");
    let run = workspace.extract(&["--format", "html", "--output", "site/a.html", "site/a.html"]).expect(1);
    assert!(run.stderr.contains("would replace the page itself"), "{}", run.stderr);
    workspace.extract(&["--format", "html", "--output", "site", "site"]).expect(3);
    assert_eq!(workspace.read("site/a.html"), before);
}

#[test]
fn results_within_the_walked_folder_do_not_become_inputs() {
    let workspace = site();
    for _ in 0..2 {
        let run = workspace.extract(&["--format", "html", "--output", "site/out/", "site"]).expect(0);
        assert_eq!(run.stderr, "riptide: 2 ok, 0 failed\n");
    }
}

#[test]
fn an_output_folder_that_does_not_exist_is_named() {
    let workspace = site();
    let run = workspace.extract(&["--output", "no/where/a.md", "site/a.html"]).expect(1);
    assert!(run.stderr.starts_with("riptide: no/where/a.md: cannot be written"), "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn devices_and_links_are_written_through() {
    let workspace = site();
    workspace.extract(&["--output", "/dev/null", "site/a.html"]).expect(0);
    assert!(!Path::new("/dev/null").is_file());
    workspace.put("real.md", "old");
    std::os::unix::fs::symlink("real.md", workspace.path("link.md")).unwrap();
    workspace.extract(&["--output", "link.md", "site/a.html"]).expect(0);
    assert!(workspace.read("real.md").contains("First."));
    assert!(workspace.path("link.md").is_symlink());
}

#[cfg(unix)]
#[test]
fn files_are_as_readable_as_any_other_new_file() {
    use std::os::unix::fs::PermissionsExt;
    let workspace = site();
    workspace.extract(&["--output", "a.md", "site/a.html"]).expect(0);
    workspace.put("ordinary", "");
    let mode = |name: &str| fs::metadata(workspace.path(name)).unwrap().permissions().mode();
    assert_eq!(mode("a.md"), mode("ordinary"));
}
