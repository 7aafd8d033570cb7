//! `riptide explain`.

use super::*;

fn explain(workspace: &Workspace, args: &[&str]) -> Run {
    finish(program().current_dir(workspace.0.path()).arg("explain").args(args), b"")
}

#[test]
fn each_block_is_told_with_its_probability_and_reasons() {
    let article = site_page("article.html");
    let run = riptide(&["explain", "--format", "jsonl", "--reasons", "2", &article]).expect(0);
    let record = &run.lines()[0];
    let blocks = record["blocks"].as_array().unwrap();
    let threshold = record["threshold"].as_f64().unwrap();
    assert!(
        blocks.iter().any(|block| block["kept"] == true) && blocks.iter().any(|block| block["kept"] == false)
    );
    for block in blocks {
        let probability = block["probability"].as_f64().unwrap();
        assert_eq!(block["kept"] == true, probability >= threshold, "{block}");
        assert!((0.0..=1.0).contains(&probability));
        assert!(block["reasons"].as_array().unwrap().len() <= 2);
        assert!(block.get("features").is_none());
    }
    assert!(blocks.iter().any(|block| !block["reasons"].as_array().unwrap().is_empty()));
    let table = riptide(&["explain", &article]).expect(0).stdout;
    assert_eq!(
        table.lines().filter(|line| line.starts_with("keep ") || line.starts_with("drop ")).count(),
        blocks.len()
    );
}

#[test]
fn what_is_explained_is_what_is_extracted() {
    let article = site_page("article.html");
    let record = riptide(&["explain", "--format", "jsonl", &article]).expect(0).lines().remove(0);
    let text = riptide(&["extract", "--native", "--format", "text", &article]).expect(0).stdout;
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for block in record["blocks"].as_array().unwrap() {
        let words = block["text"].as_str().unwrap();
        if block["words"].as_u64().unwrap() > 5 {
            assert_eq!(folded.contains(words), block["kept"] == true, "{words}");
        }
    }
}

#[test]
fn features_come_with_their_names() {
    let article = site_page("article.html");
    let record =
        riptide(&["explain", "--format", "jsonl", "--features", &article]).expect(0).lines().remove(0);
    let names = record["features"].as_array().unwrap().len();
    let values = record["blocks"][0]["features"].as_array().unwrap().len();
    assert!(names > 100);
    assert_eq!(names, values);
}

#[test]
fn a_page_is_painted_without_anything_that_runs() {
    let workspace = Workspace::new();
    workspace.put("a.html", page("A", "Tom &amp; &lt;script&gt;alert(1)&lt;/script&gt; First."));
    explain(&workspace, &["--html", "blocks.html", "a.html"]).expect(0);
    let painted = workspace.read("blocks.html");
    assert!(painted.contains("Tom &amp; &lt;script&gt;alert(1)"), "{painted}");
    assert!(!painted.contains("<script") && painted.contains("class=\"block kept\""));
}

#[test]
fn a_file_that_is_no_model_is_refused() {
    let workspace = Workspace::new();
    workspace.put("a.html", page("A", "First.")).put("model.bin", "no model");
    for run in [
        explain(&workspace, &["--model", "model.bin", "a.html"]),
        workspace.extract(&["--model", "model.bin", "a.html"]),
    ] {
        let run = run.expect(1);
        assert!(
            run.stderr.contains("model.bin: the file is not a model: it does not begin with RTM3"),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn options_that_exclude_each_other_are_usage_errors() {
    let workspace = Workspace::new();
    workspace.put("a.html", page("A", "First.")).put("b.html", page("B", "Second."));
    for args in [vec!["--features", "a.html"], vec!["--html", "blocks.html", "a.html", "b.html"]] {
        let run = explain(&workspace, &args).expect(2);
        assert!(run.stderr.contains("Usage: riptide explain"), "{}", run.stderr);
    }
}

#[test]
fn what_is_no_html_is_refused_by_its_name() {
    let workspace = Workspace::new();
    let feed = "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Notes</title></channel></rss>";
    workspace.put("a.pdf", "%PDF-1.7\n").put("b.xml", feed).put("c.json", "{\"a\": 1}");
    workspace.put("d.md", "# Notes\n").put("e.txt", "Some notes.\n").put("page.bin", "<p>Some notes.</p>");
    for (name, what) in [
        ("a.pdf", "a PDF document"),
        ("b.xml", "a feed"),
        ("c.json", "JSON"),
        ("d.md", "Markdown"),
        ("e.txt", "plain text"),
    ] {
        let run = explain(&workspace, &[name]).expect(1);
        let expected = format!("riptide: {name}: this is {what}; only HTML pages can be explained\n");
        assert_eq!((run.stderr, run.stdout), (expected, String::new()));
    }
    explain(&workspace, &["page.bin"]).expect(0);
}

#[test]
fn a_page_that_cannot_be_read_is_told_and_the_others_are_explained() {
    let workspace = Workspace::new();
    workspace.put("a.html", page("A", "First."));
    let run = explain(&workspace, &["--format", "jsonl", "missing.html", "a.html"]).expect(3);
    assert_eq!(run.lines()[0]["error"]["code"], "not-found");
    assert_eq!(run.lines()[1]["path"], "a.html");
}
