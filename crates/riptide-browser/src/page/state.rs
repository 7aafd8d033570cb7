//! What is known of a page from what its browser tells.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use http::HeaderMap;
use riptide_fetch::Refused;
use tokio::time::Instant;
use url::Url;

use crate::cdp::events::{Frame, RequestWillBeSent, Response};
use crate::{Block, BrowserError, Redirect, Warning};

/// Redirects and warnings that are kept.
const MOST_KEPT: usize = 50;

/// What a page may load, and how.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    /// The page that was asked for: its origin gets the headers.
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) block: Block,
}

/// Why nothing more will come of a page.
#[derive(Debug, Clone)]
pub(super) enum End {
    Crashed,
    BrowserDied,
    Download(String),
}

impl From<End> for BrowserError {
    fn from(end: End) -> Self {
        match end {
            End::Crashed => Self::PageCrashed,
            End::BrowserDied => Self::BrowserDied,
            End::Download(url) => Self::Download { url },
        }
    }
}

/// The state of a page.
#[derive(Debug, Default)]
pub(super) struct State {
    /// The page's target, which is also the name of its main frame.
    pub(super) target: String,
    pub(super) session: String,
    /// The sessions of its frames in other processes, and of its workers.
    pub(super) children: HashSet<String>,
    /// Requests under way by session and number, with the document that they belong to.
    in_flight: HashMap<(String, String), String>,
    /// Since when there are none.
    quiet_since: Option<Instant>,
    pub(super) parsed: bool,
    pub(super) loaded: bool,
    /// Something in the page asked for another document in the main frame, of which no request is known yet.
    leaving: bool,
    /// A document of the main frame that is on its way.
    pending: Option<Document>,
    /// The URL that was asked for last in the main frame.
    pub(super) asked: String,
    /// The one that is there.
    pub(super) committed: Option<Document>,
    pub(super) redirects: Vec<Redirect>,
    /// The guard's word on a document that was asked for before there was one, and its URL.
    pub(super) refused: Option<(String, Refused)>,
    pub(super) end: Option<End>,
    pub(super) warnings: Vec<Warning>,
}

/// A document of the main frame.
#[derive(Debug, Default)]
pub(super) struct Document {
    loader: String,
    pub(super) url: String,
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    /// The URL that could not be loaded, if this is Chromium's page that says so.
    pub(super) unreachable: Option<String>,
    redirects: Vec<Redirect>,
}

impl State {
    /// Whether a session is the page's own or of one of its frames and workers.
    pub(super) fn owns(&self, session: &str) -> bool {
        !session.is_empty() && (self.session == session || self.children.contains(session))
    }

    pub(super) fn warn(&mut self, warning: Warning) {
        if self.warnings.len() < MOST_KEPT && !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    pub(super) fn begin(&mut self, session: &str, event: &RequestWillBeSent<'_>) {
        let is_main = event.r#type == "Document"
            && event.frame_id.as_deref() == Some(&self.target)
            && event.request_id == event.loader_id;
        if is_main {
            self.navigate(event);
        }
        // These stay open by design.
        if !matches!(&*event.r#type, "EventSource" | "Ping") {
            let key = (session.to_owned(), event.request_id.clone());
            self.in_flight.insert(key, event.loader_id.clone().into_owned());
            self.quiet_since = None;
        }
    }

    fn navigate(&mut self, event: &RequestWillBeSent<'_>) {
        self.leaving = false;
        let pending = match &mut self.pending {
            Some(pending) if pending.loader == event.request_id => pending,
            pending => pending.insert(Document { loader: event.request_id.clone(), ..Document::default() }),
        };
        if let Some(response) = &event.redirect_response {
            let redirect = Redirect { from: response.url.to_string(), status: Some(response.status) };
            pending.redirects.push(redirect);
        }
        pending.url = event.request.url.to_string();
        self.asked.clone_from(&pending.url);
    }

    pub(super) fn respond(&mut self, request: &str, response: &Response<'_>) {
        let documents = [self.pending.as_mut(), self.committed.as_mut()];
        if let Some(document) = documents.into_iter().flatten().find(|document| document.loader == request) {
            document.status = response.status;
            document.headers = header_map(response);
        }
    }

    pub(super) fn finish(&mut self, session: &str, request: String) {
        self.in_flight.remove(&(session.to_owned(), request));
        self.watch_quiet();
    }

    /// A request that did not come through. A document among them leaves the one that is there in place.
    pub(super) fn fail(&mut self, session: &str, request: String) {
        self.pending.take_if(|pending| pending.loader == request);
        self.finish(session, request);
    }

    /// A document of the main frame replaces the one before it, with all its requests.
    pub(super) fn commit(&mut self, frame: Frame) {
        let arrived = self.pending.take_if(|pending| pending.loader == frame.loader_id);
        let mut arrived =
            arrived.unwrap_or_else(|| Document { loader: frame.loader_id.clone(), ..Document::default() });
        arrived.unreachable = frame.unreachable_url;
        if let Some(before) = self.committed.take() {
            self.redirects.push(Redirect { from: before.url, status: None });
        }
        self.redirects.append(&mut arrived.redirects);
        self.redirects.truncate(MOST_KEPT);
        let session = self.session.clone();
        self.in_flight.retain(|(of, request), loader| {
            *of != session || *loader == frame.loader_id || *request == frame.loader_id
        });
        self.committed = Some(arrived);
        (self.parsed, self.loaded, self.leaving) = (false, false, false);
        self.watch_quiet();
    }

    pub(super) fn detach(&mut self, session: &str) {
        if self.children.remove(session) {
            self.in_flight.retain(|(of, _), _| of != session);
            self.watch_quiet();
        }
    }

    /// Something in the page asks for another document in a frame.
    pub(super) fn leave(&mut self, frame: &str) {
        self.leaving |= frame == self.target;
    }

    /// A frame loads no more: nothing comes of what was asked for.
    pub(super) fn stay(&mut self, frame: &str) {
        self.leaving &= frame != self.target;
    }

    /// Quiet is counted from now on.
    pub(super) fn stir(&mut self) {
        self.quiet_since = self.in_flight.is_empty().then(Instant::now);
    }

    /// How much longer there must be no request for `quiet` to be over; `None` while there are some.
    pub(super) fn quiet_left(&self, quiet: Duration, now: Instant) -> Option<Duration> {
        let since = self.quiet_since.filter(|_| self.parsed && !self.leaving && self.pending.is_none())?;
        Some(quiet.saturating_sub(now.saturating_duration_since(since)))
    }

    fn watch_quiet(&mut self) {
        if self.in_flight.is_empty() {
            self.quiet_since.get_or_insert_with(Instant::now);
        }
    }

    /// The document is parsed. What was quiet before does not count.
    pub(super) fn parsed(&mut self) {
        self.parsed = true;
        self.stir();
    }
}

/// What cannot be a header by RFC 9110 is left out. Chromium joins headers of one name by line feeds.
fn header_map(response: &Response<'_>) -> HeaderMap {
    let pairs = response.headers.iter().flat_map(|(name, values)| {
        values.split('\n').filter_map(|value| Some((name.parse().ok()?, value.trim().parse().ok()?)))
    });
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let name: http::HeaderName = name;
        // Chromium bounds the size of all headers; a map that is full keeps what it has.
        let _ = headers.try_append(name, value);
    }
    headers
}
