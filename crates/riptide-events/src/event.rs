use std::panic::Location;
use std::path::PathBuf;
use std::sync::Arc;

use riptide_types::Tenant;

/// Something that happened. Durations are in microseconds; a digest is the SHA-256 of a component, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A component is about to be compiled or taken from the cache.
    ComponentLoading {
        /// Which component.
        digest: Arc<str>,
    },
    /// A component is ready to run.
    ComponentLoaded {
        /// Which component.
        digest: Arc<str>,
        /// Where its machine code came from.
        origin: ArtefactOrigin,
        /// How long that took.
        micros: u64,
    },
    /// A component is out of order and is not called for a while, or works again.
    ComponentHealth {
        /// Which component.
        digest: Arc<str>,
        /// The code of the error that it was taken out of order for; `None`: it works again.
        failure: Option<&'static str>,
    },
    /// The compile cache was of no use: its folder or an artefact cannot be trusted, read or written.
    /// The component is compiled all the same.
    CacheRefused {
        /// The folder or artefact.
        path: PathBuf,
        /// Why, for a person to read.
        reason: String,
    },
    /// A component went from one tier to another.
    TierChanged {
        /// Which component.
        digest: Arc<str>,
        /// Where it was.
        from: Tier,
        /// Where it is.
        to: Tier,
    },
    /// A lease was given out.
    LeaseTaken {
        /// To whom.
        tenant: Tenant,
        /// An instance of which component.
        digest: Arc<str>,
        /// What the component had ready.
        tier: Tier,
        /// How long the tenant waited for its turn.
        queued_micros: u64,
        /// How long it took to get the instance, once it was the tenant's turn.
        micros: u64,
    },
    /// A lease is over, and its instance gone or kept for the same tenant.
    LeaseEnded {
        /// Whose it was.
        tenant: Tenant,
        /// An instance of which component.
        digest: Arc<str>,
        /// How it ended.
        end: LeaseEnd,
        /// How long it was held.
        micros: u64,
    },
    /// A lease was dropped without being released: a defect of the code at that place. What it held is cleaned up.
    LeaseLeaked {
        /// What it held, such as `instance` or `browser`.
        resource: &'static str,
        /// Whose it was.
        tenant: Tenant,
        /// Where it was taken.
        place: &'static Location<'static>,
    },
    /// A request was not let in.
    RequestRefused {
        /// Whose it was.
        tenant: Tenant,
        /// The code of the refusal, such as `queue-full`.
        code: &'static str,
    },
    /// Memory became short, or there is enough of it again.
    PressureChanged {
        /// Whether it is short.
        under_pressure: bool,
        /// Bytes that the process has resident.
        resident: u64,
        /// Bytes that it may have.
        limit: u64,
    },
    /// A circuit breaker opened, closed, or lets a probe through.
    BreakerChanged {
        /// What it protects, such as a component's digest or a host.
        subject: Arc<str>,
        /// What it does now.
        state: BreakerState,
    },
    /// A component failed, and the built-in one did its work instead.
    FellBack {
        /// The component that failed.
        digest: Arc<str>,
        /// The code of its error.
        code: &'static str,
    },
    /// The registry of extractors was read again after a change, and is in use.
    RegistryReloaded {
        /// The configuration file.
        path: PathBuf,
    },
    /// The registry of extractors has changed into one that cannot be used; the last good one stays in use.
    RegistryRefused {
        /// The configuration file.
        path: PathBuf,
        /// Why, for a person to read.
        reason: String,
    },
    /// A document went through the data path.
    DocumentFinished {
        /// Whose it is.
        tenant: Tenant,
        /// The page's URL, or empty when none was given.
        url: String,
        /// How long that took.
        micros: u64,
        /// How it ended.
        outcome: Outcome,
    },
}

/// Where the machine code of a component came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BreakerState {
    /// Lets everything through.
    Closed,
    /// Lets nothing through.
    Open,
    /// Lets a few probes through.
    HalfOpen,
}

/// How a document ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// There is a document.
    Ok,
    /// The code of the error, such as `deadline-exceeded`.
    Err(&'static str),
}
