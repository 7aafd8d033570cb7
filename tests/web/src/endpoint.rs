use std::io;

use crate::exchange::Exchange;

/// A path of the site.
#[derive(Debug, Clone, Copy)]
pub struct Endpoint {
    /// The path, with a leading slash. It is also the endpoint's name.
    pub path: &'static str,
    /// What happens there.
    pub what: &'static str,
    /// How reading it should end, for a reader that follows redirects, tries again, and renders pages that scripts build.
    pub expected: Expected,
    pub(crate) answer: Answer,
}

/// How reading an endpoint should end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expected {
    /// A page whose content has these words; no browser is needed.
    Page(&'static str),
    /// A page whose content has these words once its scripts have run, and not before.
    Rendered(&'static str),
    /// A page whose content has these words, which stand in the data for its scripts: no browser is needed.
    Embedded(&'static str),
    /// A document that is not HTML, with this media type and these words in it.
    Document(&'static str, &'static str),
    /// An answer with this status, and no page.
    Status(u16),
    /// A part of a page, which is known to be a part.
    Truncated,
    /// The outbound guard does not let the reader go on.
    Refused,
    /// Content that is no text, such as an image, an archive or a download.
    Unsupported,
    /// No answer, or none that can be used.
    Fault(Fault),
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The answer takes longer than anybody waits.
    Timeout,
    /// The body, as it is or decoded, is larger than anybody keeps.
    BodyTooLarge,
    /// The header fields are too many or too long.
    HeadTooLarge,
    /// Redirects lead in a circle or do not end.
    TooManyRedirects,
    /// A redirect names no URL, or several.
    InvalidRedirect,
    /// What comes is no HTTP.
    Malformed,
    /// The body is not in the content coding that it claims.
    Undecodable,
    /// The connection ends without an answer.
    Disconnected,
    /// The page's script does not end, and has shown nothing.
    ScriptTimeout,
    /// The page's script takes more memory than there is, and has shown nothing.
    ScriptCrash,
}

/// Answers one request. An error means that the other side is gone.
pub(crate) type Run = fn(&mut Exchange<'_>) -> io::Result<()>;

/// What the site does when a path is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Answer {
    /// Sends a page with a status of 200.
    Html(&'static str),
    /// Sends these bytes and nothing else, then closes the connection. Lines of the head may end in a plain line feed.
    Raw(&'static str),
    /// Does whatever the function does.
    Run(Run),
}

pub(crate) const fn html(
    path: &'static str,
    what: &'static str,
    expected: Expected,
    page: &'static str,
) -> Endpoint {
    Endpoint { path, what, expected, answer: Answer::Html(page) }
}

pub(crate) const fn raw(
    path: &'static str,
    what: &'static str,
    expected: Expected,
    bytes: &'static str,
) -> Endpoint {
    Endpoint { path, what, expected, answer: Answer::Raw(bytes) }
}

pub(crate) const fn run(path: &'static str, what: &'static str, expected: Expected, answer: Run) -> Endpoint {
    Endpoint { path, what, expected, answer: Answer::Run(answer) }
}
