//! Counts what happens. Nothing is sampled: each sum equals the number of events exactly.
//!
//! Counts and histograms are atomics; `prometheus-client`, the Prometheus project's own library, writes them down,
//! because it can be handed whole numbers at the moment of rendering and needs no global registry.

mod render;
mod snapshot;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use histogram::{AtomicHistogram, Config};
use riptide_types::Tenant;

use crate::{ArtefactOrigin, BreakerState, BrowserEnd, BrowserExit, Event, LeaseEnd, Observer, Tier};

pub use snapshot::{Memory, Snapshot, Timing};

/// How many tenants are counted by name.
const NAMED_TENANTS: usize = 100;
/// The name that the others are counted under.
const OTHER_TENANTS: &str = "other";
/// How many circuit breakers are remembered that are not closed.
const BREAKERS: usize = 10_000;

/// Times are told to one part in two to the power of this.
const PRECISION: u8 = 5;
/// Bits of the longest time that is told apart from longer ones, in microseconds: 19 hours.
const LONGEST: u8 = 36;

/// Counts the events of a bus that it [observes](crate::EventBus::observe).
#[derive(Default)]
pub struct Metrics {
    checkouts: Family<Tier, Stopwatch>,
    queued: Stopwatch,
    leases: Family<LeaseEnd, AtomicU64>,
    lease_time: Stopwatch,
    leaked: Family<&'static str, AtomicU64>,
    refused: Family<(Tenant, &'static str), AtomicU64>,
    documents: Family<(Tenant, &'static str), AtomicU64>,
    document_time: Stopwatch,
    loads: Family<ArtefactOrigin, Stopwatch>,
    component_failures: Family<&'static str, AtomicU64>,
    component_recoveries: AtomicU64,
    cache_refused: AtomicU64,
    registry_reloads: AtomicU64,
    registry_refused: AtomicU64,
    tier_changes: Family<(Tier, Tier), AtomicU64>,
    breaker_changes: Family<BreakerState, AtomicU64>,
    breakers: Breakers,
    fallbacks: Family<&'static str, AtomicU64>,
    browser_starts: Stopwatch,
    browsers_closed: Family<(BrowserEnd, BrowserExit), AtomicU64>,
    renders: Family<(Tenant, &'static str), AtomicU64>,
    fetches: Family<(Tenant, &'static str), AtomicU64>,
    fetch_time: Stopwatch,
    fetch_bytes: AtomicU64,
    fetches_cached: AtomicU64,
    render_time: Stopwatch,
    render_bytes: AtomicU64,
    pressure: Pressure,
    tenants: Tenants,
}

impl Metrics {
    /// All counts at nought.
    #[must_use]
    pub fn new() -> Self {
        Self {
            checkouts: Family::of(Tier::ALL),
            leases: Family::of(LeaseEnd::ALL),
            loads: Family::of(ArtefactOrigin::ALL),
            breaker_changes: Family::of(BreakerState::ALL),
            ..Self::default()
        }
    }

    /// The counts as plain numbers. They are read one after the other: while events arrive they may be a few apart.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            checkouts: self.checkouts.read(Stopwatch::read),
            queued: self.queued.read(),
            leases: self.leases.read(count),
            lease_time: self.lease_time.read(),
            leaked: self.leaked.read(count),
            refused: self.refused.read(count),
            documents: self.documents.read(count),
            document_time: self.document_time.read(),
            loads: self.loads.read(Stopwatch::read),
            component_failures: self.component_failures.read(count),
            component_recoveries: count(&self.component_recoveries),
            cache_refused: count(&self.cache_refused),
            registry_reloads: count(&self.registry_reloads),
            registry_refused: count(&self.registry_refused),
            tier_changes: self.tier_changes.read(count),
            breaker_changes: self.breaker_changes.read(count),
            breakers: self.breakers.read(),
            fallbacks: self.fallbacks.read(count),
            browser_starts: self.browser_starts.read(),
            browsers_closed: self.browsers_closed.read(count),
            renders: self.renders.read(count),
            fetches: self.fetches.read(count),
            fetch_time: self.fetch_time.read(),
            fetch_bytes: count(&self.fetch_bytes),
            fetches_cached: count(&self.fetches_cached),
            render_time: self.render_time.read(),
            render_bytes: count(&self.render_bytes),
            pressure_changes: count(&self.pressure.changes),
            memory: self.pressure.read(),
        }
    }

    /// The counts in the text format of Prometheus: OpenMetrics 1.0, whose unit of time is the second.
    #[must_use]
    pub fn render(&self) -> String {
        render::render(self.snapshot())
    }
}

impl Observer for Metrics {
    fn observe(&self, event: &Event) {
        match event {
            Event::ComponentLoading { .. } => {}
            Event::ComponentLoaded { origin, micros, .. } => {
                self.loads.with(*origin, |time| time.record(*micros));
            }
            Event::ComponentHealth { failure: Some(code), .. } => self.component_failures.with(*code, add),
            Event::ComponentHealth { failure: None, .. } => add(&self.component_recoveries),
            Event::CacheRefused { .. } => add(&self.cache_refused),
            Event::RegistryReloaded { .. } => add(&self.registry_reloads),
            Event::RegistryRefused { .. } => add(&self.registry_refused),
            Event::TierChanged { from, to, .. } => self.tier_changes.with((*from, *to), add),
            Event::LeaseTaken { tier, queued_micros, micros, .. } => {
                self.queued.record(*queued_micros);
                self.checkouts.with(*tier, |time| time.record(*micros));
            }
            Event::LeaseEnded { end, micros, .. } => {
                self.lease_time.record(*micros);
                self.leases.with(*end, add);
            }
            Event::LeaseLeaked { resource, .. } => self.leaked.with(*resource, add),
            Event::RequestRefused { tenant, code } => {
                self.refused.with((self.tenants.counted_as(tenant), *code), add);
            }
            Event::PressureChanged { under_pressure, resident, limit } => {
                self.pressure.record(Memory {
                    under_pressure: *under_pressure,
                    resident: *resident,
                    limit: *limit,
                });
            }
            Event::BreakerChanged { subject, state } => {
                self.breaker_changes.with(*state, add);
                self.breakers.record(subject, *state);
            }
            Event::FellBack { code, .. } => self.fallbacks.with(*code, add),
            Event::BrowserStarted { micros, .. } => self.browser_starts.record(*micros),
            Event::BrowserClosed { end, exit, .. } => self.browsers_closed.with((*end, *exit), add),
            Event::PageFetched { tenant, micros, bytes, cached, outcome, .. } => {
                self.fetch_time.record(*micros);
                self.fetch_bytes.fetch_add(*bytes, Ordering::Relaxed);
                if *cached {
                    add(&self.fetches_cached);
                }
                self.fetches.with((self.tenants.counted_as(tenant), outcome.name()), add);
            }
            Event::PageRendered { tenant, micros, bytes, outcome, .. } => {
                self.render_time.record(*micros);
                self.render_bytes.fetch_add(*bytes, Ordering::Relaxed);
                self.renders.with((self.tenants.counted_as(tenant), outcome.name()), add);
            }
            Event::DocumentFinished { tenant, micros, outcome, .. } => {
                self.document_time.record(*micros);
                self.documents.with((self.tenants.counted_as(tenant), outcome.name()), add);
            }
        }
    }
}

fn add(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

fn count(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

/// One metric for each key. A key's first event makes its metric; from then on nobody waits for anybody.
struct Family<K, M>(RwLock<BTreeMap<K, M>>);

impl<K, M> Default for Family<K, M> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<K: Ord + Clone, M: Default> Family<K, M> {
    /// Shows these keys before anything has happened.
    fn of(keys: &[K]) -> Self {
        Self(RwLock::new(keys.iter().map(|key| (key.clone(), M::default())).collect()))
    }

    fn with(&self, key: K, record: impl Fn(&M)) {
        if let Some(metric) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return record(metric);
        }
        record(self.0.write().unwrap_or_else(PoisonError::into_inner).entry(key).or_default());
    }

    fn read<T>(&self, read: impl Fn(&M) -> T) -> BTreeMap<K, T> {
        let metrics = self.0.read().unwrap_or_else(PoisonError::into_inner);
        metrics.iter().map(|(key, metric)| (key.clone(), read(metric))).collect()
    }
}

/// How long something takes.
struct Stopwatch {
    micros: AtomicHistogram,
    sum: AtomicU64,
}

impl Default for Stopwatch {
    #[expect(clippy::expect_used, reason = "the numbers are constants, and tests use them")]
    fn default() -> Self {
        let config = Config::new(PRECISION, LONGEST).expect("a histogram can have this many buckets");
        Self { micros: AtomicHistogram::with_config(&config), sum: AtomicU64::new(0) }
    }
}

impl Stopwatch {
    fn record(&self, micros: u64) {
        let told_apart = micros.min((1 << LONGEST) - 1);
        // Only a value beyond the bound would be refused.
        let _ = self.micros.increment(told_apart);
        self.sum.fetch_add(micros, Ordering::Relaxed);
    }

    fn read(&self) -> Timing {
        Timing { micros: self.micros.load(), sum_micros: count(&self.sum) }
    }
}

/// Keeps the number of names bounded that tenants are counted under.
#[derive(Default)]
struct Tenants(RwLock<BTreeSet<Tenant>>);

impl Tenants {
    fn counted_as(&self, tenant: &Tenant) -> Tenant {
        if self.0.read().unwrap_or_else(PoisonError::into_inner).contains(tenant) {
            return tenant.clone();
        }
        let mut named = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if named.len() < NAMED_TENANTS {
            named.insert(tenant.clone());
            return tenant.clone();
        }
        drop(named);
        OTHER_TENANTS.parse().unwrap_or_default()
    }
}

/// The circuit breakers that are not closed. They change rarely, so a lock does no harm.
#[derive(Default)]
struct Breakers(Mutex<BTreeMap<Arc<str>, BreakerState>>);

impl Breakers {
    fn record(&self, subject: &Arc<str>, state: BreakerState) {
        let mut breakers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state == BreakerState::Closed {
            breakers.remove(subject);
        } else if breakers.len() < BREAKERS || breakers.contains_key(subject) {
            breakers.insert(Arc::clone(subject), state);
        }
    }

    fn read(&self) -> BTreeMap<BreakerState, u64> {
        let mut counts = BTreeMap::from([(BreakerState::Open, 0), (BreakerState::HalfOpen, 0)]);
        for state in self.0.lock().unwrap_or_else(PoisonError::into_inner).values() {
            *counts.entry(*state).or_default() += 1;
        }
        counts
    }
}

/// What is known of the memory.
#[derive(Default)]
struct Pressure {
    changes: AtomicU64,
    under_pressure: AtomicBool,
    resident: AtomicU64,
    limit: AtomicU64,
}

impl Pressure {
    fn record(&self, memory: Memory) {
        self.under_pressure.store(memory.under_pressure, Ordering::Relaxed);
        self.resident.store(memory.resident, Ordering::Relaxed);
        self.limit.store(memory.limit, Ordering::Relaxed);
        add(&self.changes);
    }

    fn read(&self) -> Option<Memory> {
        (count(&self.changes) > 0).then(|| Memory {
            under_pressure: self.under_pressure.load(Ordering::Relaxed),
            resident: count(&self.resident),
            limit: count(&self.limit),
        })
    }
}

#[cfg(test)]
mod tests;
