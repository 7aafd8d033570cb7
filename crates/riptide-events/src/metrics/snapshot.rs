use std::collections::BTreeMap;

use histogram::Histogram;
use riptide_types::Tenant;

use crate::{ArtefactOrigin, BreakerState, BrowserEnd, BrowserExit, LeaseEnd, Tier};

/// What has been counted up to a moment, as plain numbers.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Snapshot {
    /// How long it took to get an instance, by what the component had ready.
    pub checkouts: BTreeMap<Tier, Timing>,
    /// How long tenants waited for their turn.
    pub queued: Timing,
    /// How leases ended.
    pub leases: BTreeMap<LeaseEnd, u64>,
    /// How long they were held.
    pub lease_time: Timing,
    /// Leases that were dropped without being released, by what they held.
    pub leaked: BTreeMap<&'static str, u64>,
    /// Requests that were not let in, by tenant and code. Of many tenants, the latest are counted as `other`.
    pub refused: BTreeMap<(Tenant, &'static str), u64>,
    /// Documents by tenant and `ok` or the code of the error. Of many tenants, the latest are counted as `other`.
    pub documents: BTreeMap<(Tenant, &'static str), u64>,
    /// How long documents took, those that failed included.
    pub document_time: Timing,
    /// How long components took to be ready, by where their machine code came from.
    pub loads: BTreeMap<ArtefactOrigin, Timing>,
    /// How often components went out of order, by the code of the error.
    pub component_failures: BTreeMap<&'static str, u64>,
    /// How often components worked again.
    pub component_recoveries: u64,
    /// How often the compile cache was of no use.
    pub cache_refused: u64,
    /// How often the registry of extractors was replaced by a changed one.
    pub registry_reloads: u64,
    /// How often it was not, because the changed one could not be used.
    pub registry_refused: u64,
    /// How often components went from one tier to another.
    pub tier_changes: BTreeMap<(Tier, Tier), u64>,
    /// How often circuit breakers came to do what.
    pub breaker_changes: BTreeMap<BreakerState, u64>,
    /// How many circuit breakers are open or half-open now.
    pub breakers: BTreeMap<BreakerState, u64>,
    /// How often the built-in component did another's work, by the code of the other's error.
    pub fallbacks: BTreeMap<&'static str, u64>,
    /// How long browsers took to start.
    pub browser_starts: Timing,
    /// Browsers that have ended, by why they did and what it took.
    pub browsers_closed: BTreeMap<(BrowserEnd, BrowserExit), u64>,
    /// Pages that were fetched, by tenant and `ok` or the code of the error. Of many tenants, the latest are counted as
    /// `other`.
    pub fetches: BTreeMap<(Tenant, &'static str), u64>,
    /// How long that took, waiting and failures included.
    pub fetch_time: Timing,
    /// Bytes of fetched bodies on the wire.
    pub fetch_bytes: u64,
    /// Fetched pages that the cache had, so that no server sent them.
    pub fetches_cached: u64,
    /// Pages that browsers rendered, by tenant and `ok` or the code of the error. Of many tenants, the latest are counted
    /// as `other`.
    pub renders: BTreeMap<(Tenant, &'static str), u64>,
    /// How long that took, waiting and failures included.
    pub render_time: Timing,
    /// Bytes that rendered pages sent and received.
    pub render_bytes: u64,
    /// How often memory became short, or enough again.
    pub pressure_changes: u64,
    /// The memory at the latest of these changes.
    pub memory: Option<Memory>,
}

impl Snapshot {
    /// How many leases were given out.
    #[must_use]
    pub fn checkouts_total(&self) -> u64 {
        self.checkouts.values().map(Timing::count).sum()
    }

    /// The share of leases that needed nothing from disk: (hot + warm) / all. `None` before the first.
    #[must_use]
    pub fn cache_efficiency(&self) -> Option<f64> {
        let ready = [Tier::Hot, Tier::Warm].iter().filter_map(|tier| self.checkouts.get(tier));
        let ready: u64 = ready.map(Timing::count).sum();
        let total = self.checkouts_total();
        (total > 0).then(|| ready as f64 / total as f64)
    }
}

/// The memory of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Whether it is short.
    pub under_pressure: bool,
    /// Bytes that the process has resident.
    pub resident: u64,
    /// Bytes that it may have.
    pub limit: u64,
}

/// How long something took, each time that it happened.
#[derive(Debug, Clone)]
pub struct Timing {
    pub(super) micros: Histogram,
    pub(super) sum_micros: u64,
}

impl Timing {
    /// How often it happened.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.micros.as_slice().iter().sum()
    }

    /// How long it took together, in microseconds.
    #[must_use]
    pub fn sum_micros(&self) -> u64 {
        self.sum_micros
    }

    /// The time that this share of them, from 0 to 1, did not exceed, in microseconds; too long by 3 % at the most.
    /// `None` if it never happened.
    #[must_use]
    pub fn quantile_micros(&self, share: f64) -> Option<u64> {
        let bucket = self.micros.quantile_bucket(share.clamp(0.0, 1.0)).ok().flatten();
        bucket.map(|bucket| bucket.end())
    }
}
