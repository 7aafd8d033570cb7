//! What can go wrong.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use riptide_fetch::{DialError, Refused};
use riptide_pool::{BreakerOpen, InvalidBreaker, Refusal};
use riptide_types::{Failure, Phase};

use crate::cdp::CdpError;

/// Why there is no rendered page, or no browser. URLs in it are without their secrets.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BrowserError {
    /// There is no Chromium.
    #[error(
        "no Chromium found: {searched}; install it (Debian, Ubuntu: `apt-get install chromium`) or name its program"
    )]
    NotFound {
        /// Where it was looked for.
        searched: String,
    },
    /// A setting is out of its range.
    #[error("`{field}` of the browser pool is {value}; expected {allowed}")]
    InvalidConfig {
        /// The field of [`BrowserConfig`](crate::BrowserConfig).
        field: &'static str,
        /// What it holds.
        value: String,
        /// What it may hold.
        allowed: &'static str,
    },
    /// A part of a request cannot be understood.
    #[error("`{field}` of the page to render: {problem}")]
    InvalidRequest {
        /// The field of [`RenderRequest`](crate::RenderRequest).
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The folder for the browsers' profiles cannot be used.
    #[error("the folder `{}` for browser profiles cannot be used: {source}", path.display())]
    Profiles {
        /// The folder.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The operating system gives no thread.
    #[error("no thread for the browser pool: {0}")]
    Thread(#[source] io::Error),
    /// Chromium does not start, or does not answer.
    #[error("Chromium does not start: {message}")]
    Launch {
        /// What it says, or what the operating system says.
        message: String,
    },
    /// Chromium cannot protect itself here, and [`SandboxRule::Required`](crate::SandboxRule::Required) wants it to.
    #[error(
        "Chromium's own sandbox cannot be used here (as root, or without user namespaces), and it is required"
    )]
    NoSandbox,
    /// There is no room in the pool.
    #[error(transparent)]
    Queue(#[from] Refusal),
    /// Browsers keep failing to start.
    #[error(transparent)]
    Breaker(#[from] BreakerOpen),
    /// The outbound guard does not let the page through, or a page that it leads to.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// There is no connection to the page's host.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// Where the page led to, by redirects or by itself, there is none that may be shown.
    #[error("a redirect led to `{url}`: {error}")]
    Redirected {
        /// Where it led to.
        url: String,
        /// What is wrong there.
        error: Box<BrowserError>,
    },
    /// The page cannot be loaded.
    #[error("`{url}` cannot be loaded: {reason}")]
    Navigation {
        /// Its URL.
        url: String,
        /// What Chromium says, such as `net::ERR_EMPTY_RESPONSE`.
        reason: String,
    },
    /// The URL leads to a file that a browser saves rather than shows.
    #[error("`{url}` is a download, not a page")]
    Download {
        /// The file's URL.
        url: String,
    },
    /// The page was not done in time.
    #[error("the page was not done within {} ms; it was {stage}", limit.as_millis())]
    DeadlineExceeded {
        /// The limit.
        limit: Duration,
        /// What it was at, such as `loading`.
        stage: &'static str,
    },
    /// The page's process died.
    #[error("the page crashed")]
    PageCrashed,
    /// The browser died.
    #[error("the browser died while it ran the page")]
    BrowserDied,
    /// The pool is shut down.
    #[error("the browser pool is shut down")]
    ShutDown,
    /// The page moved more bytes than it may.
    #[error("the page moved more than {limit} bytes over the network")]
    OverBudget {
        /// The limit.
        limit: u64,
    },
    /// What the page gives is larger than allowed.
    #[error("the page's {what} is larger than {limit} bytes")]
    TooLarge {
        /// What is: `markup`, `screenshot`, `PDF`, `script's answer`.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// This is not a CSS selector.
    #[error("`{selector}` is not a CSS selector")]
    InvalidSelector {
        /// The selector as given.
        selector: String,
    },
    /// An action names an element that the page does not have, or does not show.
    #[error("action {number}: no visible element of the page fits `{selector}`")]
    NoElement {
        /// Which action, from 1.
        number: usize,
        /// The selector.
        selector: String,
    },
    /// A script is to be run, and that is not allowed.
    #[error("action {number}: running scripts is not allowed by the configuration")]
    ScriptsNotAllowed {
        /// Which action, from 1.
        number: usize,
    },
    /// A script threw an error.
    #[error("action {number}: the script failed: {message}")]
    ScriptFailed {
        /// Which action, from 1.
        number: usize,
        /// What it threw.
        message: String,
    },
    /// Chromium does not do what is asked of it, or answers in an unknown form.
    #[error("Chromium and RipTide do not understand each other: {message}")]
    Protocol {
        /// The command, and what was wrong.
        message: String,
    },
}

impl Failure for BrowserError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "browser-not-found",
            Self::InvalidConfig { .. } => "invalid-browser-config",
            Self::InvalidRequest { .. } => "invalid-render-request",
            Self::Profiles { .. } => "browser-profiles",
            Self::Thread(_) => "no-thread",
            Self::Launch { .. } => "browser-launch-failed",
            Self::NoSandbox => "browser-no-sandbox",
            Self::Queue(refusal) => refusal.code(),
            Self::Breaker(open) => open.code(),
            Self::Refused(refused) => refused.code(),
            Self::Dial(error) => error.code(),
            Self::Redirected { error, .. } => error.code(),
            Self::Navigation { .. } => "navigation-failed",
            Self::Download { .. } => "page-is-download",
            Self::DeadlineExceeded { .. } => "render-deadline-exceeded",
            Self::PageCrashed => "page-crashed",
            Self::BrowserDied => "browser-died",
            Self::ShutDown => "pool-closed",
            Self::OverBudget { .. } => "render-over-budget",
            Self::TooLarge { .. } => "render-too-large",
            Self::InvalidSelector { .. } => "invalid-selector",
            Self::NoElement { .. } => "element-not-found",
            Self::ScriptsNotAllowed { .. } => "scripts-not-allowed",
            Self::ScriptFailed { .. } => "script-failed",
            Self::Protocol { .. } => "browser-protocol",
        }
    }

    fn phase(&self) -> Phase {
        match self {
            Self::NotFound { .. }
            | Self::InvalidConfig { .. }
            | Self::Profiles { .. }
            | Self::Thread(_)
            | Self::NoSandbox => Phase::Configure,
            Self::Queue(refusal) => refusal.phase(),
            Self::Breaker(open) => open.phase(),
            Self::Refused(refused) => refused.phase(),
            Self::Dial(error) => error.phase(),
            Self::Redirected { error, .. } => error.phase(),
            _ => Phase::Render,
        }
    }

    fn retryable(&self) -> bool {
        match self {
            Self::Queue(refusal) => refusal.retryable(),
            Self::Breaker(open) => open.retryable(),
            Self::Refused(refused) => refused.retryable(),
            Self::Dial(error) => error.retryable(),
            Self::Redirected { error, .. } => error.retryable(),
            Self::Launch { .. }
            | Self::Thread(_)
            | Self::Navigation { .. }
            | Self::DeadlineExceeded { .. }
            | Self::PageCrashed
            | Self::BrowserDied
            | Self::Protocol { .. } => true,
            _ => false,
        }
    }

    fn is_refusal(&self) -> bool {
        match self {
            Self::Refused(refused) => refused.is_refusal(),
            Self::Dial(error) => error.is_refusal(),
            Self::Redirected { error, .. } => error.is_refusal(),
            _ => false,
        }
    }
}

impl From<InvalidBreaker> for BrowserError {
    fn from(invalid: InvalidBreaker) -> Self {
        Self::Protocol { message: invalid.to_string() }
    }
}

impl From<CdpError> for BrowserError {
    fn from(error: CdpError) -> Self {
        match error {
            CdpError::Closed => Self::BrowserDied,
            error => Self::Protocol { message: error.to_string() },
        }
    }
}
