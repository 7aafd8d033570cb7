//! Arguments, and what the program tells about itself.

use super::*;

#[track_caller]
fn usage_error(args: &[&str], expected: &str) {
    let run = riptide(args).expect(2);
    assert_eq!(run.stdout, "");
    assert!(run.stderr.contains(expected), "{}", run.stderr);
}

#[test]
fn options_that_contradict_each_other_are_usage_errors() {
    usage_error(
        &["extract", "--mode", "full", "--select", "p", "x.html"],
        "--select and --exclude belong to",
    );
    usage_error(&["extract", "--mode", "custom", "x.html"], "--mode custom needs --select or --exclude");
    usage_error(&["extract", "--mode", "full", "--focus", "recall", "x.html"], "--focus belongs to");
    usage_error(
        &["extract", "--mode", "metadata", "--format", "text", "x.html"],
        "needs a format that shows metadata",
    );
    usage_error(&["extract", "--mode", "metadata", "--no-front-matter", "x.html"], "needs a format");
    usage_error(&["extract", "--native", "--timeout", "1s", "x.html"], "cannot be used with");
    usage_error(&["extract", "--native", "--memory", "1MiB", "x.html"], "cannot be used with");
    usage_error(&["extract", "--native", "--extractor", "e.wasm", "x.html"], "cannot be used with");
    usage_error(
        &["extract", "--url", "https://e.example/", "a.html", "b.html"],
        "--url is the address of one page",
    );
    usage_error(
        &["extract", "--url", "https://e.example/", "--manifest", "list.jsonl"],
        "cannot be used with",
    );
    usage_error(&["extract", "-", "--manifest", "-"], "can be read only once");
}

#[test]
fn values_out_of_range_say_what_is_expected() {
    usage_error(&["extract", "--url", "/page", "x.html"], "expected an absolute URL such as https://");
    usage_error(&["extract", "--select", "main[", "x.html"], "`main[` is not a CSS selector");
    usage_error(&["extract", "--exclude", "", "x.html"], "is not a CSS selector");
    usage_error(&["extract", "--timeout", "0s", "x.html"], "expected more than no time");
    usage_error(&["extract", "--timeout", "soon", "x.html"], "expected a duration such as 500ms");
    usage_error(&["extract", "--memory", "much", "x.html"], "expected a size such as 256MiB");
    usage_error(&["extract", "--max-input", "0", "x.html"], "expected at least one byte");
    usage_error(&["extract", "--jobs", "0", "x.html"], "--jobs");
    usage_error(&["extract", "--format", "pdf", "x.html"], "markdown");
    usage_error(&["extract", "--per-host", "0", "x.html"], "--per-host");
    for size in ["0x0", "0x800", "1280x0", "wide"] {
        usage_error(&["extract", "--viewport", size, "x.html"], "expected a width and a height such as");
    }
}

#[test]
fn help_shows_examples_defaults_and_exit_codes() {
    let help = riptide(&["extract", "--help"]).expect(0).stdout;
    for expected in
        ["Examples:", "--manifest list.jsonl", "[default: 3s]", "[default: 1GiB]", "[default: 32MiB]", "124"]
    {
        assert!(help.contains(expected), "{expected} is missing in {help}");
    }
}

#[test]
fn help_puts_options_under_what_they_are_about() {
    let help = riptide(&["extract", "--help"]).expect(0).stdout;
    let own = help.split("Pages from the web:").next().unwrap();
    assert!(["--stats", "--metrics", "--log"].iter().all(|option| own.contains(option)), "{own}");
    let help = riptide(&["explain", "--help"]).expect(0).stdout;
    let own = help.split("Pages from the web:").next().unwrap();
    assert!(["--html", "--model"].iter().all(|option| own.contains(option)), "{own}");
}

#[test]
fn what_riptide_calls_itself_for_is_not_offered() {
    assert!(!riptide(&["--help"]).expect(0).stdout.contains("compile-component"));
}

#[test]
fn the_version_names_wasmtime_the_engine_and_the_component() {
    let version = riptide(&["--version"]).expect(0).stdout;
    let lines: Vec<_> = version.lines().collect();
    assert_eq!(lines[0], concat!("riptide ", env!("CARGO_PKG_VERSION")));
    let digest = |line: &str, name: &str| line.strip_prefix(name).map(str::len);
    assert!(lines[1].starts_with("wasmtime "), "{version}");
    assert_eq!(digest(lines[2], "engine "), Some(64), "{version}");
    assert_eq!(digest(lines[3], "component "), Some(64), "{version}");
    assert_eq!(lines.len(), 4);
    assert_eq!(riptide(&["-V"]).expect(0).stdout.lines().count(), 1);
}

#[test]
fn every_shell_gets_completions_that_know_the_options() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = riptide(&["completions", shell]).expect(0).stdout;
        assert!(script.contains("riptide") && script.contains("manifest"), "{shell}: {script}");
    }
    riptide(&["completions", "csh"]).expect(2);
}

#[test]
fn there_is_a_manual_page_for_each_command() {
    let page = riptide(&["man"]).expect(0).stdout;
    assert!(page.contains(".TH riptide 1") && page.contains("extract"), "{page}");
    let page = riptide(&["man", "extract"]).expect(0).stdout;
    assert!(page.contains("manifest") && page.contains("Exit status"), "{page}");
    let page = riptide(&["man", "component-validate"]).expect(0).stdout;
    assert!(page.contains("known answer") && page.contains("Exit status"), "{page}");
    riptide(&["man", "nothing"]).expect(2);
}
