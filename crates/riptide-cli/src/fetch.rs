//! `riptide fetch`: what a server answers.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};

use anyhow::Context;
use riptide::{CacheState, Fetched, Riptide};
use serde_json::json;

use crate::args::FetchArgs;
use crate::exit::{self, Exit};
use crate::inputs::is_stdin;
use crate::progress::say;
use crate::web::Web;

/// Runs the command.
pub(crate) fn run(args: &FetchArgs) -> anyhow::Result<Exit> {
    let limit = usize::try_from(args.max_input.as_u64()).unwrap_or(usize::MAX);
    let riptide =
        Riptide::builder().native(true).fetch(args.web.config(limit, Some(&args.cache))?).build()?;
    let fetched = match Web::new(&riptide, &args.web)?.fetch(&args.url) {
        Ok(fetched) => fetched,
        Err(error) => return Ok(exit::of_one("fetch", &args.url, &error)),
    };
    let report = if args.json { record(&fetched).to_string() + "\n" } else { report(&fetched) };
    match &args.output {
        // What is asked for goes to the standard output; then what is told about it must not.
        Some(path) if is_stdin(path) => {
            say(&report);
            io::stdout().write_all(&fetched.body).context("the standard output cannot be written")?;
        }
        Some(path) => {
            fs::write(path, &fetched.body)
                .with_context(|| format!("{}: cannot be written", path.display()))?;
            io::stdout().write_all(report.as_bytes())?;
        }
        None => io::stdout().write_all(report.as_bytes())?,
    }
    Ok(Exit::Ok)
}

/// For a person.
fn report(fetched: &Fetched) -> String {
    let mut text = String::new();
    let mut line = |shown: std::fmt::Arguments<'_>| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{shown}");
    };
    for step in &fetched.redirects {
        line(format_args!("{} {} -> {}", step.status, step.url, step.location));
    }
    line(format_args!("{} {} {}", fetched.status, fetched.url, fetched.version));
    for (name, value) in &fetched.headers {
        line(format_args!(
            "  {name}: {}",
            String::from_utf8_lossy(value.as_bytes()).replace(char::is_control, " ")
        ));
    }
    line(format_args!(
        "body: {} bytes, {} on the wire, {}",
        fetched.body.len(),
        fetched.received,
        json!(fetched.kind()).as_str().unwrap_or_default()
    ));
    line(format_args!(
        "time: {} ms to the head, {} ms in all",
        fetched.timing.head.as_millis(),
        fetched.timing.total.as_millis()
    ));
    line(format_args!("cache: {}", cache_state(fetched.cache)));
    if let Some(peer) = fetched.peer {
        line(format_args!("peer: {peer}"));
    }
    if fetched.attempts > 1 {
        line(format_args!("attempts: {}", fetched.attempts));
    }
    if let Some(problem) = &fetched.truncated {
        line(format_args!("not whole: {problem}"));
    }
    for warning in &fetched.warnings {
        line(format_args!("warning: {warning}"));
    }
    text
}

/// What the cache did, in a few words.
fn cache_state(state: CacheState) -> String {
    let since = |stored| humantime::format_rfc3339_seconds(stored);
    match state {
        CacheState::Unused => "not used".to_owned(),
        CacheState::Miss { stored: true } => "miss, stored".to_owned(),
        CacheState::Miss { stored: false } => "miss, not stored".to_owned(),
        CacheState::Revalidated { stored } => format!("revalidated at {}", since(stored)),
        CacheState::Hit { stored } => format!("hit, stored at {}", since(stored)),
    }
}

/// For a program.
fn record(fetched: &Fetched) -> serde_json::Value {
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    json!({
        "url": fetched.url.as_str(),
        "status": fetched.status,
        "version": fetched.version,
        "redirects": fetched.redirects.iter().map(|step| {
            json!({ "url": step.url.as_str(), "status": step.status, "location": step.location.as_str() })
        }).collect::<Vec<_>>(),
        "headers": fetched.headers.iter().map(|(name, value)| [name.to_string(), text(value.as_bytes())]).collect::<Vec<_>>(),
        "kind": fetched.kind(),
        "bytes": fetched.body.len(),
        "received": fetched.received,
        "truncated": fetched.truncated,
        "cache": cache_state(fetched.cache),
        "peer": fetched.peer,
        "attempts": fetched.attempts,
        "head_millis": fetched.timing.head.as_millis(),
        "total_millis": fetched.timing.total.as_millis(),
        "warnings": fetched.warnings,
    })
}
