//! The `riptide` command: web pages in, clean content out.

mod args;
mod browse;
mod component;
mod config;
mod describe;
mod doctor;
mod exit;
mod explain;
mod extract;
mod fetch;
mod format;
mod front_matter;
mod hint;
mod inputs;
mod interrupt;
mod manifest;
mod output;
mod page_cache;
mod progress;
mod read;
mod starting_point;
mod stats;
mod telemetry;
mod warnings;
mod web;

use std::process::ExitCode;

use args::{Command, ComponentCommand, ConfigCommand};
use exit::Exit;

fn main() -> ExitCode {
    exit::report(config::parse().and_then(|cli| run(cli.command)))
}

fn run(command: Command) -> anyhow::Result<Exit> {
    match command {
        Command::Extract(args) => extract::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Fetch(args) => fetch::run(&args),
        Command::Screenshot(args) => browse::screenshot(&args),
        Command::Cache { command } => page_cache::run(&command),
        Command::Config { command: ConfigCommand::Show(args) } => config::show(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Component { command: ComponentCommand::New(args) } => {
            starting_point::write(args.lang, &args.folder)
        }
        Command::Component { command: ComponentCommand::Validate(args) } => component::validate(&args),
        Command::CompileComponent { effort } => component::compile(effort.into()),
        Command::Completions { shell } => describe::completions(shell),
        Command::Man { command } => describe::manual(command.as_deref()),
    }
}
