use std::collections::BTreeMap;
use std::num::NonZero;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use riptide_events::EventBus;
use riptide_pool::{BreakerConfig, Clock, Share};
use riptide_types::{Limits, Tenant};

use crate::LoadPolicy;

/// How a [`Sandbox`](crate::Sandbox) runs.
#[derive(Clone)]
pub struct SandboxConfig {
    /// How many documents run at once, each on a thread of the sandbox's own. Default: one for each core.
    pub threads: NonZero<usize>,
    /// How many requests of one tenant may wait for their turn.
    pub queue: usize,
    /// How long a request may wait.
    pub wait: Duration,
    /// What tenants may use that are not named.
    pub budget: Budget,
    /// What the others may use.
    pub tenants: BTreeMap<Tenant, Budget>,
    /// What components have ready.
    pub tiers: TierConfig,
    /// How many documents of one tenant an instance serves. One: each document has an instance of its own. More saves
    /// time, and lets a document see what others of the same tenant have left behind.
    pub documents_per_instance: NonZero<u32>,
    /// When a component that keeps failing is left alone. The built-in one never is: what it fails on is the pages' fault.
    pub breaker: BreakerConfig,
    /// How often components must pass their own health check to be called.
    pub health_interval: Duration,
    /// Bytes that the process may have resident before requests are refused and idle instances given up; `None`: no
    /// matter how many.
    pub max_resident: Option<u64>,
    /// Tells how many bytes the process has resident, if that is known.
    pub resident: fn() -> Option<u64>,
    /// The folder that keeps compiled components; it must belong to this user alone. Without one nothing is kept.
    pub cache_dir: Option<PathBuf>,
    /// What is loaded, and how.
    pub load: LoadPolicy,
    /// Hears what happens.
    pub events: EventBus,
    /// Tells the time; `None`: the system's.
    pub clock: Option<Clock>,
}

/// What one tenant may use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Budget {
    /// Its share of the threads.
    pub share: Share,
    /// What one document of it may cost.
    pub limits: Limits,
}

/// What components have ready, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TierConfig {
    /// Instances that may wait at once, of all components.
    pub hot: usize,
    /// Instances of one component that may wait at once.
    pub hot_per_component: usize,
    /// Components whose machine code may be in memory at once.
    pub warm: usize,
    /// How long instances of an unused component wait.
    pub hot_for: Duration,
    /// How long the machine code of an unused component stays in memory, if it can be had from the disk again.
    pub warm_for: Duration,
    /// How often the tiers are fitted to the demand.
    pub interval: Duration,
}

impl Default for SandboxConfig {
    fn default() -> Self {
        Self {
            threads: thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN),
            queue: 1024,
            wait: Duration::from_secs(30),
            budget: Budget::default(),
            tenants: BTreeMap::new(),
            tiers: TierConfig::default(),
            documents_per_instance: NonZero::<u32>::MIN,
            breaker: BreakerConfig {
                window: Duration::from_secs(60),
                failure_percent: 50,
                minimum_calls: NonZero::new(20).unwrap_or(NonZero::<u64>::MIN),
                open_for: Duration::from_secs(5),
                longest_open: Duration::from_secs(300),
                probes: NonZero::<usize>::MIN,
            },
            health_interval: Duration::from_secs(60),
            max_resident: None,
            resident: resident_bytes,
            cache_dir: None,
            load: LoadPolicy::default(),
            events: EventBus::new(1024),
            clock: None,
        }
    }
}

impl Default for TierConfig {
    fn default() -> Self {
        Self {
            hot: 16,
            hot_per_component: 4,
            warm: 32,
            hot_for: Duration::from_secs(60),
            warm_for: Duration::from_secs(600),
            interval: Duration::from_secs(1),
        }
    }
}

impl SandboxConfig {
    /// What a document of the tenant may cost.
    #[must_use]
    pub fn limits(&self, tenant: &Tenant) -> Limits {
        self.tenants.get(tenant).unwrap_or(&self.budget).limits
    }
}

/// Bytes that this process has resident, as Linux tells (proc_pid_statm(5)); elsewhere nothing is known.
#[must_use]
pub fn resident_bytes() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    pages.checked_mul(page_size()?)
}

#[cfg(unix)]
fn page_size() -> Option<u64> {
    u64::try_from(rustix::param::page_size()).ok()
}

#[cfg(not(unix))]
fn page_size() -> Option<u64> {
    None
}
