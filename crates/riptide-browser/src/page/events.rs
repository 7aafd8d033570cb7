//! Hears what a browser tells of a page, and answers what cannot wait.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use riptide_events::redacted;
use riptide_fetch::Guard;
use tokio::sync::Notify;
use url::Url;

use super::state::{End, Rules, State};
use crate::Warning;
use crate::cdp::events::{
    Attached, AuthRequired, Detached, DialogOpening, DownloadWillBegin, FrameNavigated, LoadingFailed,
    LoadingFinished, NavigationRequested, NavigationScheduled, RequestPaused, RequestWillBeSent,
    ResponseReceived, StoppedLoading,
};
use crate::cdp::protocol::{
    AuthAnswer, CloseTarget, ContinueRequest, ContinueWithAuth, EnableFetch, EnableNetwork, FailRequest,
    HandleDialog, HeaderEntry, RunIfWaiting, SetAutoAttach, SetUserAgent,
};
use crate::cdp::{Connection, Message};
use crate::proxy::Ledger;

/// How much of a dialog's text is told.
const SHOWN: usize = 200;

/// A page, from the browser's side.
pub(crate) struct Page {
    pub(super) connection: Connection,
    pub(super) context: String,
    pub(super) rules: Rules,
    pub(super) guard: Guard,
    pub(super) ledger: Arc<Ledger>,
    /// How frames and workers introduce themselves, where it is not as Chromium does.
    pub(super) user_agent: Option<String>,
    state: Mutex<State>,
    pub(super) changed: Notify,
}

impl Page {
    pub(crate) fn new(
        connection: Connection,
        context: String,
        rules: Rules,
        guard: Guard,
        ledger: Arc<Ledger>,
        user_agent: Option<String>,
    ) -> Self {
        let (state, changed) = (Mutex::default(), Notify::new());
        Self { connection, context, rules, guard, ledger, user_agent, state, changed }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The browser is gone.
    pub(crate) fn browser_died(&self) {
        self.state().end.get_or_insert(End::BrowserDied);
        self.changed.notify_one();
    }

    /// Takes note of an event.
    pub(crate) fn hear(&self, message: &Message<'_>) {
        let session = message.session;
        match message.method {
            "Target.attachedToTarget" => self.attached(session, message),
            "Browser.downloadWillBegin" => self.download(message),
            _ if !self.state().owns(session) => return,
            "Target.detachedFromTarget" => {
                if let Some(Detached { session_id }) = message.read() {
                    self.state().detach(&session_id);
                }
            }
            "Fetch.requestPaused" => self.decide(session, message),
            "Fetch.authRequired" => self.refuse_password(session, message),
            "Network.requestWillBeSent" => {
                if let Some(event) = message.read::<RequestWillBeSent<'_>>() {
                    self.state().begin(session, &event);
                }
            }
            "Network.responseReceived" => {
                if let Some(event) = message.read::<ResponseReceived<'_>>() {
                    self.state().respond(&event.request_id, &event.response);
                }
            }
            "Network.loadingFinished" => {
                if let Some(LoadingFinished { request_id }) = message.read() {
                    self.state().finish(session, request_id);
                }
            }
            "Network.loadingFailed" => {
                if let Some(LoadingFailed { request_id }) = message.read() {
                    self.state().fail(session, request_id);
                }
            }
            _ if self.state().session == session => self.hear_of_main_frame(session, message),
            _ => return,
        }
        self.changed.notify_one();
    }

    fn hear_of_main_frame(&self, session: &str, message: &Message<'_>) {
        match message.method {
            "Page.frameNavigated" => {
                if let Some(FrameNavigated { frame }) = message.read()
                    && frame.parent_id.is_none()
                {
                    self.state().commit(frame);
                }
            }
            "Page.frameRequestedNavigation" => {
                if let Some(NavigationRequested { frame_id, disposition }) = message.read()
                    && disposition == "currentTab"
                {
                    self.state().leave(&frame_id);
                }
            }
            "Page.frameScheduledNavigation" => {
                // A refresh in a minute is nothing to wait for.
                if let Some(NavigationScheduled { frame_id, delay: 0.0 }) = message.read() {
                    self.state().leave(&frame_id);
                }
            }
            "Page.frameStoppedLoading" | "Page.frameClearedScheduledNavigation" => {
                if let Some(StoppedLoading { frame_id }) = message.read() {
                    self.state().stay(&frame_id);
                }
            }
            "Page.domContentEventFired" => self.state().parsed(),
            "Page.loadEventFired" => self.state().loaded = true,
            "Page.javascriptDialogOpening" => self.answer_dialog(session, message),
            "Inspector.targetCrashed" => {
                self.state().end.get_or_insert(End::Crashed);
            }
            _ => {}
        }
    }

    /// The page itself, a window that it opens, one of its frames, or one of its workers.
    fn attached(&self, parent: &str, message: &Message<'_>) {
        let Some(Attached { session_id, target_info }) = message.read() else { return };
        let is_ours = target_info.browser_context_id.as_deref() == Some(&self.context);
        if !is_ours && !self.state().owns(parent) {
            return;
        }
        if target_info.r#type == "page" {
            let mut state = self.state();
            if state.target.is_empty() {
                (state.target, state.session) = (target_info.target_id, session_id);
                return;
            }
            state.warn(Warning::PopupClosed);
            drop(state);
            self.connection.tell("", &CloseTarget { target_id: &target_info.target_id });
            // Its opener, which shares its process, would wait with it.
            self.connection.tell(&session_id, &RunIfWaiting {});
            return;
        }
        self.state().children.insert(session_id.clone());
        self.watch(&session_id);
        if let Some(user_agent) = &self.user_agent {
            self.connection.tell(&session_id, &SetUserAgent { user_agent, accept_language: None });
        }
        self.connection.tell(&session_id, &RunIfWaiting {});
    }

    /// Has the requests and further targets of a session told. Some kinds of targets have no such thing, and say so.
    pub(super) fn watch(&self, session: &str) {
        self.connection.tell(session, &EnableNetwork { max_post_data_size: 0 });
        self.connection.tell(session, &EnableFetch { handle_auth_requests: true });
        self.connection.tell(session, &SetAutoAttach::PAGES);
    }

    /// Lets a request go on, with the headers that belong to the page's origin, or not.
    fn decide(&self, session: &str, message: &Message<'_>) {
        let Some(event) = message.read::<RequestPaused<'_>>() else { return };
        let request_id = &event.request_id;
        let url = Url::parse(&event.request.url).ok();
        if !url.as_ref().is_some_and(|url| self.allows(&event, url)) {
            let has_page = self.state().committed.is_some();
            // A document that is aborted leaves the one before it in place.
            let error_reason = if has_page { "Aborted" } else { "BlockedByClient" };
            self.connection.tell(session, &FailRequest { request_id, error_reason });
            return;
        }
        let is_same_origin = url.is_some_and(|url| url.origin() == self.rules.url.origin());
        let headers = (is_same_origin && !self.rules.headers.is_empty()).then(|| self.with_headers(&event));
        self.connection.tell(session, &ContinueRequest { request_id, headers });
    }

    fn allows(&self, event: &RequestPaused<'_>, url: &Url) -> bool {
        let is_page = event.resource_type == "Document" && event.frame_id == self.state().target;
        match url.scheme() {
            "http" | "https" => match self.guard.check_url(url) {
                Ok(_) => !self.rules.block.blocks(&event.resource_type, url),
                Err(refused) => {
                    if is_page {
                        self.state().refused = Some((url.to_string(), refused.clone()));
                    }
                    self.ledger.refuse(redacted(url.as_str()), refused);
                    false
                }
            },
            "data" => !is_page || *url == self.rules.url,
            "about" | "blob" => true,
            _ => false,
        }
    }

    fn with_headers<'h>(&'h self, event: &'h RequestPaused<'_>) -> Vec<HeaderEntry<'h>> {
        let ours = &self.rules.headers;
        let kept = event.request.headers.iter().filter(|(name, _)| !ours.contains_key(name.as_str()));
        let kept = kept.map(|(name, value)| HeaderEntry { name, value });
        let added = ours.iter().filter_map(|(name, value)| {
            Some(HeaderEntry { name: name.as_str(), value: value.to_str().ok()? })
        });
        kept.chain(added).collect()
    }

    fn refuse_password(&self, session: &str, message: &Message<'_>) {
        let Some(AuthRequired { request_id }) = message.read() else { return };
        self.state().warn(Warning::PasswordAsked);
        let auth_challenge_response = AuthAnswer { response: "CancelAuth" };
        self.connection.tell(session, &ContinueWithAuth { request_id: &request_id, auth_challenge_response });
    }

    fn answer_dialog(&self, session: &str, message: &Message<'_>) {
        let Some(DialogOpening { message: text, r#type: kind }) = message.read() else { return };
        let accept = matches!(&*kind, "alert" | "beforeunload");
        self.connection.tell(session, &HandleDialog { accept });
        self.state().warn(Warning::Dialog { kind, text: text.chars().take(SHOWN).collect() });
    }

    /// Without a page, what was asked for is a download; with one, it is something beside it.
    fn download(&self, message: &Message<'_>) {
        let Some(DownloadWillBegin { frame_id, url }) = message.read() else { return };
        let url = redacted(&url);
        let mut state = self.state();
        if frame_id == state.target && state.committed.is_none() {
            state.end.get_or_insert(End::Download(url));
        } else {
            state.warn(Warning::DownloadStopped { url });
        }
    }
}
