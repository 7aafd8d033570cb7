//! RipTide as a library: web pages in, clean content out.
//!
//! ```no_run
//! use riptide::{ExtractionMode, Riptide, Source};
//!
//! let riptide = Riptide::builder().build()?;
//! let page = Source { bytes: std::fs::read("page.html")?, ..Source::default() };
//! let document = riptide.extract(page, &ExtractionMode::default())?;
//! println!("{}", document.markdown);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod builder;
mod engine;
mod error;
mod hosts;
mod registry;
mod scrape;
mod web;

use std::time::{Duration, Instant};

pub use builder::Builder;
pub use error::Error;
pub use registry::Registry;
pub use riptide_browser::{
    Action, ActionResult, Area, Block, BrowserConfig, BrowserError, Cookie, ImageFormat, Key, Pdf,
    RefusedRequest, RenderRequest, Rendered, SandboxRule, Screenshot, Scroll, SetCookie, Viewport, Wait,
    WaitRule, find_chromium,
};
pub use riptide_events::{
    ArtefactOrigin, BreakerState, CloudEvent, Event, EventBus, LeaseEnd, Memory, Metrics, Observer, Outcome,
    Snapshot, Subscription, Tier, Timing, redacted,
};
pub use riptide_extract::{
    ExplainedBlock, Explanation, Model, ModelError, Reason, append_comments, feature_names,
};
pub use riptide_fetch::{
    CacheState, CacheStats, CookieJar, DialError, Exception, FetchConfig, FetchError, FetchLimits,
    FetchRequest, FetchTiming, Fetched, HttpCache, Kinds, PageCache, Policy, Politeness, Ports, ProductToken,
    Proxy, Redirect, Refused, Resolver, Store, StoreError, default_user_agent,
};
pub use riptide_html::encoding::DecodeError;
pub use riptide_html::select::{Selector, SelectorError};
pub use riptide_sandbox::{
    BUILT_IN, BreakerConfig, Budget, Clock, Compiler, ComponentInfo, ComponentLock, Effort, LoadPolicy,
    Sandbox, SandboxConfig, SandboxError, Share, TierConfig, ValidationReport, WASMTIME_VERSION,
    built_in_lock, compile_component, resident_bytes, sha256, validate,
};
pub use riptide_types::{
    Comment, ContentKind, Document, Entry, ExtractionError, ExtractionMode, Failure, Focus, Limits, Link,
    MediaItem, MediaKind, Page, PageType, Phase, Product, Property, Refresh, Selectors, Table, Tenant,
    Thread,
};

pub use scrape::{Origin, Render, ScrapeRequest, Scraped};

use engine::{Caller, Engine, Native, verbatim};
use hosts::Hosts;
use pollster::block_on;
use riptide_html::encoding::{self, Decoded};
use web::Web;

/// A page as it came: bytes, and what is known about them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    /// The page as transferred, after decompression.
    pub bytes: Vec<u8>,
    /// The absolute URL it was loaded from, or empty when it is not known. Relative links resolve against it.
    pub url: String,
    /// Whose page it is.
    pub tenant: Tenant,
    /// The `charset` parameter of the `Content-Type` it came with.
    pub charset: Option<String>,
    /// What it is declared to be; see [`ContentKind::declared`]. The bytes have a say in it: [`ContentKind::of`].
    pub kind: Option<ContentKind>,
}

/// The extraction runtime. One is enough for a process: [`Riptide::extract`] may be called from many threads.
pub struct Riptide {
    engine: Engine,
    config: SandboxConfig,
    web: Web,
    hosts: Hosts,
}

impl Riptide {
    /// Settings to build a runtime from, each with a sound default.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Turns one page into a document, and tells the event bus how that went. Blocks until the document is there, so it belongs
    /// on a thread of its own and not on one that runs the tasks of an asynchronous runtime.
    ///
    /// # Errors
    /// See [`Error`]. An error concerns this page alone; the runtime goes on.
    pub fn extract(&self, source: Source, mode: &ExtractionMode) -> Result<Document, Error> {
        let (tenant, url, started) = (source.tenant.clone(), redacted(&source.url), Instant::now());
        let result = block_on(self.run(source, mode, Caller::Thread));
        self.tell(&tenant, url, started, &result);
        result
    }

    fn tell<T>(&self, tenant: &Tenant, url: String, started: Instant, result: &Result<T, Error>) {
        let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let outcome = result.as_ref().map_or_else(|error| Outcome::Err(error.code()), |_| Outcome::Ok);
        self.config.events.emit(Event::DocumentFinished { tenant: tenant.clone(), url, micros, outcome });
    }

    /// Tells for each block of a page why it is main content or not, with at most `reasons` reasons for each. Runs in this
    /// process, without the sandbox.
    ///
    /// # Errors
    /// As [`Riptide::extract`], but for what the sandbox adds, and [`Error::NotHtml`].
    pub fn explain(&self, source: Source, focus: Focus, reasons: usize) -> Result<Explanation, Error> {
        let kind = ContentKind::of(source.kind, &source.bytes);
        let is_parsed = matches!(kind, ContentKind::Html | ContentKind::Xhtml | ContentKind::Xml);
        // Of nothing at all it is better said that it is empty.
        if !is_parsed && !source.bytes.is_empty() {
            return Err(Error::NotHtml { url: redacted(&source.url), kind });
        }
        let (page, _) = self.decode(source)?;
        match &self.engine {
            Engine::Native(native) => native.explain(&page, focus, reasons),
            Engine::Sandboxed(_) => {
                Native::new(Model::built_in(), self.config.threads).explain(&page, focus, reasons)
            }
        }
    }

    /// The data path from bytes.
    async fn run(&self, source: Source, mode: &ExtractionMode, caller: Caller) -> Result<Document, Error> {
        let (tenant, kind) = (source.tenant.clone(), ContentKind::of(source.kind, &source.bytes));
        if kind == ContentKind::Pdf {
            self.check_size(&source)?;
            let page = riptide_pdf::page(&source.bytes, source.url);
            return self.engine.extract_pdf(tenant, page, mode, caller).await;
        }
        let (page, warnings) = self.decode(source)?;
        let mut document = match kind {
            ContentKind::Text | ContentKind::Markdown | ContentKind::Json => verbatim(kind, &page, mode)?,
            _ => self.engine.extract(tenant, page, mode, caller).await?,
        };
        document.warnings.splice(0..0, warnings);
        Ok(document)
    }

    /// Ends what runs beside the extractor, such as browsers, once those pages are done that are under way, or `grace` is
    /// over. Without it they end with the process, or with the runtime, but not as gently. Must be called within the tokio
    /// runtime that they were used in.
    pub async fn shutdown(&self, grace: Duration) {
        self.web.shutdown(grace).await;
    }

    fn check_size(&self, source: &Source) -> Result<(), Error> {
        let limit = self.config.limits(&source.tenant).input;
        if source.bytes.len() > limit {
            return Err(Error::InputTooLarge { url: redacted(&source.url), limit });
        }
        Ok(())
    }

    /// The page as text, and what was mended on the way.
    fn decode(&self, source: Source) -> Result<(Page, Vec<String>), Error> {
        self.check_size(&source)?;
        let Source { bytes, url, charset, .. } = source;
        let Decoded { text, warnings, .. } = match encoding::decode(&bytes, charset.as_deref()) {
            Ok(decoded) => decoded,
            Err(error) => return Err(Error::Decode { url: redacted(&url), error }),
        };
        Ok((Page { html: text, url }, warnings))
    }
}
