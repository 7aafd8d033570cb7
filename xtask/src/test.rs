//! `cargo xtask test`: all that must hold before a change goes in, cheapest first.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use crate::command::{cargo, root, run};
use crate::{guest, quality, tidy};

/// What Chromium's program may be called.
const BROWSERS: [&str; 5] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// Runs the steps in order and stops at the first that fails.
pub(crate) fn run_all() -> Result<()> {
    heading("browser");
    add_browser()?;

    heading("components of the toolchain");
    add_component("rustfmt", &["fmt", "--version"])?;
    add_component("clippy", &["clippy", "--version"])?;

    heading("format");
    run(&mut cargo(&["fmt", "--all", "--", "--check"])?)?;

    heading("house rules");
    tidy::run()?;

    heading("built-in component");
    guest::check()?;

    heading("lints");
    run(&mut cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "--deny", "warnings"])?)?;

    heading("documentation");
    run(cargo(&["doc", "--workspace", "--no-deps", "--locked"])?.env("RUSTDOCFLAGS", "--deny warnings"))?;

    heading("tests");
    run(&mut cargo(&["test", "--workspace", "--locked"])?)?;

    heading("accuracy");
    quality::check_own_pages()?;

    heading("model checking");
    check_models()
}

/// Runs the tests that try every order of threads. What they are built with differs, so it is built in a folder of its
/// own.
fn check_models() -> Result<()> {
    let target = env::var_os("CARGO_TARGET_DIR").map_or(root()?.join("target"), PathBuf::from);
    let mut test = cargo(&["test", "--package", "riptide-pool", "--lib", "--locked", "model::"])?;
    run(test.env("RUSTFLAGS", "--cfg loom").env("CARGO_TARGET_DIR", target.join("loom")))
}

fn heading(title: &str) {
    eprintln!("\n== {title} ==");
}

/// Has Debian's `chromium` installed where no browser answers and that can be done: as root, with `apt-get`.
fn add_browser() -> Result<()> {
    let answers = |program: &str, argument: &str| {
        let mut command = Command::new(program);
        let status = command.arg(argument).stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    };
    let found = || BROWSERS.into_iter().find(|name| answers(name, "--version"));
    let is_root = || Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    if found().is_none() && is_root() && answers("apt-get", "--version") {
        run(Command::new("apt-get").arg("update"))?;
        run(Command::new("apt-get").args(["install", "--yes", "--no-install-recommends", "chromium"]))?;
    }
    match found() {
        Some(name) => eprintln!("{name}: ready"),
        None => eprintln!(
            "no Chromium: tests with a browser are left out, or fail where `CI` is set; `apt-get install chromium`"
        ),
    }
    Ok(())
}

/// Has rustup add a component whose command does not answer; without rustup the step that needs it will tell.
fn add_component(name: &str, probe: &[&str]) -> Result<()> {
    let answers =
        cargo(probe)?.stdout(Stdio::null()).stderr(Stdio::null()).status().context("cargo does not start")?;
    let has_rustup = || {
        Command::new("rustup").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
    };
    if !answers.success() && has_rustup() {
        run(Command::new("rustup").args(["component", "add", name]))?;
    }
    eprintln!("{name}: ready");
    Ok(())
}
