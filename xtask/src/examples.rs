//! Builds the example extractors and what `riptide component new` writes, validates each and runs it on a page.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use serde::Deserialize;
use tempfile::TempDir;

use crate::command;

/// The page that each must extract.
const PAGE: &str = "tests/site/pages/article.html";
const URL: &str = "https://courier.example.org/2026/03/lighthouse-that-learned-to-whisper";
const TITLE: &str = "The lighthouse that learned to whisper";
const SENTENCES: [&str; 2] =
    ["A lamp is of little use in fog.", "Until then the brass trumpet stands in the yard under a tarpaulin"];
const CLUTTER: &str = "We and our 214 partners store cookies";

/// The examples, what `riptide component new` calls their languages, and the programs that building them takes.
const EXAMPLES: [(&str, &str, &[&str]); 3] = [
    ("rust", "rust", &["rustc"]),
    ("javascript", "js", &["node", "npm"]),
    ("python", "python", &["python3"]),
];

#[derive(Args)]
pub(crate) struct Arguments {
    /// Only these
    #[arg(value_parser = ["rust", "javascript", "python"])]
    languages: Vec<String>,
}

/// The part of a document that is looked at.
#[derive(Deserialize)]
struct Document {
    title: Option<String>,
    text: String,
    warnings: Vec<String>,
}

/// Goes through the languages. One whose programs are missing is skipped, which is a failure where nobody would read it.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let root = command::root()?;
    let riptide = command::build_riptide("dev")?;
    let wanted =
        |name: &str| arguments.languages.is_empty() || arguments.languages.iter().any(|it| it == name);
    let mut skipped = Vec::new();
    for (name, language, programs) in EXAMPLES.into_iter().filter(|(name, ..)| wanted(name)) {
        if let Some(program) = programs.iter().find(|program| !starts(program)) {
            println!("{name}: skipped, since `{program}` does not start; install it to build this example");
            skipped.push(name);
            continue;
        }
        try_extractor(&root, &riptide, &root.join("guests/examples").join(name), name)?;
        let folder = TempDir::new()?;
        command::run(
            Command::new(&riptide)
                .args(["component", "new", "--lang", language])
                .arg(folder.path())
                .stdout(Stdio::null()),
        )?;
        try_extractor(&root, &riptide, folder.path(), &format!("{name}, as `component new` writes it"))?;
    }
    if !skipped.is_empty() && env::var_os("CI").is_some_and(|value| value == "true") {
        bail!("skipped: {}; with CI=true that is a failure", skipped.join(", "));
    }
    Ok(())
}

fn starts(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Builds what is in the folder, compares it with the contract and tries it, and extracts the page with it, twice.
fn try_extractor(root: &Path, riptide: &Path, folder: &Path, name: &str) -> Result<()> {
    let started = Instant::now();
    // A target folder that is set for this build is not meant for theirs.
    command::run(Command::new("bash").arg(folder.join("build.sh")).env_remove("CARGO_TARGET_DIR"))?;
    let built = started.elapsed();
    let component = folder.join("target/extractor.wasm");
    let size = fs::metadata(&component).with_context(|| component.display().to_string())?.len();
    let cache = TempDir::new()?;
    let mut validate = Command::new(riptide);
    validate.args(["component", "validate"]).arg(&component).stdout(Stdio::null());
    command::run(validate.arg("--cache-dir").arg(cache.path()))?;
    let mut times = Vec::new();
    for _ in 0..2 {
        let started = Instant::now();
        let document = extract(root, riptide, &component, cache.path())?;
        times.push(started.elapsed());
        check(&document).with_context(|| name.to_owned())?;
    }
    println!("{name}: {size} bytes, built in {built:.1?}; first and second page in {times:.2?}");
    Ok(())
}

fn extract(root: &Path, riptide: &Path, component: &Path, cache: &Path) -> Result<Document> {
    let mut command = Command::new(riptide);
    command.args(["extract", "--format", "json", "--url", URL, "--extractor"]).arg(component);
    command.arg("--cache-dir").arg(cache).arg(root.join(PAGE));
    let output = command.stderr(Stdio::inherit()).output().context("riptide does not start")?;
    ensure!(output.status.success(), "riptide: {}", output.status);
    serde_json::from_slice(&output.stdout).context("riptide's output is no document")
}

fn check(document: &Document) -> Result<()> {
    ensure!(document.title.as_deref() == Some(TITLE), "the title is {:?}", document.title);
    for sentence in SENTENCES {
        ensure!(document.text.contains(sentence), "`{sentence}` is missing in {}", document.text);
    }
    ensure!(!document.text.contains(CLUTTER), "`{CLUTTER}` is in {}", document.text);
    ensure!(document.warnings.is_empty(), "there are warnings: {:?}", document.warnings);
    Ok(())
}
