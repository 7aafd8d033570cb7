//! `cargo xtask cost`: twice the input must cost about twice the time, whatever the input is made of.
//!
//! The real binary extracts pages of each hostile shape in growing sizes. Small pages run many times in one process, so
//! that each measurement spans about the same amount of input; what an almost empty run takes is subtracted.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde_json::json;

use crate::command;
use crate::quality::time;

mod shapes;

const KIB: usize = 1024;
/// Bytes of the largest page.
const LARGEST: usize = 10 * KIB * KIB;
/// How often that is halved: down to less than 4 KiB.
const DOUBLINGS: u32 = 12;
/// Input of one measurement at least, in bytes.
const BATCH: usize = KIB * KIB;
const REPEATS: usize = 3;
/// Repeats of a measurement that seems too slow, before it counts.
const REPEATS_IN_DOUBT: usize = 7;
/// Most that a doubling of the size may multiply the time by. Two doublings are judged together: where a page outgrows
/// a cache of the processor, the time makes a step.
const GROWTH_LIMIT: f64 = 2.3;
/// Most seconds that one page may take, unless it ends at a limit.
const TIME_LIMIT: f64 = 3.0;
/// What a page may end with instead of a document.
const LIMIT_ERRORS: [&str; 5] =
    ["deadline-exceeded", "memory-exceeded", "output-exceeded", "stack-overflow", "extractor-limit"];

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Measure the engine without the sandbox
    #[arg(long)]
    native: bool,

    /// Measure only the shapes whose names contain this
    #[arg(long, value_name = "TEXT", default_value = "")]
    shape: String,
}

/// What one page of one size came to.
struct Measurement {
    size: usize,
    /// Seconds for one page.
    time: f64,
    /// The code of the limit that it ended at.
    ended_at: Option<String>,
}

/// Runs `riptide` over pages of a temporary folder.
struct Bench {
    riptide: PathBuf,
    native: bool,
    folder: tempfile::TempDir,
    /// Seconds that a run takes without any work.
    idle: f64,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let mut bench = Bench {
        riptide: command::build_riptide("release")?,
        native: arguments.native,
        folder: tempfile::tempdir()?,
        idle: 0.0,
    };
    bench.idle = bench.measure("<p>Nothing to do.", 1, REPEATS_IN_DOUBT)?.time;
    println!("start and end of a run: {:.1} ms, subtracted below", bench.idle * 1e3);
    println!("{:<24} {:>9} {:>12} {:>8}", "shape", "KiB", "ms a page", "growth");
    let mut complaints = Vec::new();
    for (name, shape) in shapes::SHAPES.iter().filter(|(name, _)| name.contains(&arguments.shape)) {
        complaints.extend(bench.examine(name, *shape)?);
    }
    for complaint in &complaints {
        println!("{complaint}");
    }
    ensure!(
        complaints.is_empty(),
        "cost does not grow linearly: {} measurements out of bounds",
        complaints.len()
    );
    Ok(())
}

/// The sizes in bytes, each twice the one before, up to the largest.
fn sizes() -> impl Iterator<Item = usize> {
    (0..=DOUBLINGS).rev().map(|halvings| LARGEST >> halvings)
}

impl Bench {
    /// Measures a shape in all sizes and prints its part of the table; returns what is out of bounds.
    fn examine(&self, name: &str, shape: shapes::Shape) -> Result<Vec<String>> {
        let mut complaints = Vec::new();
        let mut measured: Vec<Measurement> = Vec::new();
        for size in sizes() {
            let mut now = self.measure_size(shape, size, REPEATS)?;
            let quarter = measured.len().checked_sub(2).and_then(|index| measured.get_mut(index));
            if let Some(quarter) = quarter
                && complaint(name, quarter, &now).is_some()
            {
                *quarter = self.measure_size(shape, quarter.size, REPEATS_IN_DOUBT)?;
                now = self.measure_size(shape, size, REPEATS_IN_DOUBT)?;
                complaints.extend(complaint(name, quarter, &now));
            }
            let growth = measured.last().and_then(|half| growth(half, &now));
            let growth_text = growth.map_or(String::new(), |growth| format!("{growth:.2}"));
            let ended = now.ended_at.as_deref().unwrap_or_default();
            println!(
                "{name:<24} {:>9.1} {:>12.3} {growth_text:>8} {ended}",
                size as f64 / KIB as f64,
                now.time * 1e3
            );
            measured.push(now);
        }
        Ok(complaints)
    }

    fn measure_size(&self, shape: shapes::Shape, size: usize, repeats: usize) -> Result<Measurement> {
        self.measure(&shapes::page(shape, size), (BATCH / size).max(1), repeats)
    }

    /// The time of one page, extracted `batch` times a run. The least of several runs, since noise only adds.
    fn measure(&self, html: &str, batch: usize, repeats: usize) -> Result<Measurement> {
        let [page, manifest, output] =
            ["page.html", "manifest.jsonl", "output.jsonl"].map(|name| self.folder.path().join(name));
        fs::write(&page, html)?;
        let mut list = BufWriter::new(File::create(&manifest)?);
        for _ in 0..batch {
            writeln!(list, "{}", json!({ "path": page }))?;
        }
        list.flush()?;

        let mut times = Vec::new();
        for _ in 0..repeats {
            let mut command = Command::new(&self.riptide);
            command.args(["extract", "--jobs", "1", "--format", "jsonl", "--manifest"]).arg(&manifest);
            command
                .arg("--output")
                .arg(&output)
                .args(self.native.then_some("--native"))
                .stderr(Stdio::null());
            // Whatever an earlier run has left must not be taken for the outcome of this one.
            fs::write(&output, "")?;
            let (elapsed, _) = time(&mut command)?;
            times.push((elapsed.as_secs_f64() - self.idle).max(0.0) / batch as f64);
        }
        Ok(Measurement {
            size: html.len(),
            time: times.into_iter().fold(f64::INFINITY, f64::min),
            ended_at: limit_error(&output)?,
        })
    }
}

/// The code of the limit that the first page of the output ended at. Any other error is one of this program.
fn limit_error(output: &Path) -> Result<Option<String>> {
    #[derive(Deserialize)]
    struct Record {
        error: Option<RecordError>,
    }
    #[derive(Deserialize)]
    struct RecordError {
        code: String,
        message: String,
    }
    let file = File::open(output).context("riptide wrote no output")?;
    let line = BufReader::new(file).lines().next().context("riptide wrote no record")??;
    let Some(error) = serde_json::from_str::<Record>(&line)?.error else { return Ok(None) };
    ensure!(LIMIT_ERRORS.contains(&&*error.code), "a page failed with {}: {}", error.code, error.message);
    Ok(Some(error.code))
}

/// How many times the time of a smaller page it takes; `None` where a limit ended one of the two.
fn growth(smaller: &Measurement, now: &Measurement) -> Option<f64> {
    let both_ended_well = smaller.ended_at.is_none() && now.ended_at.is_none();
    both_ended_well.then(|| now.time / smaller.time)
}

/// What is wrong with the time that a page takes, compared with that of a page a quarter the size.
fn complaint(name: &str, quarter: &Measurement, now: &Measurement) -> Option<String> {
    let place = format!("{name} at {:.1} KiB", now.size as f64 / KIB as f64);
    let limit = GROWTH_LIMIT * GROWTH_LIMIT;
    match growth(quarter, now) {
        Some(growth) if growth > limit => Some(format!(
            "{place}: {growth:.2} times the time for four times the size; at most {limit:.2} is allowed"
        )),
        _ if now.ended_at.is_none() && now.time > TIME_LIMIT => {
            Some(format!("{place}: {:.1} s; at most {TIME_LIMIT} s are allowed", now.time))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(size: usize, time: f64) -> Measurement {
        Measurement { size, time, ended_at: None }
    }

    #[test]
    fn quadratic_growth_is_a_complaint_and_linear_growth_is_none() {
        assert!(complaint("x", &measured(1024, 0.1), &measured(4096, 1.6)).is_some());
        assert!(complaint("x", &measured(1024, 0.1), &measured(4096, 0.4)).is_none());
    }

    #[test]
    fn a_slow_page_is_a_complaint_unless_it_ends_at_a_limit() {
        let mut slow = measured(4096, 4.0);
        assert!(complaint("x", &measured(1024, 1.0), &slow).is_some());
        slow.ended_at = Some("deadline-exceeded".to_owned());
        assert!(complaint("x", &measured(1024, 1.0), &slow).is_none());
    }

    #[test]
    fn sizes_double_up_to_ten_mebibytes() {
        let sizes: Vec<_> = sizes().collect();
        assert_eq!(sizes.last(), Some(&LARGEST));
        assert!(sizes[0] <= 4 * KIB);
        assert!(sizes.windows(2).all(|pair| pair[1] == pair[0] * 2));
    }

    #[test]
    fn an_error_that_is_no_limit_is_not_taken_for_one() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("output.jsonl");
        fs::write(&output, r#"{"error":{"code":"deadline-exceeded","message":""}}"#).unwrap();
        assert_eq!(limit_error(&output).unwrap().as_deref(), Some("deadline-exceeded"));
        fs::write(&output, r#"{"error":{"code":"extractor-panicked","message":""}}"#).unwrap();
        assert!(limit_error(&output).is_err());
    }
}
