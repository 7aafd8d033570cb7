//! `riptide component`: extractors of one's own.

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
