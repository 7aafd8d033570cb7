//! One running browser, which shows one page at a time.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use riptide_events::BrowserExit;
use riptide_fetch::{Dialer, Guard};
use rustix::process::Signal;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};
use url::Url;

use crate::cdp::protocol::{
    CloseBrowser, CreateBrowserContext, CreateTarget, DisposeBrowserContext, GetVersion, SetAutoAttach,
    SetCookies, SetDownloadBehavior,
};
use crate::cdp::{Connection, Listener, Message};
use crate::page::{Page, Rules};
use crate::process::{Ends, Process};
use crate::proxy::{Ledger, Proxy};
use crate::{BrowserConfig, BrowserError, RenderRequest, Rendered};

/// A page whose content is known: it is written by a script.
const CANARY: &str = "data:text/html,<p id=canary><script>canary.textContent=6*7</script>";
const EXPECTED: &str = "<p id=\"canary\">42";

/// How long a browser may take to forget a page.
const FORGETTING: Duration = Duration::from_secs(2);

/// A running Chromium. Dropping it kills its processes and removes its profile, which blocks for some milliseconds.
pub(crate) struct Browser {
    connection: Connection,
    ear: Arc<Ear>,
    process: Option<Process>,
    sandboxed: bool,
    born: Instant,
    /// When it was last known to work.
    checked: Instant,
    uses: u32,
    context: Context,
}

/// What a browser holds of the page that it shows.
#[derive(Debug)]
enum Context {
    None,
    /// It was asked to make one, and has not told its name yet.
    Unknown,
    Open(String),
}

impl Browser {
    /// Takes over a Chromium that was just started; `gone` is told when its pipe closes.
    pub(crate) fn connect(
        process: Process,
        ends: Ends,
        sandboxed: bool,
        gone: Arc<Notify>,
    ) -> io::Result<Self> {
        let ear = Arc::new(Ear { page: Mutex::default(), gone });
        let connection = Connection::start(ends.to, ends.from, Arc::clone(&ear) as Arc<dyn Listener>)?;
        connection.tell("", &SetAutoAttach::PAGES);
        let now = Instant::now();
        let (process, context) = (Some(process), Context::None);
        Ok(Self { connection, ear, process, sandboxed, born: now, checked: now, uses: 0, context })
    }

    /// The number of its first process.
    pub(crate) fn id(&self) -> u32 {
        self.process.as_ref().map_or(0, Process::id)
    }

    /// Whether it runs in Chromium's own sandbox.
    pub(crate) fn is_sandboxed(&self) -> bool {
        self.sandboxed
    }

    /// Whether it has died.
    pub(crate) fn is_gone(&self) -> bool {
        self.connection.is_closed()
    }

    pub(crate) fn age(&self) -> Duration {
        self.born.elapsed()
    }

    pub(crate) fn uses(&self) -> u32 {
        self.uses
    }

    /// For how long it has not been known to work.
    pub(crate) fn unchecked_for(&self) -> Duration {
        self.checked.elapsed()
    }

    /// Bytes that its processes hold for themselves, where the system tells.
    pub(crate) fn memory(&self) -> Option<u64> {
        self.process.as_ref().and_then(Process::memory)
    }

    /// Shows a page whose content is known.
    pub(crate) async fn check(&mut self) -> Result<(), BrowserError> {
        let url =
            Url::parse(CANARY).map_err(|error| BrowserError::Protocol { message: error.to_string() })?;
        let request = RenderRequest::new(url);
        let ledger = Arc::new(Ledger::new(0));
        let page = self.open(&request, crate::launch::NO_PROXY, ledger, Guard::default(), None).await?;
        let html = page.show_canary(&request).await?;
        self.leave().await?;
        if !html.contains(EXPECTED) {
            return Err(BrowserError::Protocol {
                message: "a page with a known content shows another".into(),
            });
        }
        self.checked = Instant::now();
        Ok(())
    }

    /// Shows a page and writes it down. [`Self::leave`] must follow, whether this is done or dropped.
    pub(crate) async fn render(
        &mut self,
        request: &RenderRequest,
        config: &BrowserConfig,
        dialer: &Dialer,
        end: Instant,
    ) -> Result<Rendered, BrowserError> {
        self.uses += 1;
        let proxy = Proxy::start(dialer.clone(), config.max_transfer)
            .await
            .map_err(|error| BrowserError::Protocol { message: format!("the proxy: {error}") })?;
        let ledger = Arc::clone(proxy.ledger());
        let user_agent = self.user_agent(request, config).await?;
        let page = self.open(request, &proxy.url(), ledger, dialer.guard().clone(), user_agent).await?;
        page.render(request, config.max_output, end).await
    }

    /// How the page's requests introduce themselves, if it is not as Chromium does.
    async fn user_agent(
        &self,
        request: &RenderRequest,
        config: &BrowserConfig,
    ) -> Result<Option<String>, BrowserError> {
        let given = request.user_agent.clone();
        if given.is_some() || !request.viewport.mobile {
            return Ok(given.or_else(|| config.user_agent.clone()));
        }
        let product = self.connection.call("", &GetVersion {}).await?.product;
        let major = product.split(['/', '.']).nth(1).unwrap_or_default();
        Ok(Some(format!(
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.0.0 Mobile \
             Safari/537.36"
        )))
    }

    /// A blank page in a context of its own: with its own cookies, storage, caches and way out.
    async fn open(
        &mut self,
        request: &RenderRequest,
        proxy_server: &str,
        ledger: Arc<Ledger>,
        guard: Guard,
        user_agent: Option<String>,
    ) -> Result<Arc<Page>, BrowserError> {
        let connection = &self.connection;
        self.context = Context::Unknown;
        // Without the rule the loopback and link-local addresses would go past the proxy.
        let context =
            CreateBrowserContext { dispose_on_detach: true, proxy_server, proxy_bypass_list: "<-loopback>" };
        let id = connection.call("", &context).await?.browser_context_id;
        self.context = Context::Open(id.clone());
        let rules =
            Rules { url: request.url.clone(), headers: request.headers.clone(), block: request.block };
        let page = Arc::new(Page::new(connection.clone(), id.clone(), rules, guard, ledger, user_agent));
        self.ear.listen_for(Some(Arc::clone(&page)));
        let downloads =
            SetDownloadBehavior { behavior: "deny", browser_context_id: &id, events_enabled: true };
        connection.call("", &downloads).await?;
        if !request.cookies.is_empty() {
            let cookies = request.cookies.iter().map(|cookie| cookie.at(request.url.as_str())).collect();
            connection.call("", &SetCookies { cookies, browser_context_id: &id }).await.map_err(|error| {
                BrowserError::InvalidRequest { field: "cookies", problem: error.to_string() }
            })?;
        }
        connection.call("", &CreateTarget { url: "about:blank", browser_context_id: &id }).await?;
        page.prepare(request).await?;
        Ok(page)
    }

    /// Forgets the page with all that it left. An error means that the browser must not show another.
    pub(crate) async fn leave(&mut self) -> Result<(), BrowserError> {
        self.ear.listen_for(None);
        match &self.context {
            Context::None => Ok(()),
            Context::Unknown => Err(BrowserError::Protocol { message: "a page without a name".to_owned() }),
            Context::Open(id) => {
                let forget = DisposeBrowserContext { browser_context_id: id };
                match timeout(FORGETTING, self.connection.call("", &forget)).await {
                    Ok(forgotten) => forgotten?,
                    Err(_) => {
                        return Err(BrowserError::Protocol { message: "a page does not close".to_owned() });
                    }
                };
                self.context = Context::None;
                Ok(())
            }
        }
    }

    /// What a browser that failed says, once it has ended or the limit is over.
    pub(crate) async fn last_words(&self, limit: Duration) -> String {
        let Some(process) = &self.process else { return String::new() };
        process.ends_within(limit).await;
        process.said()
    }

    /// Ends it: asked for through the pipe, then by SIGTERM, then by SIGKILL, in parts of the limit. Whatever the answer, no
    /// process and no file of it is left.
    pub(crate) async fn close(&mut self, limit: Duration) -> BrowserExit {
        self.ear.listen_for(None);
        let Some(process) = &self.process else { return BrowserExit::Asked };
        self.connection.tell("", &CloseBrowser {});
        let closed = if process.ends_within(limit / 2).await {
            BrowserExit::Asked
        } else {
            process.signal(Signal::TERM);
            if process.ends_within(limit / 4).await { BrowserExit::Terminated } else { BrowserExit::Killed }
        };
        if let Some(process) = self.process.take() {
            // The rest blocks. It is done even where nobody waits for it any more.
            let _ = tokio::task::spawn_blocking(move || drop(process)).await;
        }
        closed
    }

    /// Ends it at once. Blocks for some milliseconds.
    pub(crate) fn kill(&mut self) {
        self.process = None;
    }
}

/// Tells the page that is shown what its browser tells.
struct Ear {
    page: Mutex<Option<Arc<Page>>>,
    gone: Arc<Notify>,
}

impl Ear {
    fn listen_for(&self, page: Option<Arc<Page>>) {
        *self.page.lock().unwrap_or_else(PoisonError::into_inner) = page;
    }

    fn page(&self) -> Option<Arc<Page>> {
        self.page.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Listener for Ear {
    fn hear(&self, message: &Message<'_>) {
        if let Some(page) = self.page() {
            page.hear(message);
        }
    }

    fn closed(&self) {
        if let Some(page) = self.page() {
            page.browser_died();
        }
        self.gone.notify_one();
    }
}
