//! The `riptide` command: web pages in, clean content out.

mod args;
mod component;
mod describe;
mod exit;
mod explain;
mod extract;
mod fetch;
mod format;
mod front_matter;
mod inputs;
mod manifest;
mod output;
mod progress;
mod read;
mod starting_point;
mod stats;
mod telemetry;
mod warnings;
mod web;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command, ComponentCommand};

fn main() -> ExitCode {
    exit::report(match Cli::parse().command {
        Command::Extract(args) => extract::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Fetch(args) => fetch::run(&args),
        Command::Component { command: ComponentCommand::New(args) } => {
            starting_point::write(args.lang, &args.folder)
        }
        Command::Component { command: ComponentCommand::Validate(args) } => component::validate(&args),
        Command::CompileComponent { effort } => component::compile(effort.into()),
        Command::Completions { shell } => describe::completions(shell),
        Command::Man { command } => describe::manual(command.as_deref()),
    })
}
