//! What can go wrong, in terms that every crate shares.

/// A step of the data path, named in every error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
pub enum Phase {
    /// Checking the settings before any work.
    Configure,
    /// Getting the bytes of a file.
    Read,
    /// Getting a page from the web.
    Fetch,
    /// Running a page in a browser.
    Render,
    /// Turning bytes into text.
    Decode,
    /// Compiling and checking an extractor component.
    Load,
    /// Waiting for a turn.
    Queue,
    /// Running the extractor.
    Extract,
    /// Handing over the result.
    Write,
}

impl Phase {
    /// The lower-case name, as it appears in logs and answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Configure => "configure",
            Self::Read => "read",
            Self::Fetch => "fetch",
            Self::Render => "render",
            Self::Decode => "decode",
            Self::Load => "load",
            Self::Queue => "queue",
            Self::Extract => "extract",
            Self::Write => "write",
        }
    }
}

/// What every error type of RipTide can tell about itself.
pub trait Failure: std::error::Error {
    /// A stable identifier in kebab-case, such as `deadline-exceeded`.
    fn code(&self) -> &'static str;
    /// The step of the data path that failed.
    fn phase(&self) -> Phase;
    /// Whether the same request may succeed later without a change.
    fn retryable(&self) -> bool;
    /// Whether somebody's rules forbid it: a policy of the operator, or the wishes of a site.
    fn is_refusal(&self) -> bool {
        false
    }
}

/// Why an extractor gave no document; `extraction-error` of the contract.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExtractionError {
    /// The given URL is neither empty nor an absolute URL.
    #[error("`{0}` is not an absolute URL such as `https://example.org/page`")]
    InvalidUrl(String),
    /// A selector of the custom mode does not parse.
    #[error("`{selector}` is not a CSS selector: {message}")]
    InvalidSelector {
        /// The selector as given.
        selector: String,
        /// What is wrong with it.
        message: String,
    },
    /// The document opens with a password alone.
    #[error("the document is encrypted; expected one that opens without a password")]
    Encrypted,
    /// A limit of the extractor itself was reached; the text says which.
    #[error("the extractor stopped at a limit of its own: {0}")]
    LimitExceeded(String),
    /// Anything else that kept the extractor from an answer.
    #[error("the extractor failed: {0}")]
    Failed(String),
}

impl Failure for ExtractionError {
    fn code(&self) -> &'static str {
        match self {
            Self::InvalidUrl(_) => "invalid-url",
            Self::InvalidSelector { .. } => "invalid-selector",
            Self::Encrypted => "encrypted-document",
            Self::LimitExceeded(_) => "extractor-limit",
            Self::Failed(_) => "extractor-failed",
        }
    }

    fn phase(&self) -> Phase {
        Phase::Extract
    }

    fn retryable(&self) -> bool {
        false
    }
}
