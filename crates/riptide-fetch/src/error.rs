//! Why there is no page.

use std::time::Duration;

use riptide_events::redacted;
use riptide_types::{Failure, Phase};
use url::Url;

use crate::{DialError, Refused};

/// Why a URL gave no response that can be used. The texts may be shown to whoever asked for the page; they tell nothing of
/// the network that RipTide runs in.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// There is no connection: refused by the guard, or not to be had.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// The site asks crawlers to leave this page alone (RFC 9309).
    #[error(
        "the site's robots.txt does not allow this page for `{agent}`; ask its owner, or switch robots.txt off"
    )]
    RobotsDisallowed {
        /// The product token that the rules were asked for.
        agent: String,
    },
    /// Nobody could tell what the site asks of crawlers, which counts as a refusal (RFC 9309, section 2.3.1.4).
    #[error("the site's robots.txt cannot be read ({problem}), so its pages are left alone; try again later")]
    RobotsUnreachable {
        /// What came instead of it.
        problem: String,
    },
    /// A TLS connection could not be agreed on.
    #[error("no secure connection: {problem}")]
    Tls {
        /// What the TLS library says.
        problem: String,
    },
    /// What the server sends is not HTTP, or breaks off before the end of the head.
    #[error("the server does not answer in HTTP: {problem}")]
    Protocol {
        /// What the HTTP library says.
        problem: String,
    },
    /// The connection ends before there is an answer.
    #[error("the server ends the connection without an answer: {problem}")]
    Disconnected {
        /// What the HTTP library or the operating system says.
        problem: String,
    },
    /// The head of the response is too large.
    #[error("the head of the response exceeds {limit} bytes")]
    HeadTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// There was no whole head in time.
    #[error("no answer within {} ms", limit.as_millis())]
    HeadTimeout {
        /// The limit.
        limit: Duration,
    },
    /// The body stopped flowing.
    #[error("the body paused for more than {} ms", limit.as_millis())]
    Silence {
        /// The longest pause that is waited for.
        limit: Duration,
    },
    /// The response was not complete in time.
    #[error("the response was not complete within {} ms", limit.as_millis())]
    Deadline {
        /// The limit for everything but the waiting for a turn.
        limit: Duration,
    },
    /// The body is too large, after decompression.
    #[error("the body exceeds {limit} bytes after decompression; raise the limit, or leave this page out")]
    BodyTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The body unpacks to so much more than was sent that it must have been made to do harm.
    #[error("the body unpacks to more than {ratio} times its size, which no page does")]
    CompressionBomb {
        /// The ratio that is allowed.
        ratio: u64,
    },
    /// The body is packed in a way that nobody asked for.
    #[error("the body's coding `{coding}` is not known; gzip, deflate, br and zstd are")]
    UnknownCoding {
        /// What the response calls it.
        coding: String,
    },
    /// The body is not packed as its head says.
    #[error("the body cannot be unpacked: {problem}")]
    Undecodable {
        /// What the library for its coding says.
        problem: String,
    },
    /// What the response says to be is nothing that a document can be made of.
    #[error("`{content_type}` is nothing that a document is made of; pages, feeds, PDF and text are")]
    Unsupported {
        /// Its `Content-Type`, shortened.
        content_type: String,
    },
    /// The connection was closed before the first byte of the body.
    #[error("the body breaks off: {problem}")]
    Truncated {
        /// What the HTTP library says.
        problem: String,
    },
    /// A redirect leads nowhere that could be fetched.
    #[error("the redirect to `{location}` cannot be followed: {problem}")]
    InvalidRedirect {
        /// Where it leads to, shortened.
        location: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The redirects lead in a circle.
    #[error("the redirects lead in a circle")]
    RedirectLoop,
    /// There is one redirect too many.
    #[error("more than {limit} redirects")]
    TooManyRedirects {
        /// How many are followed.
        limit: usize,
    },
    /// Where a redirect led to, something went wrong.
    #[error("a redirect led to `{url}`: {error}")]
    Redirected {
        /// Where it led to, [`redacted`].
        url: String,
        /// What went wrong there.
        error: Box<FetchError>,
    },
    /// A header that was asked for cannot be sent.
    #[error("the header `{name}` cannot be sent: {problem}")]
    InvalidHeader {
        /// Its name.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
}

impl FetchError {
    /// The same, which happened at a URL that a redirect led to.
    #[must_use]
    pub fn redirected_to(self, url: &Url) -> Self {
        Self::Redirected { url: redacted(url.as_str()), error: Box::new(self) }
    }

    /// What went wrong, wherever that was.
    pub(crate) fn cause(&self) -> &Self {
        match self {
            Self::Redirected { error, .. } => error.cause(),
            other => other,
        }
    }
}

impl From<Refused> for FetchError {
    fn from(refused: Refused) -> Self {
        Self::Dial(DialError::Refused(refused))
    }
}

impl Failure for FetchError {
    fn code(&self) -> &'static str {
        match self {
            Self::Dial(error) => error.code(),
            Self::RobotsDisallowed { .. } => "robots-disallowed",
            Self::RobotsUnreachable { .. } => "robots-unreachable",
            Self::Tls { .. } => "tls-failed",
            Self::Protocol { .. } => "not-http",
            Self::Disconnected { .. } => "connection-lost",
            Self::HeadTooLarge { .. } => "head-too-large",
            Self::HeadTimeout { .. } => "head-timeout",
            Self::Silence { .. } => "body-timeout",
            Self::Deadline { .. } => "fetch-timeout",
            Self::BodyTooLarge { .. } => "body-too-large",
            Self::CompressionBomb { .. } => "compression-bomb",
            Self::UnknownCoding { .. } => "unknown-coding",
            Self::Undecodable { .. } => "undecodable",
            Self::Unsupported { .. } => "unsupported-content",
            Self::Truncated { .. } => "body-truncated",
            Self::InvalidRedirect { .. } => "invalid-redirect",
            Self::RedirectLoop => "redirect-loop",
            Self::TooManyRedirects { .. } => "too-many-redirects",
            Self::Redirected { error, .. } => error.code(),
            Self::InvalidHeader { .. } => "invalid-header",
        }
    }

    fn phase(&self) -> Phase {
        match self {
            Self::Redirected { error, .. } => error.phase(),
            Self::InvalidHeader { .. } => Phase::Configure,
            _ => Phase::Fetch,
        }
    }

    fn retryable(&self) -> bool {
        match self {
            Self::Dial(error) => error.retryable(),
            Self::Redirected { error, .. } => error.retryable(),
            Self::RobotsUnreachable { .. }
            | Self::Protocol { .. }
            | Self::Disconnected { .. }
            | Self::HeadTimeout { .. }
            | Self::Silence { .. }
            | Self::Deadline { .. }
            | Self::Truncated { .. } => true,
            _ => false,
        }
    }

    fn is_refusal(&self) -> bool {
        match self {
            Self::Dial(error) => error.is_refusal(),
            Self::Redirected { error, .. } => error.is_refusal(),
            Self::RobotsDisallowed { .. } | Self::RobotsUnreachable { .. } => true,
            _ => false,
        }
    }
}
