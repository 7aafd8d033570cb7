//! Other programs: cargo, rustup, the scorer.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus, Stdio};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

/// A program that ended without success.
#[derive(Debug)]
pub(crate) struct Failed {
    command: String,
    status: ExitStatus,
}

impl fmt::Display for Failed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}`: {}", self.command, self.status)
    }
}

impl std::error::Error for Failed {}

/// The exit code to end with: that of the program that failed, if it was one.
pub(crate) fn exit_code(error: &anyhow::Error) -> ExitCode {
    let code = error.downcast_ref::<Failed>().and_then(|failed| failed.status.code());
    code.and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
}

/// The project's root folder.
pub(crate) fn root() -> Result<PathBuf> {
    // Cargo says where it runs this; checkouts that share their build folder share this program.
    let manifest = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest.parent().map(Path::to_path_buf).context("xtask stands in a folder of the project")
}

/// Cargo, the one that runs this program, in the project's root.
pub(crate) fn cargo(arguments: &[&str]) -> Result<Command> {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root()?);
    Ok(command)
}

/// Runs a program to its end.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("{} does not start", describe(command)))?;
    if !status.success() {
        bail!(Failed { command: describe(command), status });
    }
    Ok(())
}

/// Builds the `riptide` binary with a profile of cargo, `release` for what users run, and tells where it is.
pub(crate) fn build_riptide(profile: &str) -> Result<PathBuf> {
    let mut build = cargo(&[
        "build",
        "--profile",
        profile,
        "--package",
        "riptide-cli",
        "--message-format",
        "json-render-diagnostics",
    ])?;
    let output = build.stderr(Stdio::inherit()).output().context("cargo does not start")?;
    if !output.status.success() {
        bail!(Failed { command: describe(&build), status: output.status });
    }
    let executable = output
        .stdout
        .split(|&byte| byte == b'\n')
        .filter_map(|line| serde_json::from_slice::<BuildMessage>(line).ok())
        .filter_map(|message| message.executable)
        .next_back();
    executable.context("cargo built no executable")
}

/// The one interesting part of what cargo says about a build.
#[derive(Deserialize)]
struct BuildMessage {
    executable: Option<PathBuf>,
}

fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy();
    let words = command.get_args().map(|argument| argument.to_string_lossy());
    std::iter::once(program).chain(words).collect::<Vec<_>>().join(" ")
}
