//! The project's own tasks: `cargo xtask TASK`.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command that reports to the person who runs it"
)]

use std::process::ExitCode;

use clap::Parser;

mod command;
mod conformance;
mod corpus;
mod cost;
mod examples;
mod guest;
mod quality;
mod test;
mod tidy;
mod word_f1;

/// The project's own tasks.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Task {
    /// Run every check and test of the project
    Test,
    /// Check the house rules
    Tidy,
    /// Build the built-in extractor component
    Guest(guest::Arguments),
    /// Build the example extractors, and what `riptide component new` writes, and run each on a page
    Examples(examples::Arguments),
    /// Measure accuracy and speed on an annotated corpus
    Quality(quality::Arguments),
    /// Compare the trees of a corpus' pages with those of html5ever's reference tree
    Conformance(conformance::Arguments),
    /// Check that cost grows linearly with the size of hostile pages
    Cost(cost::Arguments),
}

fn main() -> ExitCode {
    let outcome = match Task::parse() {
        Task::Test => test::run_all(),
        Task::Tidy => tidy::run(),
        Task::Guest(arguments) => guest::run(&arguments),
        Task::Examples(arguments) => examples::run(&arguments),
        Task::Quality(arguments) => quality::run(&arguments),
        Task::Conformance(arguments) => conformance::run(&arguments),
        Task::Cost(arguments) => cost::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            command::exit_code(&error)
        }
    }
}
