//! Keeps the tiers ahead of the demand, and the memory within its limit.

use std::collections::HashMap;
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use crossbeam_channel::Sender;
use riptide_events::{Event, Tier};
use riptide_pool::Alarm;
use riptide_types::Failure;

use crate::component::Loaded;
use crate::engine::Stop;
use crate::extractor::{Demand, Tiers};
use crate::instance::Instance;
use crate::sandbox::Runtime;
use crate::{SandboxError, TierConfig};

/// How much of the former demand counts beside that of the last interval.
const MEMORY: f64 = 0.99;
/// Memory counts as short until this many tenths of the limit are reached again.
const RECOVERED_TENTHS: u64 = 9;

/// The thread that fits the tiers to the demand. Dropping it ends it.
pub(crate) struct Optimiser {
    alarm: Option<Alarm>,
    thread: Option<JoinHandle<()>>,
}

impl Optimiser {
    /// Has the runtime optimised at each interval of its clock.
    pub(crate) fn start(runtime: &Arc<Runtime>) -> Result<Self, SandboxError> {
        let interval = runtime.config.tiers.interval;
        let (ring, rings): (Sender<()>, _) = crossbeam_channel::bounded(1);
        let weak = Arc::downgrade(runtime);
        let thread = thread::Builder::new()
            .name("riptide-optimiser".to_owned())
            .spawn(move || {
                for () in rings {
                    let Some(runtime) = weak.upgrade() else { return };
                    // Whatever goes wrong once is tried again at the next interval.
                    let _ = panic::catch_unwind(AssertUnwindSafe(|| runtime.optimise()));
                }
            })
            .map_err(SandboxError::ThreadRefused)?;
        // A moment beyond what the clock can tell never comes.
        let first = runtime.clock.now().checked_add(interval);
        let alarm = first.map(|first| {
            runtime.clock.at(first, move || {
                // One ring that waits is enough.
                let _ = ring.try_send(());
                Some(interval)
            })
        });
        Ok(Self { alarm, thread: Some(thread) })
    }
}

impl Drop for Optimiser {
    fn drop(&mut self) {
        // With the alarm goes the bell, and with the bell the thread.
        self.alarm = None;
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != thread::current().id()
        {
            let _ = thread.join();
        }
    }
}

/// What the optimiser remembers between two looks.
#[derive(Default)]
pub(crate) struct Outlook {
    /// Checkouts per interval of each component, the latest counting most.
    rates: Mutex<HashMap<Arc<str>, f64>>,
    /// Whether memory is short.
    pressure: AtomicBool,
    /// Held while the tiers are fitted.
    looking: Mutex<()>,
    /// When the components were looked after last.
    visited: Mutex<Option<Instant>>,
}

impl Outlook {
    /// What each component was asked for since this was last called, and before.
    fn candidates(&self, components: &[Arc<Tiers>]) -> Vec<Candidate> {
        let mut rates = self.rates.lock().unwrap_or_else(PoisonError::into_inner);
        let former = mem::take(&mut *rates);
        let mut candidates = Vec::with_capacity(components.len());
        for tiers in components {
            let demand = tiers.sample();
            let rate = former.get(tiers.digest()).copied().unwrap_or_default();
            let rate = MEMORY * rate + (1.0 - MEMORY) * demand.checkouts as f64;
            rates.insert(Arc::clone(tiers.digest()), rate);
            candidates.push(Candidate { tier: tiers.tier(), demand, rate });
        }
        candidates
    }
}

/// What is known of a component when its tier is chosen.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    tier: Tier,
    demand: Demand,
    rate: f64,
}

/// What a component should have ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    /// This many instances, and thus machine code.
    Hot(usize),
    Warm,
    Cold,
}

/// What each component should have ready, those that are asked for most first.
fn plan(candidates: &[Candidate], config: &TierConfig, now: Instant) -> Vec<Wish> {
    let mut order: Vec<_> = (0_usize..).zip(candidates).collect();
    order.sort_by(|(_, one), (_, other)| {
        other.rate.total_cmp(&one.rate).then(other.demand.last_used.cmp(&one.demand.last_used))
    });
    let mut wishes: Vec<_> = candidates.iter().map(|_| Wish::Cold).collect();
    let mut places = config.hot;
    for (index, candidate) in order.into_iter().take(config.warm) {
        let unused_for = now.saturating_duration_since(candidate.demand.last_used);
        let instances = candidate.demand.peak.max(1).min(config.hot_per_component).min(places);
        let wish = if instances > 0 && unused_for < config.hot_for {
            places -= instances;
            Wish::Hot(instances)
        } else if unused_for < config.warm_for
            && (candidate.tier <= Tier::Warm || candidate.is_expected(config))
        {
            Wish::Warm
        } else {
            Wish::Cold
        };
        if let Some(place) = wishes.get_mut(index) {
            *place = wish;
        }
    }
    wishes
}

impl Candidate {
    /// Whether it will be asked for while its machine code would stay in memory, if all goes on as it did.
    fn is_expected(&self, config: &TierConfig) -> bool {
        self.rate * config.warm_for.as_secs_f64() >= config.interval.as_secs_f64()
    }
}

impl Runtime {
    /// Fits the tiers to the demand, and the instances that wait to the memory there is.
    pub(crate) fn optimise(&self) {
        // One look at a time, so that none acts on what was true before another.
        let _one = self.outlook.looking.lock().unwrap_or_else(PoisonError::into_inner);
        self.look_after();
        if self.is_under_pressure() {
            self.components().iter().for_each(|tiers| self.demote(tiers, Tier::Warm));
            return;
        }
        let components = self.components();
        let candidates = self.outlook.candidates(&components);
        for (tiers, wish) in components.iter().zip(plan(&candidates, &self.config.tiers, self.clock.now())) {
            match wish {
                Wish::Hot(instances) => {
                    tiers.want(instances);
                    self.prefetch(tiers);
                    self.replenish(tiers);
                }
                Wish::Warm => {
                    self.demote(tiers, Tier::Warm);
                    self.prefetch(tiers);
                }
                Wish::Cold => self.demote(tiers, Tier::Cold),
            }
        }
    }

    /// Has each component in memory extract the page whose answer it knows, when it is time for that.
    fn look_after(&self) {
        let now = self.clock.now();
        let mut visited = self.outlook.visited.lock().unwrap_or_else(PoisonError::into_inner);
        let last = *visited.get_or_insert(now);
        if now.saturating_duration_since(last) < self.config.health_interval {
            return;
        }
        *visited = Some(now);
        drop(visited);
        for tiers in self.components() {
            let Some(code) = tiers.code() else { continue };
            let failure = self.examine(code).err().map(|error| error.code());
            if tiers.diagnose(failure) {
                self.events().emit(Event::ComponentHealth { digest: Arc::clone(tiers.digest()), failure });
            }
        }
    }

    /// One health check, in an instance of its own.
    fn examine(&self, code: Arc<Loaded>) -> Result<(), SandboxError> {
        let term = self.term(self.config.budget.limits, &Stop::new(self.engines.clone()));
        let (health,) = Instance::start(code, &term, &self.counts)?.call(
            |component| &component.check_health,
            (),
            &term,
        )?;
        health.map_err(|reason| SandboxError::Unhealthy { reason })
    }

    /// Takes the machine code into memory.
    fn prefetch(&self, tiers: &Arc<Tiers>) {
        // A component that does not load tells so to the document that wants it.
        let _ = self.thaw(tiers);
    }

    fn demote(&self, tiers: &Tiers, to: Tier) {
        let from = tiers.tier();
        tiers.demote(to);
        let to = tiers.tier();
        if from != to {
            self.events().emit(Event::TierChanged { digest: Arc::clone(tiers.digest()), from, to });
        }
    }

    /// Looks how much memory the process has resident, and lets nobody wait while it is too much.
    fn is_under_pressure(&self) -> bool {
        let (Some(limit), Some(resident)) = (self.config.max_resident, (self.config.resident)()) else {
            return false;
        };
        let was = self.outlook.pressure.load(Ordering::SeqCst);
        let bound = if was { limit / 10 * RECOVERED_TENTHS } else { limit };
        let under_pressure = resident > bound;
        if under_pressure != was {
            self.outlook.pressure.store(under_pressure, Ordering::SeqCst);
            self.admission.set_pressure(under_pressure);
            self.events().emit(Event::PressureChanged { under_pressure, resident, limit });
        }
        under_pressure
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn config() -> TierConfig {
        TierConfig {
            hot: 4,
            hot_per_component: 3,
            warm: 3,
            hot_for: MINUTE,
            warm_for: 10 * MINUTE,
            ..TierConfig::default()
        }
    }

    /// A component of a rate, a peak and an age.
    fn candidate(tier: Tier, rate: f64, peak: usize, unused_for: Duration, now: Instant) -> Candidate {
        let demand = Demand { checkouts: 0, peak, last_used: now - unused_for };
        Candidate { tier, demand, rate }
    }

    fn plan_of(candidates: &[(Tier, f64, usize, Duration)]) -> Vec<Wish> {
        let now = Instant::now() + 100 * MINUTE;
        let candidates: Vec<_> = candidates
            .iter()
            .map(|(tier, rate, peak, unused_for)| candidate(*tier, *rate, *peak, *unused_for, now))
            .collect();
        plan(&candidates, &config(), now)
    }

    #[test]
    fn instances_go_to_those_asked_for_most_up_to_both_caps() {
        let busy = |rate| (Tier::Warm, rate, 9, Duration::ZERO);
        assert_eq!(plan_of(&[busy(1.0), busy(3.0), busy(2.0)]), [Wish::Warm, Wish::Hot(3), Wish::Hot(1)]);
    }

    #[test]
    fn the_unused_go_down_by_age() {
        let unused = |tier, minutes: u32| plan_of(&[(tier, 0.0, 0, MINUTE * minutes)])[0];
        assert_eq!(unused(Tier::Hot, 0), Wish::Hot(1));
        assert_eq!(unused(Tier::Hot, 1), Wish::Warm);
        assert_eq!(unused(Tier::Warm, 10), Wish::Cold);
        assert_eq!(unused(Tier::Cold, 5), Wish::Cold);
    }

    #[test]
    fn what_is_expected_back_is_fetched_ahead() {
        assert_eq!(plan_of(&[(Tier::Cold, 1.0, 0, MINUTE * 5)]), [Wish::Warm]);
    }

    #[test]
    fn machine_code_beyond_the_cap_goes_to_the_disk() {
        let wishes = plan_of(&[1.0, 4.0, 3.0, 2.0].map(|rate| (Tier::Warm, rate, 0, MINUTE * 2)));
        assert_eq!(wishes, [Wish::Cold, Wish::Warm, Wish::Warm, Wish::Warm]);
    }
}
