//! Rules for Rust source files.

use super::{File, Violation};

const LONGEST_FILE: usize = 700;

/// Where unsafe code may stand, each with a reason that the file gives.
const UNSAFE_FILES: [&str; 3] =
    ["crates/riptide-sandbox/src/cache.rs", "guests/extractor/src/", "guests/examples/rust/src/"];

/// Crates that must behave the same wherever and whenever they run.
const PURE_CRATES: [&str; 3] =
    ["crates/riptide-html/src/", "crates/riptide-extract/src/", "crates/riptide-pdf/src/"];

/// What those crates must not touch: I/O, clocks, threads, the environment, globals that change.
const IMPURE: [&str; 13] = [
    "std::fs",
    "std::net",
    "std::time",
    "std::thread",
    "std::env",
    "std::process",
    "std::io",
    "static mut",
    "thread_local!",
    "OnceLock",
    "LazyLock",
    "println!",
    "SystemTime",
];

/// Words that hide what a thing does, or tell of its past.
const EMPTY_WORDS: [&str; 12] = [
    "manager", "managers", "helper", "helpers", "util", "utils", "enhanced", "improved", "legacy", "v2",
    "old", "temp",
];

/// Keywords that a declared name follows.
const DECLARING: [&str; 8] = ["mod", "fn", "struct", "enum", "trait", "type", "const", "static"];

/// A file holds one idea.
pub(super) fn files_are_short(files: &[File]) -> Vec<Violation> {
    rust(files)
        .map(|file| (file, file.text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST_FILE)
        .map(|(file, lines)| {
            Violation::of(file, format!("{lines} lines; at most {LONGEST_FILE} are allowed, 600 wanted"))
        })
        .collect()
}

/// Unsafe code stands in the files that have a reason for it alone.
pub(super) fn unsafe_stays_in_its_files(files: &[File]) -> Vec<Violation> {
    rust(files)
        .filter(|file| !UNSAFE_FILES.iter().any(|allowed| file.path.starts_with(allowed)))
        .flat_map(|file| {
            lines_where(
                file,
                |code| words(code).any(|word| word == "unsafe"),
                "unsafe code in a file that is not on the list",
            )
        })
        .collect()
}

/// Declared names and file names say what a thing is.
pub(super) fn names_explain_themselves(files: &[File]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in rust(files) {
        let stem = file.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs");
        if let Some(word) = empty_word(stem) {
            violations.push(Violation::of(file, format!("`{word}` in a file's name says nothing about it")));
        }
        for (number, code) in code_lines(file) {
            if let Some((name, word)) = declared_name(&code).and_then(|name| Some((name, empty_word(name)?)))
            {
                violations.push(Violation::at(
                    file,
                    number,
                    format!("`{word}` in `{name}` says nothing about it"),
                ));
            }
        }
    }
    violations
}

/// What is not done belongs in an issue, not in the code.
pub(super) fn nothing_is_left_to_do(files: &[File]) -> Vec<Violation> {
    // Written in two halves, so that this file does not break its own rule.
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];
    files
        .iter()
        .filter(|file| !file.path.ends_with(".lock") && !is_fixture(file))
        .flat_map(|file| {
            let marked = |line: &str| words(line).any(|word| marks.contains(&word));
            file.text.lines().zip(1..).filter(move |(line, _)| marked(line)).map(move |(_, number)| {
                Violation::at(file, number, "a note of unfinished work; finish it or leave it out")
            })
        })
        .collect()
}

/// The engine does no I/O, reads no clock and holds no global state.
pub(super) fn engine_is_pure(files: &[File]) -> Vec<Violation> {
    rust(files)
        .filter(|file| PURE_CRATES.iter().any(|folder| file.path.starts_with(folder)))
        .flat_map(|file| {
            IMPURE.iter().flat_map(move |impure| {
                lines_where(
                    file,
                    |code| code.contains(impure),
                    &format!("`{impure}` in a crate that must be pure"),
                )
            })
        })
        .collect()
}

/// A destructor must not depend on a runtime or on a thread that can no longer start.
pub(super) fn drop_spawns_nothing(files: &[File]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in rust(files) {
        let mut depth_in_drop = None;
        for (number, code) in code_lines(file) {
            if code.trim_start().starts_with("impl") && words(&code).any(|word| word == "Drop") {
                depth_in_drop = Some(0);
            }
            let Some(depth) = &mut depth_in_drop else { continue };
            if words(&code).any(|word| word.starts_with("spawn")) {
                violations.push(Violation::at(
                    file,
                    number,
                    "a destructor that spawns; hand over to something that runs",
                ));
            }
            *depth += code.matches('{').count() as isize - code.matches('}').count() as isize;
            if *depth <= 0 && code.contains('}') {
                depth_in_drop = None;
            }
        }
    }
    violations
}

fn rust(files: &[File]) -> impl Iterator<Item = &File> {
    files.iter().filter(|file| file.path.ends_with(".rs"))
}

/// Pages and such, which stand for what others write.
fn is_fixture(file: &File) -> bool {
    file.path.starts_with("tests/site/") || file.path.contains("/fixtures/")
}

/// The lines of a file that hold code, with their numbers; comments and what stands in quotes are left out.
fn code_lines(file: &File) -> impl Iterator<Item = (usize, String)> {
    let code = file.text.lines().zip(1..).map(|(line, number)| {
        let unquoted = without_strings(line);
        (number, unquoted.split_once("//").map_or(unquoted.clone(), |(code, _)| code.to_owned()))
    });
    code.filter(|(_, code)| !code.trim().is_empty())
}

/// A line without its string literals. A literal that spans lines is taken for code: the rules are strict about it.
fn without_strings(line: &str) -> String {
    let mut code = String::new();
    let (mut in_string, mut escaped) = (false, false);
    for character in line.replace("'\"'", "' '").chars() {
        if character == '"' && !escaped {
            in_string = !in_string;
        } else if !in_string {
            code.push(character);
        }
        escaped = character == '\\' && !escaped;
    }
    code
}

fn lines_where(file: &File, breaks: impl Fn(&str) -> bool, message: &str) -> Vec<Violation> {
    code_lines(file)
        .filter(|(_, code)| breaks(code))
        .map(|(number, _)| Violation::at(file, number, message))
        .collect()
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|character: char| !character.is_alphanumeric() && character != '_')
        .filter(|word| !word.is_empty())
}

/// The name that a line declares, if it declares one.
fn declared_name(code: &str) -> Option<&str> {
    let mut words = words(code).skip_while(|word| matches!(*word, "pub" | "crate" | "super" | "async"));
    let keyword = words.next()?;
    words.next().filter(|_| DECLARING.contains(&keyword))
}

/// The first word of a name that says nothing, if there is one.
fn empty_word(name: &str) -> Option<String> {
    if name.starts_with("new_") {
        return Some("new".to_owned());
    }
    let mut spaced = String::new();
    for character in name.chars() {
        if character.is_uppercase() {
            spaced.push('_');
        }
        spaced.extend(character.to_lowercase());
    }
    spaced.split('_').find(|word| EMPTY_WORDS.contains(word)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::testing::lines;
    use super::*;

    #[test]
    fn long_files_are_refused() {
        assert_eq!(lines(files_are_short, "a.rs", &"x\n".repeat(LONGEST_FILE + 1)), [0]);
        assert!(lines(files_are_short, "a.rs", &"x\n".repeat(LONGEST_FILE)).is_empty());
        assert!(lines(files_are_short, "a.md", &"x\n".repeat(LONGEST_FILE + 1)).is_empty());
    }

    #[test]
    fn unsafe_code_is_refused_outside_its_files() {
        let text = "fn f() {}\nunsafe { g() }\n// unsafe\n#![forbid(unsafe_code)]\nf(\"unsafe\", '\"', \"\\\" unsafe\");\n";
        assert_eq!(lines(unsafe_stays_in_its_files, "crates/riptide/src/lib.rs", text), [2]);
        assert!(lines(unsafe_stays_in_its_files, UNSAFE_FILES[0], text).is_empty());
    }

    #[test]
    fn empty_names_are_refused() {
        let text = "struct PoolManager;\nfn new_pool() {}\nmod utils;\nlet helper = 1;\n// a helper\npub(crate) fn renew() {}\n";
        assert_eq!(lines(names_explain_themselves, "a.rs", text), [1, 2, 3]);
        assert_eq!(lines(names_explain_themselves, "src/pool_v2.rs", ""), [0]);
        assert!(lines(names_explain_themselves, "src/pool.rs", "").is_empty());
    }

    #[test]
    fn notes_of_unfinished_work_are_refused() {
        let text = format!("fine\n// {}: later\nTODOS\n", concat!("TO", "DO"));
        assert_eq!(lines(nothing_is_left_to_do, "README.md", &text), [2]);
        assert!(lines(nothing_is_left_to_do, "tests/site/pages/a.html", &text).is_empty());
    }

    #[test]
    fn the_engine_must_not_touch_the_world() {
        let text = "use std::fs::File;\nuse std::borrow::Cow;\nstatic mut A: u8 = 0;\n// std::time\n";
        assert_eq!(lines(engine_is_pure, "crates/riptide-html/src/dom.rs", text), [1, 3]);
        assert!(lines(engine_is_pure, "crates/riptide-cli/src/main.rs", text).is_empty());
    }

    #[test]
    fn a_spawn_in_drop_is_refused() {
        let text = "impl Drop for A {\n    fn drop(&mut self) {\n        tokio::spawn(x);\n    }\n}\nfn f() { spawn(y); }\n";
        assert_eq!(lines(drop_spawns_nothing, "a.rs", text), [3]);
        assert_eq!(
            lines(
                drop_spawns_nothing,
                "a.rs",
                "impl<T> Drop for A<T> {\n  fn drop(&mut self) { thread::Builder::new().spawn_scoped() }\n}\n"
            ),
            [2]
        );
        assert!(lines(drop_spawns_nothing, "a.rs", "impl Clone for A {\n  spawn();\n}\n").is_empty());
    }
}
