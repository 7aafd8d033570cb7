//! How a Chromium is started.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::geteuid;
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::browser::Browser;
use crate::process::Process;
use crate::profiles::Profiles;
use crate::{BrowserError, SandboxRule};

/// What every Chromium is started with.
const FLAGS: [&str; 26] = [
    "--headless=new",
    "--remote-debugging-pipe",
    // Browsers are given their pages through the pipe.
    "--no-startup-window",
    "--no-first-run",
    "--no-default-browser-check",
    // It resolves no name, and what is not given a proxy of its own is sent to the discard port, where nobody listens.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--proxy-server=socks5://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--disable-quic",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    // It calls nobody by itself.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-component-extensions-with-background-pages",
    "--no-pings",
    "--disable-breakpad",
    "--password-store=basic",
    "--mute-audio",
    "--hide-scrollbars",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-popup-blocking",
    FEATURES,
];

/// Parts that would call somebody, ask somebody, or make pages that nobody asked for.
const FEATURES: &str = "--disable-features=AutofillServerCommunication,CertificateTransparencyComponentUpdater,\
    DialMediaRouteProvider,InterestFeedContentSuggestions,LensOverlay,MediaRouter,NetworkTimeServiceQuerying,\
    OptimizationHints,Prerender2,SpareRendererForSitePerProcess,Translate,WebRtcHideLocalIpsWithMdns";

/// Leads nowhere: the discard port.
pub(crate) const NO_PROXY: &str = "socks5://127.0.0.1:9";

/// What Chromium says when it finds no way to use its sandbox.
const NO_SANDBOX: &str = "No usable sandbox";

/// How long a Chromium that failed may take to end, and to say why.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Starts browsers that are alike.
#[derive(Debug)]
pub(crate) struct Launcher {
    pub(crate) program: PathBuf,
    pub(crate) profiles: Profiles,
    pub(crate) sandbox: SandboxRule,
    pub(crate) limit: Duration,
    /// Told when a browser has died.
    pub(crate) gone: Arc<Notify>,
}

impl Launcher {
    /// A browser that has shown a page whose content is known. Blocks for some milliseconds when it is dropped.
    pub(crate) async fn launch(&self) -> Result<Browser, BrowserError> {
        let limit = self.limit;
        let launched = timeout(limit, self.launch_sandboxed()).await;
        launched.unwrap_or_else(|_| {
            Err(BrowserError::Launch { message: format!("it shows no page within {} ms", limit.as_millis()) })
        })
    }

    /// With Chromium's sandbox, or else without, as far as that is allowed. As root it never starts with it.
    async fn launch_sandboxed(&self) -> Result<Browser, BrowserError> {
        if !geteuid().is_root() {
            match self.attempt(true).await {
                Err(BrowserError::NoSandbox) if self.sandbox == SandboxRule::WherePossible => {}
                launched => return launched,
            }
        }
        match self.sandbox {
            SandboxRule::Required => Err(BrowserError::NoSandbox),
            SandboxRule::WherePossible => self.attempt(false).await,
        }
    }

    async fn attempt(&self, sandboxed: bool) -> Result<Browser, BrowserError> {
        let mut flags = FLAGS.map(str::to_owned).to_vec();
        if !sandboxed {
            flags.push("--no-sandbox".to_owned());
        }
        let profile = self.profiles.create()?;
        let (process, ends) = Process::start(&self.program, &flags, profile).map_err(|error| {
            BrowserError::Launch { message: format!("{}: {error}", self.program.display()) }
        })?;
        let mut browser = Browser::connect(process, ends, sandboxed, Arc::clone(&self.gone))
            .map_err(|error| BrowserError::Launch { message: error.to_string() })?;
        let Err(error) = browser.check().await else { return Ok(browser) };
        let said = browser.last_words(LAST_WORDS).await;
        if said.contains(NO_SANDBOX) {
            return Err(BrowserError::NoSandbox);
        }
        let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
        Err(BrowserError::Launch { message: format!("{error}; it says: {last}") })
    }
}
