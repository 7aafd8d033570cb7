//! The whole program, as users meet it: arguments in; output, messages and exit code out.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod bad_input;
mod command_line;
mod component;
mod explain;
mod formats;
mod inputs;
mod output;
mod registry;
mod sandbox;
mod settings;
mod signals;
mod telemetry;
mod web;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use tempfile::TempDir;

/// What the program left behind.
struct Run {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Run {
    /// The output as JSON Lines.
    fn lines(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The output as one JSON value.
    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// Fails with what the program said unless it ended with this code.
    #[track_caller]
    fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout: {:.2000}\nstderr: {:.2000}", self.stdout, self.stderr);
        self
    }
}

/// The program, with a compile cache that all tests share.
fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_riptide"));
    command.env("RIPTIDE_CACHE_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("compile-cache"));
    command.stdin(Stdio::null());
    command
}

/// Runs a command to its end with the given standard input.
fn finish(command: &mut Command, stdin: &[u8]) -> Run {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A program that does not read its input closes the pipe; what it does then is what the test is about.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    let output = child.wait_with_output().unwrap();
    Run {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// `riptide ARGS`.
fn riptide(args: &[&str]) -> Run {
    finish(program().args(args), b"")
}

/// A folder of files that goes away with the test. The program runs in it.
struct Workspace(TempDir);

impl Workspace {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), content).unwrap();
        self
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = program();
        command.current_dir(self.0.path()).args(["extract", "--native"]).args(args);
        command
    }

    /// `riptide extract --native ARGS` in this folder.
    fn extract(&self, args: &[&str]) -> Run {
        finish(&mut self.command(args), b"")
    }

    /// The same without `--native`.
    fn extract_sandboxed(&self, args: &[&str]) -> Run {
        finish(program().current_dir(self.0.path()).arg("extract").args(args), b"")
    }
}

/// A page whose content is the given sentence and some more.
fn page(title: &str, sentence: &str) -> String {
    format!(
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>{title}</title></head><body>\
         <nav><a href=/>Home</a> <a href=/more>More</a></nav><main><article><h1>{title}</h1><p>{sentence} \
         Somebody wrote it down on the morning of the first frost, with care and in a clear hand.</p>\
         <p>The harbour wakes early, and the first boats are out before the lamps on the quay have gone dark. \
         <a href=\"/tide\">The tide table</a> hangs beside the door of the office.</p></article></main></body></html>"
    )
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// The pages that ship with the project, by name.
fn site_pages() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/site/pages");
    let mut pages: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    assert!(pages.len() >= 10);
    pages
}

fn site_page(name: &str) -> String {
    let page = site_pages().into_iter().find(|page| page.file_name().is_some_and(|it| it == name)).unwrap();
    page.into_os_string().into_string().unwrap()
}
