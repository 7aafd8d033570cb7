//! A configuration file that chooses extractors by address.

use super::*;

const CONFIG: &str = "[[extractors]]\nmatch = [\"*.quay.example\"]\ncomponent = \"own.wasm\"\n";

fn workspace() -> Workspace {
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guests/extractor.wasm");
    let workspace = Workspace::new();
    workspace.put("page.html", page("Quay", "Text.")).put("conf/own.wasm", fs::read(built_in).unwrap());
    workspace.put("conf/riptide.toml", CONFIG);
    workspace
}

#[test]
fn components_stand_beside_the_configuration_file() {
    let workspace = workspace();
    let args = ["--config", "conf/riptide.toml", "--url", "https://quay.example/", "page.html"];
    let run = workspace.extract_sandboxed(&args).expect(0);
    assert!(run.stdout.contains("Text. Somebody"), "{}", run.stdout);
    assert_eq!(run.stderr, "");
}

#[test]
fn a_mistake_is_told_with_file_and_line_before_any_page_is_read() {
    let workspace = workspace();
    workspace.put("conf/riptide.toml", format!("{CONFIG}on-failure = \"ignore\"\n"));
    let run = workspace.extract_sandboxed(&["--config", "conf/riptide.toml", "page.html"]).expect(1);
    assert_eq!(run.stdout, "");
    assert_eq!(
        run.stderr,
        "riptide: conf/riptide.toml:4: unknown variant `ignore`, expected `refuse` or `fall-back` in \
         `on-failure = \"ignore\"`\n"
    );
    workspace.put("conf/riptide.toml", CONFIG.replace("own", "other"));
    let run = workspace.extract_sandboxed(&["--config", "conf/riptide.toml", "page.html"]).expect(1);
    assert!(run.stderr.starts_with("riptide: conf/other.wasm: cannot be read: "), "{}", run.stderr);
}

#[test]
fn the_environment_names_the_file_unless_the_command_line_does() {
    let workspace = workspace();
    workspace.put("wrong.toml", "wrong");
    let run = |args: &[&str]| {
        let mut command = program();
        command.current_dir(workspace.0.path()).env("RIPTIDE_CONFIG", "wrong.toml").arg("extract").args(args);
        finish(&mut command, b"")
    };
    assert!(run(&["page.html"]).expect(1).stderr.starts_with("riptide: wrong.toml:1: "));
    run(&["--config", "conf/riptide.toml", "page.html"]).expect(0);
    // Without a sandbox there is no extractor to choose.
    let run = run(&["--native", "--config", "conf/riptide.toml", "page.html"]).expect(2);
    assert!(run.stderr.contains("the configuration file names others"), "{}", run.stderr);
}
