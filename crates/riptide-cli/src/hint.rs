//! Which option would help.

use clap::CommandFactory;

use crate::args::Cli;

/// Options, and the codes of what they help against.
const HINTS: [(&str, &str, &[&str]); 8] = [
    ("allow", "--allow HOST:PORT", &["host-refused", "port-refused"]),
    ("user", "--user NAME:PASSWORD", &["credentials-refused"]),
    ("ignore-robots", "--ignore-robots", &["robots-disallowed", "robots-unreachable"]),
    ("timeout", "--timeout", &["deadline-exceeded"]),
    ("memory", "--memory", &["memory-exceeded"]),
    ("fetch-timeout", "--fetch-timeout", &["fetch-timeout"]),
    ("render-timeout", "--render-timeout", &["render-deadline-exceeded"]),
    ("max-input", "--max-input", &["input-too-large", "body-too-large"]),
];

/// The option of a command that would help against what has this code.
pub(crate) fn hint(command: &str, code: &str) -> Option<&'static str> {
    let (option, shown, _) = HINTS.iter().find(|(_, _, codes)| codes.contains(&code))?;
    let program = Cli::command();
    let mut arguments = program.find_subcommand(command)?.get_arguments();
    arguments.any(|argument| argument.get_long() == Some(option)).then_some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hint_is_an_option_of_extract() {
        for (_, shown, codes) in HINTS {
            assert!(codes.iter().all(|code| hint("extract", code) == Some(shown)), "{shown}");
        }
    }

    #[test]
    fn a_command_without_the_option_gives_no_hint() {
        assert_eq!(hint("fetch", "body-too-large"), Some("--max-input"));
        assert_eq!(hint("explain", "body-too-large"), None);
    }
}
