//! From a blank page to what is handed out.

use std::time::Duration;

use riptide_events::redacted;
use tokio::time::{Instant, timeout, timeout_at};
use url::Url;

use super::events::Page;
use crate::cdp::protocol::{
    EnableInspector, EnablePage, GetCookies, Navigate, RunIfWaiting, SetBypassServiceWorker,
    SetDeviceMetrics, SetLocale, SetTouchEmulation, SetUserAgent,
};
use crate::{BrowserError, RenderRequest, Rendered, SetCookie, WaitRule, Warning};

/// How long before the deadline a page that still loads is written down, and at most which part of the whole time.
const RESERVE: Duration = Duration::from_secs(2);
const RESERVED_PART: u32 = 4;

/// How long the reason of a failure may take to come after the failure.
const REASON: Duration = Duration::from_millis(200);

impl Page {
    /// Makes the blank page what the request wants before anything is loaded.
    pub(crate) async fn prepare(&self, request: &RenderRequest) -> Result<(), BrowserError> {
        let session = self.until(|state| (!state.session.is_empty()).then(|| state.session.clone())).await?;
        let viewport = request.viewport;
        self.watch(&session);
        let connection = &self.connection;
        connection.tell(&session, &EnableInspector {});
        connection.tell(&session, &SetBypassServiceWorker { bypass: true });
        connection.tell(
            &session,
            &SetDeviceMetrics {
                width: viewport.width,
                height: viewport.height,
                device_scale_factor: viewport.scale,
                mobile: viewport.mobile,
            },
        );
        if viewport.mobile {
            connection.tell(&session, &SetTouchEmulation { enabled: true });
        }
        if let Some(locale) = &request.locale {
            let problem = |problem| BrowserError::InvalidRequest { field: "locale", problem };
            self.try_call(&SetLocale { locale }).await?.map_err(problem)?;
        }
        if self.user_agent.is_some() || request.locale.is_some() {
            let own = self.connection.call("", &crate::cdp::protocol::GetVersion {}).await?.user_agent;
            let user_agent = self.user_agent.as_ref().unwrap_or(&own);
            self.call(&SetUserAgent { user_agent, accept_language: request.locale.as_deref() }).await?;
        }
        connection.tell(&session, &RunIfWaiting {});
        self.call(&EnablePage {}).await.map(drop)
    }

    /// The markup of a page that needs no network.
    pub(crate) async fn show_canary(&self, request: &RenderRequest) -> Result<String, BrowserError> {
        self.call(&Navigate { url: request.url.as_str() }).await?;
        self.until(|state| state.parsed.then_some(())).await?;
        let end = Instant::now() + request.deadline;
        Ok(self.snapshot(EXPECTED_SIZE, end).await?.html.unwrap_or_default())
    }

    /// Loads the page, waits for it, does the actions, and writes down what there is.
    pub(crate) async fn render(
        &self,
        request: &RenderRequest,
        max_output: usize,
        end: Instant,
    ) -> Result<Rendered, BrowserError> {
        let now = Instant::now();
        let late = |stage| BrowserError::DeadlineExceeded { limit: request.deadline, stage };
        let last = end - RESERVE.min(end.saturating_duration_since(now) / RESERVED_PART);
        let loaded_by = last.min(now + request.wait.limit);

        timeout_at(loaded_by, self.load(request.url.as_str())).await.map_err(|_| late("loading"))??;
        if !self.wait(&request.wait.rule, loaded_by).await? {
            self.state().warn(Warning::StillLoading);
        }
        let actions = self.act_all(&request.actions, max_output, last).await?;
        let is_idle_rule = matches!(request.wait.rule, WaitRule::NetworkIdle { .. });
        if !actions.is_empty() && is_idle_rule && !self.wait(&request.wait.rule, last).await? {
            self.state().warn(Warning::StillLoading);
        }
        let written = timeout_at(end, self.write_down(request, max_output, end)).await;
        let rendered = written.map_err(|_| late("being written down"))??;
        Ok(Rendered { actions, ..rendered })
    }

    /// Navigates to the page: done when its response is there.
    async fn load(&self, url: &str) -> Result<(), BrowserError> {
        let navigated = self.call(&Navigate { url }).await;
        if let Ok(navigated) = &navigated
            && let Some(reason) = &navigated.error_text
        {
            // Events and answers come the same way; only the word on a download may follow.
            if let Ok(ended) = timeout(REASON, self.until(|_| None)).await {
                return ended;
            }
            return Err(self.failure(reason));
        }
        navigated.map(drop)
    }

    /// Why a page is not there.
    fn failure(&self, reason: &str) -> BrowserError {
        let (refused, url) = {
            let state = self.state();
            (state.refused.clone(), state.asked.clone())
        };
        if let Some((url, refused)) = refused {
            return self.at(&url, refused.into());
        }
        if let Some(limit) = self.ledger.exceeded() {
            return BrowserError::OverBudget { limit };
        }
        let dialled = authority(&url).and_then(|authority| self.ledger.failure(&authority));
        match dialled {
            Some(riptide_fetch::DialError::Refused(refused)) => self.at(&url, refused.into()),
            Some(error) => self.at(&url, error.into()),
            None => BrowserError::Navigation { url: redacted(&url), reason: reason.to_owned() },
        }
    }

    /// An error at a URL, which may be another one than was asked for.
    fn at(&self, url: &str, error: BrowserError) -> BrowserError {
        // Requests are made without the fragment.
        let without_fragment = |url: &str| url.split('#').next().unwrap_or_default().to_owned();
        if without_fragment(url) == without_fragment(self.rules.url.as_str()) {
            return error;
        }
        BrowserError::Redirected { url: redacted(url), error: Box::new(error) }
    }

    async fn write_down(
        &self,
        request: &RenderRequest,
        max_output: usize,
        end: Instant,
    ) -> Result<Rendered, BrowserError> {
        let snapshot = self.snapshot(max_output, end).await?;
        let screenshot = match request.screenshot {
            Some(wanted) => Some(self.screenshot(wanted, max_output).await?),
            None => None,
        };
        let pdf = match request.pdf {
            Some(wanted) => Some(self.pdf(wanted, max_output).await?),
            None => None,
        };
        if let Some(limit) = self.ledger.exceeded() {
            return Err(BrowserError::OverBudget { limit });
        }
        let stored =
            self.connection.call("", &GetCookies { browser_context_id: &self.context }).await?.cookies;
        let mut state = self.state();
        let document = state.committed.take().unwrap_or_default();
        if document.unreachable.is_some() {
            drop(state);
            return Err(self.failure("net::ERR_FAILED"));
        }
        let url = Url::parse(&snapshot.url)
            .map_err(|error| BrowserError::Protocol { message: format!("the page's URL: {error}") })?;
        Ok(Rendered {
            url,
            status: document.status,
            headers: document.headers,
            cookies: stored
                .iter()
                .filter_map(|cookie| SetCookie::from_stored(cookie, &request.cookies))
                .collect(),
            redirects: std::mem::take(&mut state.redirects),
            html: snapshot.html.unwrap_or_default(),
            screenshot,
            pdf,
            actions: Vec::new(),
            transferred: self.ledger.moved(),
            refused: self.ledger.refused(),
            warnings: std::mem::take(&mut state.warnings),
        })
    }
}

/// Bytes of the largest page that is known.
const EXPECTED_SIZE: usize = 4096;

/// Host and port, as Chromium asks the proxy for them.
fn authority(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?))
}
