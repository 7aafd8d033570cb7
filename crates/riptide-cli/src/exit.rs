//! How the program ends.

use std::io;
use std::process::ExitCode;

use riptide::{Failure, redacted};
use url::Url;

use crate::format::Problem;
use crate::progress;

/// How the program ends; the numbers are part of its interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything worked.
    Ok = 0,
    /// Nothing worked.
    Failure = 1,
    /// The command line is wrong.
    Usage = 2,
    /// Some pages failed.
    Partial = 3,
    /// Nothing worked, since rules forbid it: those of the guard, or of robots.txt.
    Refused = 4,
    /// Nothing worked, for want of time; as `timeout(1)` ends.
    Timeout = 124,
    /// Stopped by Ctrl-C or SIGTERM; 128 + SIGINT.
    Interrupted = 130,
}

/// How many pages came to which end.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    /// Pages with a document.
    pub(crate) ok: u64,
    /// Pages without one.
    pub(crate) failed: u64,
    /// Those of the failed ones that ran out of time.
    pub(crate) timeouts: u64,
    /// Those of the failed ones that rules forbid.
    pub(crate) refusals: u64,
    /// Whether there were more pages, which an interrupt left out.
    pub(crate) is_cut_short: bool,
}

/// The codes of what ran out of time, wherever that was: a caller who would wait longer need not know which limit it was.
const TIMEOUTS: [&str; 7] = [
    "deadline-exceeded",
    "connection-timeout",
    "head-timeout",
    "body-timeout",
    "fetch-timeout",
    "render-deadline-exceeded",
    "queue-timeout",
];

impl Tally {
    /// Counts one that failed.
    pub(crate) fn count_failure(&mut self, problem: &Problem) {
        self.failed += 1;
        self.timeouts += u64::from(TIMEOUTS.contains(&problem.code));
        self.refusals += u64::from(problem.is_refusal);
    }

    /// The end that the numbers come to.
    pub(crate) fn exit(self) -> Exit {
        match (self.ok, self.failed) {
            (0, failed) if failed > 0 && failed == self.timeouts => Exit::Timeout,
            (0, failed) if failed > 0 && failed == self.refusals => Exit::Refused,
            (0, _) => Exit::Failure,
            (_, 0) => Exit::Ok,
            (_, _) => Exit::Partial,
        }
    }
}

/// Tells why the only page of a command failed, and gives the end that this comes to.
pub(crate) fn of_one(command: &str, url: &Url, failure: &impl Failure) -> Exit {
    let problem = Problem::of(failure);
    progress::say(&format!("riptide: {}: {}", redacted(url.as_str()), problem.told(command)));
    let mut tally = Tally::default();
    tally.count_failure(&problem);
    tally.exit()
}

/// Tells an error to the user and gives the exit code.
pub(crate) fn report(result: anyhow::Result<Exit>) -> ExitCode {
    let exit = match result {
        Ok(exit) => exit,
        Err(error) if is_broken_pipe(&error) => Exit::Ok,
        Err(error) => match error.downcast_ref::<clap::Error>() {
            Some(usage) => {
                progress::say(&usage.render().to_string());
                Exit::Usage
            }
            None => {
                progress::say(&format!("riptide: {error:#}"));
                Exit::Failure
            }
        },
    };
    ExitCode::from(exit as u8)
}

/// The reader of the results has seen enough, as `head` does; that is no failure.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let mut causes = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
    causes.any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use riptide::{DialError, FetchError};

    use super::*;

    #[test]
    fn whatever_ran_out_of_time_ends_as_timeout_does() {
        let limit = Duration::from_secs(1);
        let late: [FetchError; 4] = [
            DialError::TimedOut { limit }.into(),
            FetchError::HeadTimeout { limit },
            FetchError::Silence { limit },
            FetchError::Deadline { limit },
        ];
        let mut tally = Tally::default();
        for failure in &late {
            tally.count_failure(&Problem::of(failure));
            assert_eq!(tally.exit(), Exit::Timeout, "{failure}");
        }
        tally.count_failure(&Problem::of(&FetchError::RedirectLoop));
        assert_eq!(tally.exit(), Exit::Failure);
    }
}
