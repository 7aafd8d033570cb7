//! The way to the web.

use std::sync::OnceLock;
use std::time::Duration;

use riptide_browser::{BrowserConfig, BrowserError, BrowserPool};
use riptide_events::EventBus;
use riptide_fetch::{Dialer, FetchConfig, FetchError, Fetcher};
use tokio::sync::OnceCell;

/// What fetches pages and what renders them, each made when it is needed first: who works on files alone needs neither
/// network nor browser.
pub(crate) struct Web {
    fetch: FetchConfig,
    browse: BrowserConfig,
    events: EventBus,
    fetcher: OnceLock<Result<Fetcher, FetchError>>,
    browser: OnceCell<BrowserPool>,
}

impl Web {
    pub(crate) fn new(fetch: FetchConfig, browse: BrowserConfig, events: EventBus) -> Self {
        Self { fetch, browse, events, fetcher: OnceLock::new(), browser: OnceCell::new() }
    }

    pub(crate) fn fetcher(&self) -> Result<&Fetcher, FetchError> {
        self.fetcher.get_or_init(|| Fetcher::new(self.fetch.clone())).as_ref().map_err(FetchError::clone)
    }

    /// The browsers, whose connections are opened by `dialer`.
    pub(crate) async fn browser(&self, dialer: &Dialer) -> Result<&BrowserPool, BrowserError> {
        let start = || BrowserPool::start(self.browse.clone(), dialer.clone(), self.events.clone());
        self.browser.get_or_try_init(start).await
    }

    /// Ends the browsers, once those pages are done that are under way, or `grace` is over.
    pub(crate) async fn shutdown(&self, grace: Duration) {
        if let Some(browser) = self.browser.get() {
            browser.shutdown(grace).await;
        }
    }
}
