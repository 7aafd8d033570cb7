//! `cargo xtask tidy`: the rules of the house that neither the compiler nor Clippy knows.
//!
//! A rule is a function from the project's files to what breaks it, so that each can be tried on made-up files.

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use walkdir::{DirEntry, WalkDir};

use crate::command;

mod documents;
mod manifests;
mod sources;

/// A text file of the project.
pub(crate) struct File {
    /// Relative to the project's root, with forward slashes.
    path: String,
    text: String,
}

/// A place that breaks a rule.
#[derive(Debug)]
pub(crate) struct Violation {
    path: String,
    /// Counted from 1; `None` when the file as a whole is meant.
    line: Option<usize>,
    message: String,
}

impl Violation {
    fn at(file: &File, line: usize, message: impl Into<String>) -> Self {
        Self { path: file.path.clone(), line: Some(line), message: message.into() }
    }

    fn of(file: &File, message: impl Into<String>) -> Self {
        Self { path: file.path.clone(), line: None, message: message.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(formatter, "{}:{line}: {}", self.path, self.message),
            None => write!(formatter, "{}: {}", self.path, self.message),
        }
    }
}

type Rule = fn(&[File]) -> Vec<Violation>;

const RULES: [Rule; 11] = [
    sources::files_are_short,
    sources::unsafe_stays_in_its_files,
    sources::names_explain_themselves,
    sources::nothing_is_left_to_do,
    sources::engine_is_pure,
    sources::drop_spawns_nothing,
    manifests::lints_are_shared,
    manifests::dependencies_point_down,
    manifests::anyhow_stays_in_binaries,
    documents::links_lead_somewhere,
    documents::guide_names_every_option,
];

/// Checks all rules and prints what breaks them.
pub(crate) fn run() -> Result<()> {
    let files = read_files(&command::root()?)?;
    let violations: Vec<_> = RULES.iter().flat_map(|rule| rule(&files)).collect();
    for violation in &violations {
        eprintln!("{violation}");
    }
    ensure!(violations.is_empty(), "{} places break the rules of the house", violations.len());
    eprintln!("{} files keep the rules of the house", files.len());
    Ok(())
}

/// The project's text files, without what is built and what Git keeps.
fn read_files(root: &Path) -> Result<Vec<File>> {
    let mut files = Vec::new();
    for entry in WalkDir::new(root).sort_by_file_name().into_iter().filter_entry(|entry| !is_foreign(entry)) {
        let entry = entry?;
        if !entry.file_type().is_file() {
            continue;
        }
        let bytes =
            fs::read(entry.path()).with_context(|| format!("{} cannot be read", entry.path().display()))?;
        if let Ok(text) = String::from_utf8(bytes) {
            let path = entry.path().strip_prefix(root)?.to_string_lossy().replace('\\', "/");
            files.push(File { path, text });
        }
    }
    Ok(files)
}

fn is_foreign(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    let is_hidden = name.starts_with('.') && !matches!(&*name, ".ci" | ".cargo" | ".gitignore");
    entry.depth() > 0
        && (is_hidden || entry.file_type().is_dir() && matches!(&*name, "target" | "node_modules"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_project_keeps_its_own_rules() {
        run().unwrap();
    }

    #[test]
    fn a_violation_names_its_place() {
        let file = testing::file("src/lib.rs", "");
        assert_eq!(Violation::at(&file, 3, "no").to_string(), "src/lib.rs:3: no");
        assert_eq!(Violation::of(&file, "no").to_string(), "src/lib.rs: no");
    }
}

#[cfg(test)]
mod testing {
    use super::{File, Rule};

    pub(super) fn file(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    /// The lines at which one made-up file breaks a rule; 0 stands for the file as a whole.
    pub(super) fn lines(rule: Rule, path: &str, text: &str) -> Vec<usize> {
        rule(&[file(path, text)]).iter().map(|violation| violation.line.unwrap_or(0)).collect()
    }
}
