//! Pages from the web, and what is told about them.

use riptide_test_site::{ARTICLE_PHRASE, RobotsFile, Site};
use serde_json::Value;

use crate::{Run, Workspace, finish, program, riptide};

/// `riptide COMMAND ARGS` with the site allowed, and with caches of its own.
fn on(site: &Site, workspace: &Workspace, command: &str, args: &[&str]) -> Run {
    let allow = site.address().to_string();
    let mut program = program();
    program.current_dir(workspace.path(".")).env("RIPTIDE_CACHE_DIR", workspace.path("cache"));
    finish(program.arg(command).args(["--allow", &allow]).args(args), b"")
}

#[test]
fn urls_mix_with_files_in_the_order_of_the_command_line() {
    let (site, workspace) = (Site::start().unwrap(), Workspace::new());
    workspace.put("page.html", crate::page("Harbour", "The file is read."));
    let url = site.url("/article");
    let run = on(&site, &workspace, "extract", &["--native", "--format", "jsonl", &url, "page.html", &url])
        .expect(0);
    let lines = run.lines();
    let texts: Vec<_> = lines.iter().map(|line| line["text"].as_str().unwrap()).collect();
    assert!(texts[0].contains(ARTICLE_PHRASE) && texts[2].contains(ARTICLE_PHRASE), "{texts:?}");
    assert!(texts[1].contains("The file is read."));
    assert_eq!(lines[0]["url"], url.as_str());
}

#[test]
fn a_list_names_pages_to_fetch_and_results_stand_in_folders_by_host() {
    let (site, workspace) = (Site::start().unwrap(), Workspace::new());
    workspace.put(
        "list.jsonl",
        format!("{{\"url\":\"{}\"}}\n{{\"url\":\"{}\"}}\n", site.url("/bulk/1"), site.url("/bulk/2?x=y")),
    );
    on(&site, &workspace, "extract", &["--native", "--manifest", "list.jsonl", "--output", "out/"]).expect(0);
    assert_eq!(workspace.list("out/127.0.0.1/bulk"), ["1.md", "2_x=y.md"]);
}

#[test]
fn what_rules_forbid_is_told_by_the_exit_code() {
    let workspace = Workspace::new();
    let site =
        Site::builder().robots(RobotsFile::Text("User-agent: *\nDisallow: /\n".to_owned())).start().unwrap();
    let run = on(&site, &workspace, "extract", &["--native", &site.url("/article")]).expect(4);
    assert!(run.stderr.contains("robots.txt does not allow"), "{}", run.stderr);
    assert_eq!(site.hits("/article"), 0);
    on(&site, &workspace, "extract", &["--native", "--ignore-robots", &site.url("/article")]).expect(0);

    let run = riptide(&["extract", "--native", &site.url("/article")]).expect(4);
    assert!(run.stderr.contains("not on the public internet"), "{}", run.stderr);
    riptide(&["fetch", "http://169.254.169.254/latest/meta-data/"]).expect(4);
}

#[test]
fn a_page_that_is_not_there_is_a_failure_and_fetch_shows_it_all_the_same() {
    let (site, workspace) = (Site::start().unwrap(), Workspace::new());
    let url = site.url("/status/404");
    let run = on(&site, &workspace, "extract", &["--native", "--format", "jsonl", &url]).expect(1);
    assert_eq!(run.lines()[0]["error"]["code"], "http-status");
    let run = on(&site, &workspace, "fetch", &["--json", &url]).expect(0);
    assert_eq!(run.json()["status"], 404);
}

#[test]
fn fetch_tells_redirects_fields_and_what_the_cache_did() {
    let (site, workspace) = (Site::start().unwrap(), Workspace::new());
    let run = on(&site, &workspace, "fetch", &["--json", &site.url("/redirect/302")]).expect(0);
    let record = run.json();
    assert_eq!(record["redirects"][0]["status"], 302);
    assert!(record["headers"].as_array().unwrap().iter().any(|field| field[0] == "content-type"));

    let url = site.url("/cache/max-age");
    let state = |args: &[&str]| {
        on(&site, &workspace, "fetch", &[&["--json", &url], args].concat()).expect(0).json()["cache"].clone()
    };
    let starts = |state: &Value, text: &str| state.as_str().unwrap().starts_with(text);
    assert_eq!(state(&[]), "miss, stored");
    assert!(starts(&state(&[]), "hit"));
    assert_eq!(state(&["--no-page-cache"]), "not used");
    assert_eq!(site.hits("/cache/max-age"), 2);

    let cache = workspace.path("cache");
    let stats =
        riptide(&["cache", "stats", "--json", "--cache-dir", cache.to_str().unwrap()]).expect(0).json();
    assert!(stats["entries"].as_u64().unwrap() >= 1 && stats["bytes"].as_u64().unwrap() > 0, "{stats}");
    riptide(&["cache", "clear", "--cache-dir", cache.to_str().unwrap()]).expect(0);
    let stats =
        riptide(&["cache", "stats", "--json", "--cache-dir", cache.to_str().unwrap()]).expect(0).json();
    assert_eq!(stats["entries"], 0);
}

#[test]
fn fetch_writes_the_page_as_it_came() {
    let (site, workspace) = (Site::start().unwrap(), Workspace::new());
    let run = on(&site, &workspace, "fetch", &["--output", "-", &site.url("/article")]).expect(0);
    assert!(run.stdout.contains("<html") && run.stderr.contains("200 http://"), "{}", run.stderr);
    on(&site, &workspace, "fetch", &["--output", "page.html", &site.url("/article")]).expect(0);
    assert!(workspace.read("page.html").contains(ARTICLE_PHRASE));
    let told = on(&site, &workspace, "fetch", &[&site.url("/feed/rss")]).expect(0).stdout;
    assert!(told.contains(" on the wire, feed\n"), "{told}");
}

#[test]
fn settings_come_from_the_command_line_the_environment_and_the_file_in_this_order() {
    let workspace = Workspace::new();
    workspace.put("riptide.toml", "[fetch]\nretries = 7\ndelay = \"2s\"\nallow = [\"127.0.0.1:1\", \"[::1]:2\"]\n\n[extract]\nformat = \"json\"\n");
    let config = workspace.path("riptide.toml");
    let config = config.to_str().unwrap();
    let shown = |variables: &[(&str, &str)]| {
        let mut program = program();
        program.envs(variables.iter().copied());
        finish(program.args(["config", "show", "--config", config]), b"").expect(0).stdout
    };
    let text = shown(&[("RIPTIDE_RETRIES", "9")]);
    assert!(text.contains("retries = 9  # the variable RIPTIDE_RETRIES\n"), "{text}");
    assert!(text.contains(&format!("delay = \"2s\"  # {config}:3\n")), "{text}");
    assert!(text.contains(&format!("allow = [\"127.0.0.1:1\", \"[::1]:2\"]  # {config}:4\n")), "{text}");
    assert!(text.contains("per-host = 4  # default\n"), "{text}");
    assert!(text.contains("# contact is not set\n"), "{text}");
    let text = shown(&[("RIPTIDE_PROXY", "http://user:secret@proxy.example:3128")]);
    assert!(!text.contains("secret"), "{text}");

    workspace.put("page.html", crate::page("Harbour", "The file is read."));
    let run = workspace.extract(&["--config", "riptide.toml", "page.html"]).expect(0);
    assert!(run.json()["text"].as_str().unwrap().contains("The file is read."));
    let run = workspace.extract(&["--config", "riptide.toml", "--format", "text", "page.html"]).expect(0);
    assert!(run.stdout.starts_with("Harbour") || run.stdout.starts_with("The file"), "{}", run.stdout);
}

#[test]
fn secrets_are_not_repeated_where_they_are_wrong() {
    let refused = |option: &str, value: &str, reason: &str| {
        let run = finish(program().args(["fetch", option, value, "https://example.org/"]), b"").expect(2);
        assert!(run.stderr.contains(&format!("invalid value for '{option} <")), "{}", run.stderr);
        assert!(run.stderr.contains(reason) && !run.stderr.contains("secret7"), "{}", run.stderr);
    };
    refused("--user", "secret7", "expected a name and a password");
    refused("--header", "secret7", "expected a name and a value");
    refused("--proxy", "ftp://anna:secret7@example.org", "its scheme is `ftp`");
    let run = finish(program().env("RIPTIDE_USER", "secret7").args(["config", "show"]), b"").expect(1);
    assert!(
        run.stderr.contains("the variable RIPTIDE_USER: ") && !run.stderr.contains("secret7"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_setting_that_is_not_known_is_told_with_its_line_and_the_nearest_that_is() {
    let workspace = Workspace::new();
    workspace.put("riptide.toml", "[fetch]\nretrys = 7\n").put("page.html", crate::page("Harbour", "Read."));
    let run = workspace.extract(&["--config", "riptide.toml", "page.html"]).expect(1);
    assert_eq!(
        run.stderr,
        "riptide: riptide.toml:2: `retrys` in [fetch] is unknown; did you mean `retries`?\n"
    );
}

#[test]
fn the_doctor_tells_what_is_missing_and_how_to_mend_it() {
    let workspace = Workspace::new();
    let cache = workspace.path("cache");
    let args = ["doctor", "--json", "--browser", "/nowhere/chromium", "--cache-dir", cache.to_str().unwrap()];
    let findings = riptide(&args).expect(0).json();
    let of = |subject: &str| {
        findings.as_array().unwrap().iter().find(|finding| finding["subject"] == subject).unwrap().clone()
    };
    assert_eq!(of("browser")["state"], "limited");
    assert!(of("browser")["advice"].as_str().unwrap().contains("apt-get install chromium"));
    assert_eq!(of("extractor")["state"], "good");
    assert_eq!(of("page cache")["state"], "good");
}

#[test]
fn screenshots_need_a_name_that_says_what_they_are() {
    let run = riptide(&["screenshot", "--output", "picture.bmp", "https://example.org/"]).expect(2);
    assert!(run.stderr.contains(".png, .jpg, .webp or .pdf"), "{}", run.stderr);
    assert!(run.stderr.contains("Usage: riptide screenshot"), "{}", run.stderr);
}

#[test]
fn an_error_names_the_option_that_would_help() {
    let rules = RobotsFile::Text("User-agent: *\nDisallow: /article\n".to_owned());
    let (site, workspace) = (Site::builder().robots(rules).start().unwrap(), Workspace::new());
    let see = |options: &[&str], url: &str, option: &str| {
        let url = if url.starts_with('/') { site.url(url) } else { url.to_owned() };
        let args = [&["--native", "--retries", "0", "--format", "jsonl", &url], options].concat();
        let run = on(&site, &workspace, "extract", &args);
        assert!(run.stderr.ends_with(&format!(" (see {option})\n")), "{}", run.stderr);
        assert!(!run.lines()[0]["error"]["message"].as_str().unwrap().contains("(see"), "{}", run.stdout);
        run.code
    };
    assert_eq!(see(&[], "http://127.0.0.1:9/", "--allow HOST:PORT"), 4);
    assert_eq!(see(&[], "http://example.org:9/", "--allow HOST:PORT"), 4);
    assert_eq!(see(&[], "http://anna:secret@example.org/", "--user NAME:PASSWORD"), 4);
    assert_eq!(see(&[], "/article", "--ignore-robots"), 4);
    assert_eq!(see(&["--max-input", "100"], "/bulk/1", "--max-input"), 1);
    assert_eq!(see(&["--ignore-robots", "--fetch-timeout", "1s"], "/slow/drip-body", "--fetch-timeout"), 124);

    let run = riptide(&["fetch", "http://anna:secret@example.org/"]).expect(4);
    assert!(run.stderr.ends_with(" (see --user NAME:PASSWORD)\n"), "{}", run.stderr);
    assert!(!run.stderr.contains("secret"), "{}", run.stderr);
}

#[test]
fn results_show_an_address_as_it_was_given_and_messages_without_its_secrets() {
    let (site, workspace) = (Site::start().unwrap(), Workspace::new());
    let url = site.url("/status/404?token=abc");
    let run = on(&site, &workspace, "extract", &["--native", "--format", "jsonl", &url]).expect(1);
    assert_eq!(run.lines()[0]["path"], url.as_str());
    assert!(run.stderr.contains("?token=REDACTED: ") && !run.stderr.contains("abc"), "{}", run.stderr);
    let run = on(&site, &workspace, "extract", &["--native", "--format", "jsonl", "http://[x?token=abc"]);
    assert!(run.stderr.contains("token=REDACTED") && !run.stderr.contains("abc"), "{}", run.stderr);
}
