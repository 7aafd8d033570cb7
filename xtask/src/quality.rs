//! `cargo xtask quality`: accuracy, and what the sandbox costs, on an annotated corpus.
//!
//! The real binary runs over all pages of the corpus; its output is compared with the annotations, and the means with the
//! floors of `quality.toml`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::command;
use crate::corpus::{self, CorpusPage};
use crate::word_f1::word_f1;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Folder with truth.jsonl and pages/ID.html.gz
    #[arg(long, value_name = "DIR")]
    corpus: PathBuf,

    /// A Python program that compares output and annotations in more ways: it gets the corpus and the output
    #[arg(long, value_name = "FILE")]
    scorer: Option<PathBuf>,

    /// Measure the engine without the sandbox
    #[arg(long)]
    native: bool,

    /// Keep what the scorer is given
    #[arg(long, value_name = "FILE")]
    keep: Option<PathBuf>,

    /// Instead of scoring, time N rounds with the sandbox and N without, in turns
    #[arg(long, value_name = "N", conflicts_with_all = ["scorer", "native", "keep"])]
    compare_native: Option<usize>,
}

/// `quality.toml`: what must be reached.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Floors {
    corpus: BTreeMap<String, CorpusFloor>,
    sandbox: SandboxFloor,
}

/// The least that must be reached.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CorpusFloor {
    /// Mean word F1 of all pages.
    all: f64,
    /// Mean word F1 of the pages of a kind.
    #[serde(default)]
    kinds: BTreeMap<String, f64>,
    /// Share of the pages whose kind is told.
    kinds_told: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SandboxFloor {
    /// Most time with the sandbox, as a multiple of the time without.
    ratio: f64,
}

/// What is needed of a line that `riptide extract --format jsonl` writes.
#[derive(Deserialize)]
struct Record {
    #[serde(default)]
    text: String,
    #[serde(default)]
    page_type: String,
    title: Option<String>,
    #[serde(default)]
    authors: Vec<String>,
    published: Option<String>,
    error: Option<RecordError>,
}

#[derive(Deserialize)]
struct RecordError {
    code: String,
    message: String,
}

/// A line for the scorer.
#[derive(Serialize)]
struct Prediction<'a> {
    id: &'a str,
    text: String,
    title: Option<String>,
    author: Option<String>,
    date: Option<String>,
    error: Option<String>,
}

/// Checks the accuracy on the pages that were written for the project.
pub(crate) fn check_own_pages() -> Result<()> {
    let corpus = command::root()?.join("tests/quality");
    measure(&Arguments { corpus, scorer: None, native: false, keep: None, compare_native: None }, "dev")
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    measure(arguments, "release")
}

fn measure(arguments: &Arguments, profile: &str) -> Result<()> {
    let floors = read_floors()?;
    let riptide = command::build_riptide(profile)?;
    let corpus =
        arguments.corpus.canonicalize().with_context(|| format!("{}", arguments.corpus.display()))?;
    let pages = corpus::pages(&corpus)?;
    let folder = tempfile::tempdir()?;
    let manifest = folder.path().join("manifest.jsonl");
    write_manifest(&corpus, &pages, &manifest)?;
    match arguments.compare_native {
        Some(rounds) => compare_native(&riptide, &manifest, rounds, floors.sandbox.ratio),
        None => score(arguments, &floors, &riptide, &corpus, &pages, folder.path()),
    }
}

fn read_floors() -> Result<Floors> {
    let path = command::root()?.join("quality.toml");
    let text = fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    toml::from_str(&text).with_context(|| format!("{} is not understood", path.display()))
}

fn write_manifest(corpus: &Path, pages: &[CorpusPage], manifest: &Path) -> Result<()> {
    let mut file = BufWriter::new(File::create(manifest)?);
    for page in pages {
        let url = page.url.as_deref().unwrap_or_default();
        writeln!(file, "{}", json!({ "path": corpus::page_path(corpus, &page.id), "url": url }))?;
    }
    Ok(file.flush()?)
}

fn score(
    arguments: &Arguments,
    floors: &Floors,
    riptide: &Path,
    corpus: &Path,
    pages: &[CorpusPage],
    folder: &Path,
) -> Result<()> {
    let output = folder.join("output.jsonl");
    let mut extract = extraction(riptide, &folder.join("manifest.jsonl"), arguments.native);
    let (elapsed, _) = time(extract.arg("--output").arg(&output))?;
    println!("{} pages in {:.2} s", pages.len(), elapsed.as_secs_f64());

    let predictions = arguments.keep.clone().unwrap_or_else(|| folder.join("predictions.jsonl"));
    let Outcome { scores, told, failures } = convert(&output, pages, &predictions)?;
    for failure in &failures {
        println!("{failure}");
    }
    if let Some(scorer) = &arguments.scorer {
        command::run(Command::new("python3").arg(scorer).arg(corpus).arg(predictions))?;
    }
    let name = corpus.file_name().unwrap_or_default().to_string_lossy();
    let floor = floors
        .corpus
        .get(&*name)
        .with_context(|| format!("quality.toml has no floors for the corpus {name}"))?;
    let missed = report(pages, &scores, told, floor);
    ensure!(failures.is_empty(), "{} of {} pages failed", failures.len(), pages.len());
    ensure!(missed.is_empty(), "below the floors of quality.toml: {}", missed.join(", "));
    Ok(())
}

/// Prints the mean word F1 of all pages and of each kind, and of how many the kind was told, and gives the names of the figures
/// below their floors.
fn report(pages: &[CorpusPage], scores: &[Option<f64>], told: usize, floor: &CorpusFloor) -> Vec<String> {
    let mut by_kind: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (page, score) in pages.iter().zip(scores) {
        by_kind.entry(&page.page_type).or_default().extend(score);
    }
    let all = ("all", scores.iter().flatten().copied().collect::<Vec<f64>>(), Some(floor.all));
    let kinds = by_kind.into_iter().map(|(kind, scores)| (kind, scores, floor.kinds.get(kind).copied()));
    let mut missed = Vec::new();
    for (name, scores, least) in std::iter::once(all).chain(kinds) {
        let mean = scores.iter().sum::<f64>() / scores.len() as f64;
        let wanted = least.map_or(String::new(), |least| format!(", at least {least:.3}"));
        println!("word F1 {mean:.4}{wanted} over {} pages: {name}", scores.len());
        if least.is_some_and(|least| mean.is_nan() || mean < least) {
            missed.push(name.to_owned());
        }
    }
    let share = told as f64 / pages.len() as f64;
    println!("kind told of {told} pages: {share:.4}, at least {:.3}", floor.kinds_told);
    if share < floor.kinds_told {
        missed.push("kinds told".to_owned());
    }
    missed
}

/// What came of the pages.
struct Outcome {
    /// The word F1 of each page whose content is annotated.
    scores: Vec<Option<f64>>,
    /// Pages whose kind is the annotated one.
    told: usize,
    /// A line for each page that failed.
    failures: Vec<String>,
}

fn extraction(riptide: &Path, manifest: &Path, native: bool) -> Command {
    let mut command = Command::new(riptide);
    command.args(["extract", "--format", "jsonl", "--manifest"]).arg(manifest);
    if native {
        command.arg("--native");
    }
    command
}

/// Runs to the end, and tells how long it took and with which code it ended. Failed pages are no failure of the run:
/// their records tell about them.
pub(crate) fn time(command: &mut Command) -> Result<(Duration, i32)> {
    let started = Instant::now();
    let status = command.status().context("riptide does not start")?;
    match status.code() {
        Some(code @ (0 | 1 | 3 | 124)) => Ok((started.elapsed(), code)),
        _ => bail!("riptide ended with {status}"),
    }
}

/// Writes a scorer's input, and compares each page with its annotation.
fn convert(output: &Path, pages: &[CorpusPage], predictions: &Path) -> Result<Outcome> {
    let records = BufReader::new(File::open(output)?).lines();
    let mut file = BufWriter::new(File::create(predictions)?);
    let (mut scores, mut told, mut failures) = (Vec::new(), 0, Vec::new());
    for (page, line) in pages.iter().zip(records) {
        let record: Record =
            serde_json::from_str(&line?).with_context(|| format!("the record of page {}", page.id))?;
        let error = record.error.map(|error| format!("{}: {}", error.code, error.message));
        failures.extend(error.iter().map(|error| format!("{}: {error}", page.id)));
        told += usize::from(record.page_type == page.page_type);
        scores.push(page.main_content.as_ref().map(|truth| word_f1(&record.text, truth)));
        let prediction = Prediction {
            id: &page.id,
            text: record.text,
            title: record.title,
            author: Some(record.authors.join("; ")).filter(|authors| !authors.is_empty()),
            date: record.published,
            error,
        };
        serde_json::to_writer(&mut file, &prediction)?;
        writeln!(file)?;
    }
    file.flush()?;
    let written = scores.len();
    ensure!(written == pages.len(), "riptide wrote {written} records for {} pages", pages.len());
    Ok(Outcome { scores, told, failures })
}

/// Rounds alternate, so that what else the machine does meets both alike.
fn compare_native(riptide: &Path, manifest: &Path, rounds: usize, limit: f64) -> Result<()> {
    ensure!(rounds > 0, "at least one round is needed");
    let (mut sandboxed, mut native) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        for (times, is_native) in [(&mut sandboxed, false), (&mut native, true)] {
            let mut extract = extraction(riptide, manifest, is_native);
            let (elapsed, code) = time(extract.args(["--jobs", "1", "--output", "/dev/null"]))?;
            ensure!(code == 0, "riptide ended with exit code {code}");
            times.push(elapsed.as_secs_f64());
        }
        let last = |times: &[f64]| times.last().copied().unwrap_or_default();
        println!("round {round}: sandboxed {:.2} s, native {:.2} s", last(&sandboxed), last(&native));
    }
    let (sandboxed, native) = (median(&mut sandboxed), median(&mut native));
    let ratio = sandboxed / native;
    println!("median: sandboxed {sandboxed:.2} s, native {native:.2} s, ratio {ratio:.3} (limit {limit})");
    ensure!(ratio <= limit, "the sandbox costs {ratio:.3} times the native run; at most {limit} is allowed");
    Ok(())
}

/// The middle value; the mean of the two in the middle when their number is even.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let upper = values.get(values.len() / 2).copied().unwrap_or(f64::NAN);
    let lower = values.get(values.len().saturating_sub(1) / 2).copied().unwrap_or(f64::NAN);
    f64::midpoint(lower, upper)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(id: &str) -> CorpusPage {
        let main_content = Some("words".to_owned());
        CorpusPage { id: id.to_owned(), url: None, page_type: "article".to_owned(), main_content }
    }

    #[test]
    fn records_become_predictions_in_the_order_of_the_pages() {
        let folder = tempfile::tempdir().unwrap();
        let (output, predictions) = (folder.path().join("out"), folder.path().join("predictions"));
        let records = concat!(
            r#"{"path":"1","text":"words","title":"T","authors":["A","B"],"published":"2025-01-02"}"#,
            "\n",
            r#"{"path":"2","error":{"code":"deadline-exceeded","message":"too slow"}}"#,
            "\n"
        );
        fs::write(&output, records).unwrap();
        let outcome = convert(&output, &[page("1"), page("2")], &predictions).unwrap();
        assert_eq!(outcome.failures, ["2: deadline-exceeded: too slow"]);
        assert_eq!(outcome.scores, [Some(1.0), Some(0.0)]);
        let lines = fs::read_to_string(&predictions).unwrap();
        let first: serde_json::Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
        let expected = json!({"id": "1", "text": "words", "title": "T", "author": "A; B", "date": "2025-01-02", "error": null});
        assert_eq!(first, expected);
    }

    #[test]
    fn a_missing_record_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("out");
        fs::write(&output, "{\"text\":\"\"}\n").unwrap();
        assert!(convert(&output, &[page("1"), page("2")], &folder.path().join("predictions")).is_err());
    }

    #[test]
    fn means_below_their_floors_are_named() {
        let kinds = BTreeMap::from([("article".to_owned(), 0.5)]);
        let pages = [page("1"), page("2")];
        let missed = |all, scores: [f64; 2], told| {
            report(
                &pages,
                &scores.map(Some),
                told,
                &CorpusFloor { all, kinds: kinds.clone(), kinds_told: 0.6 },
            )
        };
        assert_eq!(missed(0.5, [0.4, 0.6], 2), Vec::<String>::new());
        assert_eq!(missed(0.6, [0.4, 0.7], 2), ["all"]);
        assert_eq!(missed(0.0, [0.4, 0.4], 2), ["article"]);
        assert_eq!(missed(0.5, [0.4, 0.6], 1), ["kinds told"]);
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]), 2.5);
    }

    #[test]
    fn the_projects_floors_are_understood() {
        let floors = read_floors().unwrap();
        let is_share = |floor: &CorpusFloor| {
            [floor.all, floor.kinds_told].iter().all(|least| (0.0..1.0).contains(least))
        };
        assert!(floors.corpus.values().all(is_share));
        assert!(floors.sandbox.ratio > 1.0);
    }
}
