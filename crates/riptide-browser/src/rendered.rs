//! What comes out.

use std::fmt;

use http::HeaderMap;
use riptide_fetch::Refused;
use url::Url;

use crate::Cookie;
use crate::cdp::protocol::StoredCookie;

/// A page after its scripts have run.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// Its URL in the end.
    pub url: Url,
    /// The status of its response (RFC 9110, section 15).
    pub status: u16,
    /// The headers of its response, as Chromium tells them: without cookies.
    pub headers: HeaderMap,
    /// The cookies that responses and scripts set. Those of the request are left out: whoever gave them knows them better.
    pub cookies: Vec<SetCookie>,
    /// The URLs on the way there, each with what led on. The last leads to `url`.
    pub redirects: Vec<Redirect>,
    /// The markup, with its doctype, and with its open shadow trees in place of what they cover.
    pub html: String,
    /// The picture that was asked for.
    pub screenshot: Option<Vec<u8>>,
    /// The PDF that was asked for.
    pub pdf: Option<Vec<u8>>,
    /// What came of each action.
    pub actions: Vec<ActionResult>,
    /// Bytes that were sent and received.
    pub transferred: u64,
    /// The requests that the guard did not let through, each once, 100 at the most.
    pub refused: Vec<RefusedRequest>,
    /// What was not as it should be.
    pub warnings: Vec<Warning>,
}

/// A cookie that a page left.
#[derive(Clone, PartialEq, Eq)]
pub struct SetCookie {
    /// What could have set it: the root, or its path, of its host.
    pub url: Url,
    /// How: a field `Set-Cookie` (RFC 6265, section 4.1). It does not say when the cookie ends.
    pub field: String,
}

impl fmt::Debug for SetCookie {
    /// Without its value: that is a secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.field.split('=').next().unwrap_or_default();
        write!(formatter, "SetCookie({name} of {})", self.url)
    }
}

impl SetCookie {
    /// `None` for one that was `given` with the request, or belongs to no URL.
    pub(crate) fn from_stored(cookie: &StoredCookie, given: &[Cookie]) -> Option<Self> {
        let StoredCookie { name, value, domain, path, secure } = cookie;
        if given.iter().any(|given| given.name == *name && given.value == *value) {
            return None;
        }
        let (scheme, secure) = if *secure { ("https", "; Secure") } else { ("http", "") };
        let host = domain.trim_start_matches('.');
        let domain = if domain.starts_with('.') { format!("; Domain={host}") } else { String::new() };
        Some(Self {
            url: Url::parse(&format!("{scheme}://{host}{path}")).ok()?,
            field: format!("{name}={value}; Path={path}{domain}{secure}"),
        })
    }
}

/// A step from one URL to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// The URL that led on.
    pub from: String,
    /// The status that did; `None`: the page itself, by script or `meta` element.
    pub status: Option<u16>,
}

/// What came of an action.
#[derive(Debug, Clone, PartialEq)]
pub enum ActionResult {
    /// It is done.
    Done,
    /// The picture.
    Screenshot(Vec<u8>),
    /// What the script gave.
    Script(serde_json::Value),
    /// What was waited for did not come in time.
    TimedOut,
}

/// A request that the guard did not let through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRequest {
    /// The URL without its secrets, or the `host:port`, that it was for.
    pub target: String,
    /// Why.
    pub refused: Refused,
}

/// What was not as it should be, though there is a page.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Warning {
    /// What was waited for did not come in time: the page is as it was then.
    StillLoading,
    /// A script of the page that did not end was stopped.
    ScriptStopped,
    /// The page opened a dialog, which was answered at once: a question with no, anything else with yes.
    Dialog {
        /// `alert`, `confirm`, `prompt` or `beforeunload`.
        kind: String,
        /// Its text, shortened.
        text: String,
    },
    /// The page opened another window, which was closed.
    PopupClosed,
    /// The page started a download, which was stopped.
    DownloadStopped {
        /// Of what, without secrets.
        url: String,
    },
    /// The page asked for a password by HTTP, and got none.
    PasswordAsked,
}

impl fmt::Display for Warning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StillLoading => {
                formatter.write_str("what was waited for did not come; the page is as it was then")
            }
            Self::ScriptStopped => formatter.write_str("a script of the page did not end, and was stopped"),
            Self::Dialog { kind, text } => write!(formatter, "the page opened a dialog ({kind}): {text}"),
            Self::PopupClosed => formatter.write_str("the page opened another window, which was closed"),
            Self::DownloadStopped { url } => {
                write!(formatter, "the page started a download, which was stopped: {url}")
            }
            Self::PasswordAsked => formatter.write_str("the page asked for a password, and got none"),
        }
    }
}
