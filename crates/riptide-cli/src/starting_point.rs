//! `riptide component new`: the files of an extractor to start from.
//!
//! Those in JavaScript and Python are the very examples of this repository, which its tests build and run. The Rust
//! example is made of RipTide's own crates, so what is written here is a smaller one of published crates.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, bail};
use clap::ValueEnum;

use crate::exit::Exit;

/// What an extractor can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// Rust, with published crates
    Rust,
    /// JavaScript, with componentize-js
    Js,
    /// Python, with componentize-py
    Python,
}

/// A file's path in the project, and its text.
type File = (&'static str, &'static str);

const CONTRACT: File = ("wit/extractor.wit", include_str!("../../../wit/extractor.wit"));

/// Where the examples find the contract. A project of its own has it beside its files.
const CONTRACT_OF_EXAMPLES: &str = "../../../wit/";

const RUST: [File; 5] = [
    (".gitignore", include_str!("../templates/rust/.gitignore")),
    ("Cargo.toml", include_str!("../templates/rust/Cargo.toml")),
    ("README.md", include_str!("../templates/rust/README.md")),
    ("build.sh", include_str!("../templates/rust/build.sh")),
    ("src/lib.rs", include_str!("../templates/rust/src/lib.rs")),
];

const JAVASCRIPT: [File; 7] = [
    (".gitignore", include_str!("../../../guests/examples/javascript/.gitignore")),
    ("README.md", include_str!("../../../guests/examples/javascript/README.md")),
    ("build.mjs", include_str!("../../../guests/examples/javascript/build.mjs")),
    ("build.sh", include_str!("../../../guests/examples/javascript/build.sh")),
    ("extractor.js", include_str!("../../../guests/examples/javascript/extractor.js")),
    ("package-lock.json", include_str!("../../../guests/examples/javascript/package-lock.json")),
    ("package.json", include_str!("../../../guests/examples/javascript/package.json")),
];

const PYTHON: [File; 5] = [
    (".gitignore", include_str!("../../../guests/examples/python/.gitignore")),
    ("README.md", include_str!("../../../guests/examples/python/README.md")),
    ("build.sh", include_str!("../../../guests/examples/python/build.sh")),
    ("extractor.py", include_str!("../../../guests/examples/python/extractor.py")),
    ("requirements.txt", include_str!("../../../guests/examples/python/requirements.txt")),
];

/// Writes the files into the folder and tells what to do with them. Replaces nothing.
pub(crate) fn write(language: Language, folder: &Path) -> anyhow::Result<Exit> {
    let (files, source): (&[File], _) = match language {
        Language::Rust => (&RUST, "src/lib.rs"),
        Language::Js => (&JAVASCRIPT, "extractor.js"),
        Language::Python => (&PYTHON, "extractor.py"),
    };
    let files = files.iter().chain([&CONTRACT]);
    if let Some((name, _)) = files.clone().find(|(name, _)| folder.join(name).symlink_metadata().is_ok()) {
        bail!("{}: this file is there already; expected a folder without it", folder.join(name).display());
    }
    for (name, text) in files {
        let path = folder.join(name);
        write_file(&path, &text.replace(CONTRACT_OF_EXAMPLES, "wit/"))
            .with_context(|| path.display().to_string())?;
    }
    let shown = folder.display();
    let mut output = io::stdout().lock();
    writeln!(
        output,
        "An extractor to start from is in {shown}. Next:\n  \
         1. change {source}\n  \
         2. build it: {build}\n  \
         3. run it: riptide extract --extractor {component} page.html",
        source = folder.join(source).display(),
        build = folder.join("build.sh").display(),
        component = folder.join("target/extractor.wasm").display(),
    )
    .context("the standard output cannot be written")?;
    Ok(Exit::Ok)
}

fn write_file(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    if text.starts_with("#!") {
        make_executable(&mut options);
    }
    options.open(path)?.write_all(text.as_bytes())
}

#[cfg(unix)]
fn make_executable(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o777);
}

/// Elsewhere a file needs no mark to be run.
#[cfg(not(unix))]
fn make_executable(_options: &mut OpenOptions) {}
