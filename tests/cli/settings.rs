//! Settings: of the configuration file and of variables, and what the command line makes of them.

use super::*;

/// `riptide ARGS` in the workspace, with a configuration file of this text.
fn with_file(workspace: &Workspace, file: &str, args: &[&str]) -> Run {
    workspace.put("riptide.toml", file).put("page.html", page("Harbour", "The file is read."));
    let mut command = program();
    command.current_dir(workspace.path(".")).env("RIPTIDE_CONFIG", "riptide.toml");
    finish(command.env_remove("RIPTIDE_CACHE_DIR").args(args), b"")
}

#[test]
fn what_contradicts_the_command_line_gives_way_to_it() {
    let workspace = Workspace::new();
    let file = "[extract]\nfocus = \"recall\"\nextractor = \"absent.wasm\"\n";
    with_file(&workspace, file, &["extract", "--native", "--mode", "full", "page.html"]).expect(0);
    let full = "[extract]\nmode = \"full\"\nno-front-matter = true\n";
    let run = with_file(&workspace, full, &["extract", "--native", "--select", "h1", "page.html"]).expect(0);
    assert_eq!(run.stdout, "# Harbour\n");
    let args = ["extract", "--native", "--focus", "recall", "page.html"];
    assert!(!with_file(&workspace, full, &args).expect(0).stdout.contains("Home"));
    let args = ["extract", "--native", "page.html"];
    assert!(with_file(&workspace, full, &args).expect(0).stdout.contains("Home"));
}

#[test]
fn settings_that_contradict_each_other_are_a_usage_error() {
    let file = "[extract]\nmode = \"full\"\nfocus = \"recall\"\n";
    let run = with_file(&Workspace::new(), file, &["extract", "--native", "page.html"]).expect(2);
    assert!(run.stderr.contains("--focus belongs to --mode article"), "{}", run.stderr);
}

#[test]
fn an_option_of_the_same_name_that_means_something_else_is_not_set() {
    let file = "[extract]\nformat = \"json\"\n";
    let run = with_file(&Workspace::new(), file, &["explain", "page.html"]).expect(0);
    assert!(run.stdout.starts_with("page.html: "), "{}", run.stdout);
}

#[test]
fn a_value_that_is_none_is_told_with_its_place_by_every_command() {
    let workspace = Workspace::new();
    for args in [
        &["extract", "--native", "page.html"] as &[&str],
        &["explain", "page.html"],
        &["fetch", "http://127.0.0.1:9/"],
        &["screenshot", "--output", "a.png", "http://127.0.0.1:9/"],
        &["cache", "stats"],
        &["config", "show"],
        &["doctor"],
    ] {
        for (file, expected) in [
            ("[fetch]\nretries = \"many\"\n", "riptide: riptide.toml:2: invalid value 'many' for '--retries"),
            ("[extract]\nformat = \"csv\"\n", "riptide: riptide.toml:2: invalid value 'csv' for '--format"),
        ] {
            let run = with_file(&workspace, file, args).expect(1);
            assert!(run.stderr.starts_with(expected), "{args:?}: {}", run.stderr);
        }
    }
}

#[test]
fn config_show_reads_the_extractors_too() {
    let file = "[[extractors]]\nmatch = [\"*.example.org\"]\ncomponent = \"a.wasm\"\non-fail = \"refuse\"\n";
    let run = with_file(&Workspace::new(), file, &["config", "show"]).expect(1);
    assert!(run.stderr.starts_with("riptide: riptide.toml:4: unknown field `on-fail`"), "{}", run.stderr);
}

#[test]
fn variables_are_settings_like_those_of_the_file() {
    let workspace = Workspace::new();
    workspace.put("page.html", page("Harbour", "The file is read."));
    let run = |variable: &str, value: &str, args: &[&str]| {
        finish(workspace.command(&[args, &["page.html"]].concat()).env(variable, value), b"")
    };
    assert_eq!(run("RIPTIDE_FORMAT", "jsonl", &[]).expect(0).json()["title"], "Harbour");
    // Without a sandbox there is nothing for it to limit.
    run("RIPTIDE_TIMEOUT", "1s", &[]).expect(0);
    run("RIPTIDE_FOCUS", "recall", &["--mode", "full"]).expect(0);
    run("RIPTIDE_MEMORY", "", &[]).expect(0);
    let wrong = run("RIPTIDE_JOBS", "none", &[]).expect(1);
    let expected = "riptide: the variable RIPTIDE_JOBS: invalid value 'none' for '--jobs <N>'";
    assert!(wrong.stderr.starts_with(expected), "{}", wrong.stderr);
}

#[test]
fn help_tells_that_there_are_variables() {
    for command in ["extract", "fetch", "explain", "screenshot", "doctor"] {
        let help = riptide(&[command, "--help"]).expect(0).stdout;
        assert_eq!(help.matches("RIPTIDE_CONTACT").count(), 1, "{help}");
    }
}

#[test]
fn the_cache_that_is_shown_and_cleared_is_the_one_of_the_file_and_none_is_made() {
    let workspace = Workspace::new();
    let file = "[cache]\ncache-dir = \"kept\"\npage-cache-size = \"7MiB\"\n";
    let stats = with_file(&workspace, file, &["cache", "stats", "--json"]).expect(0).json();
    assert_eq!(stats["path"], "kept/pages.sqlite");
    assert_eq!((stats["entries"].as_u64(), stats["capacity"].as_u64()), (Some(0), Some(7 << 20)));
    let cleared = with_file(&workspace, file, &["cache", "clear"]).expect(0).stdout;
    assert_eq!(cleared, "kept/pages.sqlite: 0 pages removed\n");
    assert!(!workspace.path("kept").exists());
    let named = with_file(&workspace, "", &["cache", "stats", "--config", "other.toml"]).expect(1);
    assert!(named.stderr.contains("other.toml cannot be read"), "{}", named.stderr);
}
