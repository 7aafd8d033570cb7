//! The settings of a pool.

use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

use riptide_pool::Shares;

use crate::BrowserError;

const MIB: u64 = 1024 * 1024;

/// How a [`BrowserPool`](crate::BrowserPool) works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserConfig {
    /// Chromium's program; `None`: the first that is found, see [`find_chromium`](crate::find_chromium).
    pub program: Option<PathBuf>,
    /// The folder that holds the browsers' profiles while they run, this user's own. `None`: one in the system's folder for
    /// temporary files.
    pub profiles: Option<PathBuf>,
    /// Whether Chromium has to run in its own sandbox.
    pub sandbox: SandboxRule,
    /// How many browsers there may be. Each renders one page at a time.
    pub browsers: NonZero<usize>,
    /// How many are kept running even when there is nothing to do, `browsers` at the most.
    pub warm: usize,
    /// How many pages of one tenant may wait for a browser.
    pub queue: usize,
    /// What each tenant may use of the pool.
    pub shares: Shares,
    /// A browser that has rendered this many pages is replaced.
    pub max_uses: NonZero<u32>,
    /// A browser of this age is replaced.
    pub max_age: Duration,
    /// A browser whose processes hold more bytes of memory for themselves is replaced after its page. Known on Linux only.
    pub max_memory: u64,
    /// How often browsers that wait are tried with a page whose content is known.
    pub health_interval: Duration,
    /// How long a browser may take to start and render its first page.
    pub launch_limit: Duration,
    /// How long a browser may take to end: asked through the pipe, then by SIGTERM, then by SIGKILL. 5 s at the most.
    pub close_limit: Duration,
    /// How browsers introduce themselves where a request says nothing else. `None`: as Chromium does.
    pub user_agent: Option<String>,
    /// Whether [`Action::Script`](crate::Action::Script) is allowed.
    pub scripts: bool,
    /// Bytes that one page may send and receive, together.
    pub max_transfer: u64,
    /// Bytes of a page's markup, of one picture and of one PDF.
    pub max_output: usize,
}

impl Default for BrowserConfig {
    fn default() -> Self {
        Self {
            program: None,
            profiles: None,
            sandbox: SandboxRule::default(),
            browsers: NonZero::<usize>::MIN.saturating_add(1),
            warm: 1,
            queue: 64,
            shares: Shares::default(),
            max_uses: NonZero::<u32>::MIN.saturating_add(99),
            max_age: Duration::from_mins(30),
            max_memory: 1024 * MIB,
            health_interval: Duration::from_secs(30),
            launch_limit: Duration::from_secs(20),
            close_limit: Duration::from_secs(5),
            user_agent: None,
            scripts: false,
            max_transfer: 128 * MIB,
            max_output: 32 * MIB as usize,
        }
    }
}

/// Whether Chromium has to run in its own sandbox, which keeps what takes over a page's process from the rest of the
/// system.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum SandboxRule {
    /// It does wherever it can: neither as root nor without user namespaces.
    #[default]
    WherePossible,
    /// It does, or does not run at all.
    Required,
}

impl BrowserConfig {
    pub(crate) fn check(&self) -> Result<(), BrowserError> {
        let invalid = |field, value: String, allowed| BrowserError::InvalidConfig { field, value, allowed };
        if self.warm > self.browsers.get() {
            return Err(invalid("warm", self.warm.to_string(), "0 to `browsers`"));
        }
        let times = [
            ("max_age", self.max_age, Duration::from_secs(1), Duration::from_hours(24), "1 s to 1 day"),
            (
                "health_interval",
                self.health_interval,
                Duration::from_millis(100),
                Duration::from_hours(1),
                "100 ms to 1 h",
            ),
            (
                "launch_limit",
                self.launch_limit,
                Duration::from_secs(1),
                Duration::from_mins(5),
                "1 s to 5 min",
            ),
            (
                "close_limit",
                self.close_limit,
                Duration::from_millis(100),
                Duration::from_secs(5),
                "100 ms to 5 s",
            ),
        ];
        for (field, value, shortest, longest, allowed) in times {
            if value < shortest || value > longest {
                return Err(invalid(field, format!("{value:?}"), allowed));
            }
        }
        if self.max_output == 0 || self.max_output > 32 * MIB as usize {
            return Err(invalid("max_output", self.max_output.to_string(), "1 byte to 32 MiB"));
        }
        Ok(())
    }
}
