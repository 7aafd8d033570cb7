//! What can go wrong with a runtime or a page.

use std::io;
use std::path::PathBuf;

use riptide_browser::BrowserError;
use riptide_fetch::{FetchError, is_passing_status};
use riptide_html::encoding::DecodeError;
use riptide_sandbox::SandboxError;
use riptide_types::{ContentKind, ExtractionError, Failure, Phase};

/// Why there is no runtime, or no document.
///
/// Each error about a page holds the page's URL without its secrets; see [`Error::url`]. The messages leave it out, since callers know a
/// page by a name of their own as well, such as a path.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The sandbox or the component could not be made ready.
    #[error(transparent)]
    Setup(#[from] SandboxError),
    /// A configuration file or a component that it names cannot be read.
    #[error("{}: cannot be read: {error}", path.display())]
    UnreadableFile {
        /// Which file.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
    /// A configuration file says what it cannot mean.
    #[error("{}:{line}: {problem}", path.display())]
    InvalidConfig {
        /// Which file.
        path: PathBuf,
        /// Which line of it, counted from 1.
        line: usize,
        /// What is wrong, and what would be right.
        problem: String,
    },
    /// A component that a configuration file names could not be made ready.
    #[error("{}: {error}", path.display())]
    Component {
        /// Its file.
        path: PathBuf,
        /// Why.
        error: SandboxError,
    },
    /// The page exceeds [`Limits::input`](crate::Limits::input).
    #[error(
        "the page is larger than the input limit of {limit} bytes; raise the limit or give a smaller page"
    )]
    InputTooLarge {
        /// The page's URL, [`redacted`](crate::redacted), or empty.
        url: String,
        /// Bytes allowed.
        limit: usize,
    },
    /// The page could not be fetched.
    #[error("{error}")]
    Fetch {
        /// Its URL, [`redacted`](crate::redacted).
        url: String,
        /// Why.
        error: FetchError,
    },
    /// The page could not be run in a browser.
    #[error("{error}")]
    Browser {
        /// Its URL, [`redacted`](crate::redacted).
        url: String,
        /// Why.
        error: BrowserError,
    },
    /// The server gave no page, but a status that says why.
    #[error("the server answered with the status {status} and no page")]
    Status {
        /// The page's URL, [`redacted`](crate::redacted).
        url: String,
        /// The status code (RFC 9110, section 15).
        status: u16,
    },
    /// There are no bytes, or they are no text.
    #[error("{error}")]
    Decode {
        /// The page's URL, [`redacted`](crate::redacted), or empty.
        url: String,
        /// What they are instead.
        error: DecodeError,
    },
    /// What is to be explained is no HTML: only the choice of a page's main content is explained.
    #[error("this is {}; only HTML pages can be explained", called(*kind))]
    NotHtml {
        /// The page's URL, [`redacted`](crate::redacted), or empty.
        url: String,
        /// What it is.
        kind: ContentKind,
    },
    /// The sandboxed extractor gave no document.
    #[error("{error}")]
    Sandbox {
        /// The page's URL, [`redacted`](crate::redacted), or empty.
        url: String,
        /// Why.
        error: SandboxError,
    },
    /// The native extractor gave no document.
    #[error("{error}")]
    Extraction {
        /// The page's URL, [`redacted`](crate::redacted), or empty.
        url: String,
        /// Why.
        error: ExtractionError,
    },
    /// The native extractor panicked: a defect of RipTide that this page brings out.
    #[error("the native extractor panicked: {message}")]
    Panicked {
        /// The page's URL, [`redacted`](crate::redacted), or empty.
        url: String,
        /// The text of the panic.
        message: String,
    },
}

/// A kind of content, as a sentence names it.
fn called(kind: ContentKind) -> &'static str {
    match kind {
        ContentKind::Html | ContentKind::Xhtml => "an HTML page",
        ContentKind::Feed => "a feed",
        ContentKind::Xml => "XML",
        ContentKind::Text => "plain text",
        ContentKind::Markdown => "Markdown",
        ContentKind::Json => "JSON",
        ContentKind::Pdf => "a PDF document",
        ContentKind::Image => "a picture",
        _ => "no document",
    }
}

impl Error {
    /// The URL of the page that the error is about, [`redacted`](crate::redacted), if it is about one and its URL was
    /// given.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        match self {
            Self::Setup(_)
            | Self::UnreadableFile { .. }
            | Self::InvalidConfig { .. }
            | Self::Component { .. } => None,
            Self::InputTooLarge { url, .. }
            | Self::Fetch { url, .. }
            | Self::Browser { url, .. }
            | Self::Status { url, .. }
            | Self::Decode { url, .. }
            | Self::NotHtml { url, .. }
            | Self::Sandbox { url, .. }
            | Self::Extraction { url, .. }
            | Self::Panicked { url, .. } => Some(url.as_str()).filter(|url| !url.is_empty()),
        }
    }
}

impl Failure for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::UnreadableFile { .. } => "unreadable-file",
            Self::InvalidConfig { .. } => "invalid-config",
            Self::InputTooLarge { .. } => "input-too-large",
            Self::Status { .. } => "http-status",
            Self::NotHtml { .. } => "not-html",
            Self::Panicked { .. } => "extractor-panicked",
            Self::Fetch { error, .. } => error.code(),
            Self::Browser { error, .. } => error.code(),
            Self::Decode { error, .. } => error.code(),
            Self::Setup(error) | Self::Component { error, .. } | Self::Sandbox { error, .. } => error.code(),
            Self::Extraction { error, .. } => error.code(),
        }
    }

    fn phase(&self) -> Phase {
        match self {
            Self::UnreadableFile { .. } | Self::InvalidConfig { .. } => Phase::Configure,
            Self::InputTooLarge { .. } => Phase::Read,
            Self::Panicked { .. } => Phase::Extract,
            Self::Status { .. } => Phase::Fetch,
            Self::NotHtml { .. } => Phase::Decode,
            Self::Fetch { error, .. } => error.phase(),
            Self::Browser { error, .. } => error.phase(),
            Self::Decode { error, .. } => error.phase(),
            Self::Setup(error) | Self::Component { error, .. } | Self::Sandbox { error, .. } => error.phase(),
            Self::Extraction { error, .. } => error.phase(),
        }
    }

    fn retryable(&self) -> bool {
        match self {
            Self::UnreadableFile { .. }
            | Self::InvalidConfig { .. }
            | Self::InputTooLarge { .. }
            | Self::NotHtml { .. }
            | Self::Panicked { .. } => false,
            Self::Status { status, .. } => is_passing_status(*status),
            Self::Fetch { error, .. } => error.retryable(),
            Self::Browser { error, .. } => error.retryable(),
            Self::Decode { error, .. } => error.retryable(),
            Self::Setup(error) | Self::Component { error, .. } | Self::Sandbox { error, .. } => {
                error.retryable()
            }
            Self::Extraction { error, .. } => error.retryable(),
        }
    }

    fn is_refusal(&self) -> bool {
        match self {
            Self::Fetch { error, .. } => error.is_refusal(),
            Self::Browser { error, .. } => error.is_refusal(),
            _ => false,
        }
    }
}
