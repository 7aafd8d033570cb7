//! The log, the metrics and the table.

use super::*;

/// A folder with two pages that work and one that is too large for `--max-input 8KiB`.
fn three_pages() -> Workspace {
    let workspace = Workspace::new();
    let large = format!("{}{}", page("C", "Third."), " ".repeat(9000));
    workspace.put("a.html", page("A", "First.")).put("b.html", page("B", "Second.")).put("c.html", large);
    workspace
}

const PAGES: [&str; 6] = ["--max-input", "8KiB", "a.html", "b.html", "c.html", "--no-front-matter"];

fn with_pages<'a>(args: &[&'a str]) -> Vec<&'a str> {
    [args, &PAGES].concat()
}

#[test]
fn the_log_holds_a_cloud_event_for_each_event() {
    let workspace = three_pages();
    workspace.extract(&with_pages(&["--log", "log.jsonl"])).expect(3);
    workspace.extract_sandboxed(&["--log", "log.jsonl", "a.html"]).expect(0);
    let log = workspace.read("log.jsonl");
    let events: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: std::collections::BTreeSet<_> = events.iter().map(|event| event["id"].to_string()).collect();
    assert_eq!(ids.len(), events.len(), "the second run adds to the log, under other numbers");
    for event in &events {
        assert_eq!((&event["specversion"], &event["source"]), (&"1.0".into(), &"/riptide/extract".into()));
        assert!(event["type"].as_str().unwrap().starts_with("dev.riptide."), "{event}");
    }
    let finished = events.iter().filter(|event| event["type"] == "dev.riptide.document.finished");
    let mut outcomes: Vec<_> = finished.map(|event| event["data"]["outcome"].as_str().unwrap()).collect();
    outcomes.sort_unstable();
    assert_eq!(outcomes, ["input-too-large", "ok", "ok", "ok"]);
    assert!(events.iter().any(|event| event["type"] == "dev.riptide.component.loaded"));
}

#[test]
fn the_log_goes_to_the_standard_error_when_asked() {
    let workspace = three_pages();
    let run = workspace.extract(&["--log", "-", "a.html"]).expect(0);
    let event: Value = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!(event["type"], "dev.riptide.document.finished");
}

#[test]
fn secrets_of_addresses_stay_out_of_log_metrics_and_messages() {
    let workspace = three_pages();
    let url = "https://ann:PLANTED@e.example/a?page=2&access_token=PLANTED#key=PLANTED";
    let args = ["--url", url, "--log", "log.jsonl", "--metrics", "metrics.txt", "--stats"];
    let works = workspace.extract_sandboxed(&[&args[..], &["a.html"]].concat()).expect(0);
    let fails = workspace.extract(&[&args[..], &["--max-input", "8KiB", "c.html"]].concat()).expect(1);
    let log = workspace.read("log.jsonl");
    let redacted = "https://REDACTED@e.example/a?page=2&access_token=REDACTED#key=REDACTED";
    assert_eq!(log.matches(&format!("\"url\":\"{redacted}\"")).count(), 2, "{log}");
    for text in [log, workspace.read("metrics.txt"), works.stderr, fails.stderr] {
        assert!(!text.contains("PLANTED"), "{text}");
    }
}

#[test]
fn the_metrics_count_every_page() {
    let workspace = three_pages();
    workspace.extract(&with_pages(&["--metrics", "metrics.txt"])).expect(3);
    let metrics = workspace.read("metrics.txt");
    for sample in [
        "riptide_documents_total{tenant=\"default\",outcome=\"ok\"} 2\n",
        "riptide_documents_total{tenant=\"default\",outcome=\"input-too-large\"} 1\n",
        "riptide_document_seconds_count 3\n",
    ] {
        assert!(metrics.contains(sample), "{sample} is missing in {metrics}");
    }
    assert!(metrics.ends_with("# EOF\n"));
}

#[test]
fn the_table_stands_at_the_end_even_without_a_terminal() {
    let workspace = three_pages();
    let run = workspace.extract(&with_pages(&["--stats"])).expect(3);
    let lines: Vec<_> = run.stderr.lines().collect();
    let row =
        |name: &str| lines.iter().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{lines:#?}"));
    assert_eq!(row("documents").split_whitespace().nth(1), Some("3"));
    assert_eq!(*row("failed"), "failed: 1 (input-too-large 1)");
    assert!(row("memory").ends_with("iB"));
    assert!(lines.iter().any(|line| line.starts_with("hot ")) && !run.stdout.contains("p99"));
}

#[test]
fn a_log_or_metrics_that_cannot_be_written_are_told() {
    let workspace = three_pages();
    let run = workspace.extract(&["--log", "no/log.jsonl", "a.html"]).expect(1);
    assert_eq!(run.stdout, "");
    assert!(run.stderr.contains("no/log.jsonl: the log cannot be opened"), "{}", run.stderr);
    let run = workspace.extract(&["--metrics", "a.html/metrics.txt", "a.html"]).expect(1);
    assert!(run.stdout.contains("First."), "the page is written all the same");
    assert!(run.stderr.contains("a.html/metrics.txt: the metrics cannot be written"), "{}", run.stderr);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_ends_the_log_and_not_the_work() {
    let run = three_pages().extract(&with_pages(&["--log", "/dev/full"])).expect(1);
    assert!(run.stdout.contains("First.") && run.stdout.contains("Second."), "{}", run.stdout);
    assert!(run.stderr.contains("/dev/full: the log cannot be written"), "{}", run.stderr);
}
