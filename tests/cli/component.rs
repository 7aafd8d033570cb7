//! `riptide component`: extractors of one's own, and those that somebody else made.

use super::*;

/// The files below a folder, with their paths in it.
fn files(folder: &Path) -> Vec<String> {
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().map(Result::unwrap);
    let files = files.filter(|entry| entry.file_type().is_file());
    files.map(|file| file.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned()).collect()
}

fn create(workspace: &Workspace, args: &[&str]) -> Run {
    let mut command = program();
    finish(command.current_dir(workspace.0.path()).args(["component", "new"]).args(args), b"")
}

#[test]
fn a_starting_point_is_written_in_each_language() {
    for (language, expected) in [
        ("rust", &[".gitignore", "Cargo.toml", "README.md", "build.sh", "src/lib.rs"][..]),
        (
            "js",
            &[
                ".gitignore",
                "README.md",
                "build.mjs",
                "build.sh",
                "extractor.js",
                "package-lock.json",
                "package.json",
            ],
        ),
        ("python", &[".gitignore", "README.md", "build.sh", "extractor.py", "requirements.txt"]),
    ] {
        let workspace = Workspace::new();
        let run = create(&workspace, &["--lang", language, "some/where"]).expect(0);
        assert_eq!(files(&workspace.path("some/where")), [expected, &["wit/extractor.wit"]].concat());
        assert!(run.stdout.contains("build it: some/where/build.sh"), "{}", run.stdout);
        let contract = include_str!("../../wit/extractor.wit");
        assert_eq!(workspace.read("some/where/wit/extractor.wit"), contract);
        for file in expected {
            let text = workspace.read(&format!("some/where/{file}"));
            assert!(!text.contains("../"), "{language}: {file} points out of the project");
        }
    }
}

#[cfg(unix)]
#[test]
fn the_build_script_can_be_run() {
    use std::os::unix::fs::PermissionsExt;
    let workspace = Workspace::new();
    create(&workspace, &["--lang", "python"]).expect(0);
    let mode = |name| fs::metadata(workspace.path(name)).unwrap().permissions().mode();
    assert_eq!(mode("build.sh") & 0o100, 0o100);
    assert_eq!(mode("extractor.py") & 0o100, 0);
}

#[test]
fn nothing_is_replaced_and_nothing_is_written_beside_what_is_there() {
    let workspace = Workspace::new();
    workspace.put("requirements.txt", "mine");
    let run = create(&workspace, &["--lang", "python", "."]).expect(1);
    assert_eq!(
        run.stderr,
        "riptide: ./requirements.txt: this file is there already; expected a folder without it\n"
    );
    assert_eq!(workspace.read("requirements.txt"), "mine");
    assert_eq!(workspace.list("."), ["requirements.txt"]);
}

#[test]
fn a_language_without_a_starting_point_is_a_usage_error() {
    let workspace = Workspace::new();
    let run = create(&workspace, &["--lang", "cobol"]).expect(2);
    assert!(run.stderr.contains("'cobol'") && run.stderr.contains("rust, js, python"), "{}", run.stderr);
    create(&workspace, &[]).expect(2);
    assert_eq!(workspace.list("."), [""; 0]);
}

fn built_in() -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guests/extractor.wasm")).unwrap()
}

/// A sound component that is no extractor: it exports nothing and imports a function.
const STRANGER: &[u8] = b"\0asm\x0d\0\x01\0\
    \x07\x05\x01\x40\0\x01\0\
    \x0a\x0a\x01\0\x05clock\x01\0";

/// `riptide component validate ARGS` in the folder.
fn validate(workspace: &Workspace, args: &[&str]) -> Run {
    finish(program().current_dir(workspace.0.path()).args(["component", "validate"]).args(args), b"")
}

#[test]
fn a_component_that_fits_is_tried_and_says_what_it_is() {
    let workspace = Workspace::new();
    workspace.put("good.wasm", built_in());
    let run = validate(&workspace, &["good.wasm"]).expect(0);
    assert_eq!(run.stderr, "");
    assert!(run.stdout.starts_with("sha256     "), "{}", run.stdout);
    assert!(run.stdout.contains("\nok    extraction.extract "), "{}", run.stdout);
    let works = concat!("\nfits the contract\nworks: riptide ", env!("CARGO_PKG_VERSION"), ", ");
    assert!(run.stdout.contains(works), "{}", run.stdout);

    let json = validate(&workspace, &["--json", "good.wasm"]).expect(0).json();
    assert_eq!(json["path"], "good.wasm");
    assert_eq!(json["valid"], true);
    assert_eq!(json["component"]["name"], "riptide");
    assert_eq!(json["error"], Value::Null);
    assert_eq!(json["functions"].as_array().unwrap().len(), 3);
}

#[test]
fn a_component_that_does_not_fit_has_its_faults_listed() {
    let workspace = Workspace::new();
    workspace.put("stranger.wasm", STRANGER);
    let run = validate(&workspace, &["stranger.wasm"]).expect(1);
    assert_eq!(run.stderr, "");
    assert!(run.stdout.contains("\nimports refused\n  clock\n"), "{}", run.stdout);
    assert!(run.stdout.ends_with("\ndoes not fit the contract\n"), "{}", run.stdout);

    let json = validate(&workspace, &["--json", "stranger.wasm"]).expect(1).json();
    assert_eq!(json["valid"], false);
    assert_eq!(json["refused_imports"]["listed"][0], "clock");
    assert_eq!(json["differences"]["listed"][0]["found"], "no exports");
    assert_eq!(json["error"], Value::Null);
}

#[test]
fn what_is_no_component_is_told_as_an_error() {
    let workspace = Workspace::new();
    workspace.put("page.wasm", "<!doctype html>").put("half.wasm", &built_in()[..5000]);
    for (file, code, message) in [
        ("page.wasm", "not-a-component", "the extractor is not a WebAssembly component, but something else"),
        ("half.wasm", "malformed-component", "the extractor is malformed: "),
        ("absent.wasm", "not-found", "there is no such file"),
        (".", "is-a-folder", "this is a folder"),
    ] {
        let run = validate(&workspace, &[file]).expect(1);
        assert_eq!(run.stdout, "");
        assert!(run.stderr.starts_with(&format!("riptide: {file}: {message}")), "{}", run.stderr);

        let json = validate(&workspace, &["--json", file]).expect(1).json();
        assert_eq!(json["valid"], false);
        assert_eq!(json["error"]["code"], code);
        assert!(json["error"]["message"].as_str().unwrap().starts_with(message), "{json}");
    }
}

#[test]
fn an_extractor_that_does_not_fit_is_refused_with_its_faults() {
    let workspace = Workspace::new();
    workspace.put("stranger.wasm", STRANGER).put("page.html", page("Page", "Text."));
    let run = workspace.extract_sandboxed(&["--extractor", "stranger.wasm", "page.html"]).expect(1);
    let message =
        "riptide: stranger.wasm: the extractor does not fit the contract: it imports `clock` and may import";
    assert!(run.stderr.starts_with(message), "{}", run.stderr);
    let run = workspace.extract_sandboxed(&["--extractor", "absent.wasm", "page.html"]).expect(1);
    assert_eq!(run.stderr, "riptide: absent.wasm: there is no such file or folder\n");
}

#[test]
fn a_stranger_is_compiled_by_a_process_of_its_own() {
    // The same component with a section that says nothing, so that it is not the built-in one.
    let workspace = Workspace::new();
    let other = [&built_in()[..], b"\0\x02\x01x"].concat();
    workspace.put("other.wasm", &other).put("page.html", page("Page", "Text."));
    let args = ["--cache-dir", "cache", "--extractor", "other.wasm", "--format", "json", "page.html"];
    let own = workspace.extract_sandboxed(&args).expect(0).json();
    assert_eq!(own, workspace.extract_sandboxed(&["--format", "json", "page.html"]).expect(0).json());
    let artefacts = workspace.list("cache").into_iter().filter(|name| name.ends_with(".cwasm"));
    assert_eq!(artefacts.count(), 1);

    let code = finish(program().args(["compile-component", "baseline"]), b"nonsense").expect(1);
    assert_eq!(code.stdout, "");
    assert!(code.stderr.starts_with("riptide: the extractor does not compile: "), "{}", code.stderr);
}
