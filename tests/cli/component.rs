//! `riptide component validate`, and extractors that somebody else made.

use super::*;

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
    assert_eq!(workspace.list("cache").len(), 1);

    let code = finish(program().arg("compile-component"), b"nonsense").expect(1);
    assert_eq!(code.stdout, "");
    assert!(code.stderr.starts_with("riptide: the extractor does not compile: "), "{}", code.stderr);
}
