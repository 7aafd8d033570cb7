//! What the program tells about itself: version, completions, manual.

use std::io::{self, Write};

use anyhow::Context;
use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;

use crate::args::Cli;
use crate::exit::Exit;

/// The version of the program, and of everything that decides what comes out of it.
pub(crate) fn long_version() -> String {
    let lock = riptide::built_in_lock();
    format!(
        "{}\nwasmtime {}\nengine {}\ncomponent {}",
        env!("CARGO_PKG_VERSION"),
        riptide::WASMTIME_VERSION,
        lock.sources,
        lock.component
    )
}

/// Prints the completion script of a shell.
pub(crate) fn completions(shell: Shell) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "riptide", &mut script);
    print(&script)
}

/// Prints the manual page of one of the program's commands, or of the program itself.
pub(crate) fn manual(command: Option<&str>) -> anyhow::Result<Exit> {
    let mut program = Cli::command();
    program.build();
    // `component-validate` is the page of `component validate`.
    let names = command.into_iter().flat_map(|name| name.split('-'));
    let subject =
        names.fold(&program, |command, name| command.find_subcommand(name).unwrap_or(command)).clone();
    let mut page = Vec::new();
    Man::new(subject).render(&mut page).context("the manual page cannot be made")?;
    print(&page)
}

fn print(bytes: &[u8]) -> anyhow::Result<Exit> {
    io::stdout().write_all(bytes).context("the standard output cannot be written")?;
    Ok(Exit::Ok)
}
