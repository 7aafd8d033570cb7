use std::fmt::Display;
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use riptide_types::Tenant;
use serde::{Serialize, Serializer};

/// Something that happened. Durations are in microseconds; a digest is the SHA-256 of a component, in hexadecimal.
/// Serialised it is the `type` and `data` of a [`CloudEvent`](crate::CloudEvent).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", content = "data")]
#[non_exhaustive]
pub enum Event {
    /// A component is about to be compiled or taken from the cache.
    #[serde(rename = "dev.riptide.component.loading")]
    ComponentLoading {
        /// Which component.
        #[serde(serialize_with = "as_text")]
        digest: Arc<str>,
    },
    /// A component is ready to run.
    #[serde(rename = "dev.riptide.component.loaded")]
    ComponentLoaded {
        /// Which component.
        #[serde(serialize_with = "as_text")]
        digest: Arc<str>,
        /// Where its machine code came from.
        origin: ArtefactOrigin,
        /// How long that took.
        micros: u64,
    },
    /// A component is out of order and is not called for a while, or works again.
    #[serde(rename = "dev.riptide.component.health")]
    ComponentHealth {
        /// Which component.
        #[serde(serialize_with = "as_text")]
        digest: Arc<str>,
        /// The code of the error that it was taken out of order for; `None`: it works again.
        failure: Option<&'static str>,
    },
    /// The compile cache was of no use: its folder or an artefact cannot be trusted, read or written.
    /// The component is compiled all the same.
    #[serde(rename = "dev.riptide.cache.refused")]
    CacheRefused {
        /// The folder or artefact.
        #[serde(serialize_with = "path_as_text")]
        path: PathBuf,
        /// Why, for a person to read.
        reason: String,
    },
    /// A component went from one tier to another.
    #[serde(rename = "dev.riptide.tier.changed")]
    TierChanged {
        /// Which component.
        #[serde(serialize_with = "as_text")]
        digest: Arc<str>,
        /// Where it was.
        from: Tier,
        /// Where it is.
        to: Tier,
    },
    /// A lease was given out.
    #[serde(rename = "dev.riptide.lease.taken")]
    LeaseTaken {
        /// To whom.
        #[serde(serialize_with = "as_text")]
        tenant: Tenant,
        /// An instance of which component.
        #[serde(serialize_with = "as_text")]
        digest: Arc<str>,
        /// What the component had ready.
        tier: Tier,
        /// How long the tenant waited for its turn.
        queued_micros: u64,
        /// How long it took to get the instance, once it was the tenant's turn.
        micros: u64,
    },
    /// A lease is over, and its instance gone or kept for the same tenant.
    #[serde(rename = "dev.riptide.lease.ended")]
    LeaseEnded {
        /// Whose it was.
        #[serde(serialize_with = "as_text")]
        tenant: Tenant,
        /// An instance of which component.
        #[serde(serialize_with = "as_text")]
        digest: Arc<str>,
        /// How it ended.
        end: LeaseEnd,
        /// How long it was held.
        micros: u64,
    },
    /// A lease was dropped without being released: a defect of the code at that place. What it held is cleaned up.
    #[serde(rename = "dev.riptide.lease.leaked")]
    LeaseLeaked {
        /// What it held, such as `instance` or `browser`.
        resource: &'static str,
        /// Whose it was.
        #[serde(serialize_with = "as_text")]
        tenant: Tenant,
        /// Where it was taken.
        #[serde(serialize_with = "as_text")]
        place: &'static Location<'static>,
    },
    /// A request was not let in.
    #[serde(rename = "dev.riptide.request.refused")]
    RequestRefused {
        /// Whose it was.
        #[serde(serialize_with = "as_text")]
        tenant: Tenant,
        /// The code of the refusal, such as `queue-full`.
        code: &'static str,
    },
    /// Memory became short, or there is enough of it again.
    #[serde(rename = "dev.riptide.pressure.changed")]
    PressureChanged {
        /// Whether it is short.
        under_pressure: bool,
        /// Bytes that the process has resident.
        resident: u64,
        /// Bytes that it may have.
        limit: u64,
    },
    /// A circuit breaker opened, closed, or lets a probe through.
    #[serde(rename = "dev.riptide.breaker.changed")]
    BreakerChanged {
        /// What it protects, such as a component's digest or a host.
        #[serde(serialize_with = "as_text")]
        subject: Arc<str>,
        /// What it does now.
        state: BreakerState,
    },
    /// A component failed, and the built-in one did its work instead.
    #[serde(rename = "dev.riptide.component.fell-back")]
    FellBack {
        /// The component that failed.
        #[serde(serialize_with = "as_text")]
        digest: Arc<str>,
        /// The code of its error.
        code: &'static str,
    },
    /// The registry of extractors was read again after a change, and is in use.
    #[serde(rename = "dev.riptide.registry.reloaded")]
    RegistryReloaded {
        /// The configuration file.
        #[serde(serialize_with = "path_as_text")]
        path: PathBuf,
    },
    /// The registry of extractors has changed into one that cannot be used; the last good one stays in use.
    #[serde(rename = "dev.riptide.registry.refused")]
    RegistryRefused {
        /// The configuration file.
        #[serde(serialize_with = "path_as_text")]
        path: PathBuf,
        /// Why, for a person to read.
        reason: String,
    },
    /// A browser was started, and has shown a page.
    #[serde(rename = "dev.riptide.browser.started")]
    BrowserStarted {
        /// The number of its first process.
        process: u32,
        /// Whether it runs in its own sandbox.
        sandboxed: bool,
        /// How long that took.
        micros: u64,
    },
    /// A browser has ended, and left neither processes nor files.
    #[serde(rename = "dev.riptide.browser.closed")]
    BrowserClosed {
        /// The number of its first process.
        process: u32,
        /// Why.
        end: BrowserEnd,
        /// What it took.
        exit: BrowserExit,
    },
    /// A page was fetched from its server or from the cache of pages, or could not be.
    #[serde(rename = "dev.riptide.page.fetched")]
    PageFetched {
        /// Whose it is.
        #[serde(serialize_with = "as_text")]
        tenant: Tenant,
        /// The page's URL, [`redacted`](crate::redacted).
        url: String,
        /// How long that took, redirects, waiting and further attempts included.
        micros: u64,
        /// Bytes of the body on the wire; none where the cache had it.
        bytes: u64,
        /// Whether no server had to send the page, as the cache had it.
        cached: bool,
        /// How it ended; whatever status a server answers with is an answer.
        outcome: Outcome,
    },
    /// A browser has rendered a page, or failed to.
    #[serde(rename = "dev.riptide.page.rendered")]
    PageRendered {
        /// Whose it is.
        #[serde(serialize_with = "as_text")]
        tenant: Tenant,
        /// The page's URL, [`redacted`](crate::redacted).
        url: String,
        /// How long that took, waiting included.
        micros: u64,
        /// Bytes that the page sent and received.
        bytes: u64,
        /// How it ended.
        outcome: Outcome,
    },
    /// A document went through the data path.
    #[serde(rename = "dev.riptide.document.finished")]
    DocumentFinished {
        /// Whose it is.
        #[serde(serialize_with = "as_text")]
        tenant: Tenant,
        /// The page's URL, [`redacted`](crate::redacted), or empty when none was given.
        url: String,
        /// How long that took.
        micros: u64,
        /// How it ended.
        outcome: Outcome,
    },
}

/// Where the machine code of a component came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArtefactOrigin {
    /// Compiled just now, to run fast.
    Compiled,
    /// Compiled just now, to be ready fast.
    Baseline,
    /// The compile cache on disk.
    Cache,
}

/// What a component has ready, from the quickest to the slowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// An instance that waits for its document.
    Hot,
    /// Machine code in memory, linked.
    Warm,
    /// Machine code on disk.
    Cold,
    /// WebAssembly alone.
    Frozen,
}

/// How a lease ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeaseEnd {
    /// The instance was destroyed, as it should be.
    Destroyed,
    /// The instance is kept for the same tenant.
    Kept,
    /// The instance failed and was destroyed.
    Poisoned,
    /// Nobody waited for the outcome any more; the instance was stopped and destroyed.
    Cancelled,
    /// The lease was dropped without being released; the instance was destroyed.
    Leaked,
}

/// What a circuit breaker does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BreakerState {
    /// Lets everything through.
    Closed,
    /// Lets nothing through.
    Open,
    /// Lets a few probes through.
    HalfOpen,
}

/// Why a browser ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BrowserEnd {
    /// It had rendered as many pages as it may.
    Uses,
    /// It had run as long as it may.
    Age,
    /// It held more memory than it may.
    Memory,
    /// It died, or a page of it did.
    Crash,
    /// It did not show what it should, or did not forget a page.
    Health,
    /// The pool is shut down.
    Shutdown,
    /// Its lease was dropped without being released.
    Leak,
}

/// What it took to end a browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BrowserExit {
    /// Nothing, or to ask it.
    Asked,
    /// The signal to end.
    Terminated,
    /// The signal that cannot be ignored.
    Killed,
}

/// How a document ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// There is a document.
    Ok,
    /// The code of the error, such as `deadline-exceeded`.
    Err(&'static str),
}

fn as_text<S: Serializer>(value: &impl Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// A path that is not Unicode is shown as well as it can be.
fn path_as_text<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&path.display())
}
