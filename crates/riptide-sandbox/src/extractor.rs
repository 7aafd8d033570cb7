//! What a component has ready: instances, machine code in memory, machine code on disk, or WebAssembly alone.

use std::borrow::Cow;
use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use riptide_events::{LeaseEnd, Tier};
use riptide_pool::{Call, CircuitBreaker};
use riptide_types::Tenant;

use crate::SandboxError;
use crate::component::Loaded;
use crate::instance::Instance;

/// A component that the [`Sandbox`](crate::Sandbox) which loaded it can run. Clones are the same component.
#[derive(Clone)]
pub struct Extractor(pub(crate) Arc<Tiers>);

impl Extractor {
    /// SHA-256 of the component, in hexadecimal.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.0.digest
    }

    /// What the component has ready.
    #[must_use]
    pub fn tier(&self) -> Tier {
        self.0.tier()
    }
}

/// The tiers of one component.
pub(crate) struct Tiers {
    digest: Arc<str>,
    wasm: Cow<'static, [u8]>,
    breaker: Option<CircuitBreaker>,
    state: Mutex<State>,
    /// Held while machine code is being fetched or made, so that it is once.
    pub(crate) thawing: Mutex<()>,
}

struct State {
    code: Option<Arc<Loaded>>,
    /// Whether machine code lies on disk.
    on_disk: bool,
    /// Fresh instances, the one whose memory was in use last at the end.
    ready: Vec<Idle>,
    /// How many of those there should be.
    wanted: usize,
    /// Used instances, each for its tenant alone.
    kept: Vec<(Tenant, Idle)>,
    lent: usize,
    demand: Demand,
    /// The code of the error that its last health check ended in.
    ailment: Option<&'static str>,
}

/// How much a component was asked for since somebody last looked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Demand {
    pub(crate) checkouts: u64,
    /// Most instances that were lent at once.
    pub(crate) peak: usize,
    pub(crate) last_used: Instant,
}

/// An instance that waits, and its place among all that do.
pub(crate) struct Idle {
    instance: Instance,
    _place: Place,
}

/// A place for an instance that waits.
pub(crate) struct Place(Arc<AtomicUsize>);

impl Place {
    /// A place, unless all are taken.
    pub(crate) fn reserve(taken: &Arc<AtomicUsize>, places: usize) -> Option<Self> {
        let more = |taken: usize| (taken < places).then_some(taken + 1);
        taken.fetch_update(Ordering::SeqCst, Ordering::SeqCst, more).ok()?;
        Some(Self(Arc::clone(taken)))
    }

    pub(crate) fn fill(self, instance: Instance) -> Idle {
        Idle { instance, _place: self }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Tiers {
    pub(crate) fn new(
        digest: Arc<str>,
        wasm: Cow<'static, [u8]>,
        breaker: Option<CircuitBreaker>,
        on_disk: bool,
        now: Instant,
    ) -> Self {
        let demand = Demand { checkouts: 0, peak: 0, last_used: now };
        let state = State {
            code: None,
            on_disk,
            ready: Vec::new(),
            wanted: 0,
            kept: Vec::new(),
            lent: 0,
            demand,
            ailment: None,
        };
        Self { digest, wasm, breaker, state: Mutex::new(state), thawing: Mutex::new(()) }
    }

    pub(crate) fn digest(&self) -> &Arc<str> {
        &self.digest
    }

    pub(crate) fn wasm(&self) -> &[u8] {
        &self.wasm
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leave to call the component, unless it is out of order.
    pub(crate) fn try_call(&self) -> Result<Option<Call>, SandboxError> {
        if let Some(code) = self.state().ailment {
            return Err(SandboxError::Unhealthy {
                reason: format!("its last health check ended in `{code}`"),
            });
        }
        Ok(self.breaker.as_ref().map(CircuitBreaker::try_call).transpose()?)
    }

    /// Writes down how a health check ended; returns whether that is news.
    pub(crate) fn diagnose(&self, ailment: Option<&'static str>) -> bool {
        let mut state = self.state();
        mem::replace(&mut state.ailment, ailment) != ailment
    }

    pub(crate) fn tier(&self) -> Tier {
        let state = self.state();
        match &state.code {
            Some(_) if !state.ready.is_empty() => Tier::Hot,
            Some(_) => Tier::Warm,
            None if state.on_disk => Tier::Cold,
            None => Tier::Frozen,
        }
    }

    /// An instance that is there already: one that the tenant has used before, or else a fresh one.
    pub(crate) fn take_idle(&self, tenant: &Tenant) -> Option<Instance> {
        let mut state = self.state();
        let own = state.kept.iter().rposition(|(owner, _)| owner == tenant);
        let idle = own.map(|place| state.kept.remove(place).1).or_else(|| state.ready.pop());
        drop(state);
        idle.map(|Idle { instance, .. }| instance)
    }

    /// The machine code, if it is in memory.
    pub(crate) fn code(&self) -> Option<Arc<Loaded>> {
        self.state().code.clone()
    }

    /// Runs this machine code from now on. Baseline code replaces nothing.
    pub(crate) fn install(&self, loaded: Arc<Loaded>, is_baseline: bool, on_disk: bool) {
        let mut state = self.state();
        state.on_disk |= on_disk;
        if is_baseline && state.code.is_some() {
            return;
        }
        state.code = Some(loaded);
        let idle = state.clear();
        drop(state);
        drop(idle);
    }

    /// Gives up what waits in memory, and the machine code too if it can be had from the disk again; returns whether
    /// that changed anything.
    pub(crate) fn demote(&self, to: Tier) -> bool {
        let mut state = self.state();
        let idle = state.clear();
        state.wanted = 0;
        let code = if to > Tier::Warm && state.on_disk { state.code.take() } else { None };
        drop(state);
        !idle.0.is_empty() || !idle.1.is_empty() || code.is_some()
    }

    /// Says how many fresh instances should wait.
    pub(crate) fn want(&self, wanted: usize) {
        let mut state = self.state();
        state.wanted = wanted;
        let surplus: Vec<_> =
            if state.ready.len() > wanted { state.ready.drain(wanted..).collect() } else { Vec::new() };
        drop(state);
        drop(surplus);
    }

    /// The machine code, if a fresh instance of it should be made to wait.
    pub(crate) fn lacks_ready(&self) -> Option<Arc<Loaded>> {
        let state = self.state();
        let code = state.code.as_ref()?;
        (state.ready.len() < state.wanted).then(|| Arc::clone(code))
    }

    /// Has a fresh instance wait if that is wished for, or destroys it.
    pub(crate) fn make_ready(&self, idle: Idle) -> LeaseEnd {
        let mut state = self.state();
        if state.ready.len() >= state.wanted || !state.runs(&idle) {
            return LeaseEnd::Destroyed;
        }
        state.ready.push(idle);
        LeaseEnd::Kept
    }

    /// Has a used instance wait for its tenant, or destroys it when there is better machine code by now.
    pub(crate) fn keep(&self, tenant: Tenant, idle: Idle) -> LeaseEnd {
        let mut state = self.state();
        if !state.runs(&idle) {
            return LeaseEnd::Destroyed;
        }
        state.kept.push((tenant, idle));
        LeaseEnd::Kept
    }

    /// Counts an instance as lent.
    pub(crate) fn lend(&self, now: Instant) {
        let mut state = self.state();
        state.lent += 1;
        state.demand.checkouts += 1;
        state.demand.peak = state.demand.peak.max(state.lent);
        state.demand.last_used = now;
    }

    /// Counts a lent instance as back.
    pub(crate) fn take_back(&self, now: Instant) {
        let mut state = self.state();
        state.lent -= 1;
        state.demand.last_used = now;
    }

    /// How many instances are lent.
    pub(crate) fn lent(&self) -> usize {
        self.state().lent
    }

    /// The demand since this was last asked.
    pub(crate) fn sample(&self) -> Demand {
        let mut state = self.state();
        let next = Demand { checkouts: 0, peak: state.lent, ..state.demand };
        mem::replace(&mut state.demand, next)
    }
}

impl State {
    fn clear(&mut self) -> (Vec<Idle>, Vec<(Tenant, Idle)>) {
        (mem::take(&mut self.ready), mem::take(&mut self.kept))
    }

    /// Whether the instance runs the present machine code.
    fn runs(&self, idle: &Idle) -> bool {
        self.code.as_ref().is_some_and(|code| Arc::ptr_eq(code, idle.instance.component()))
    }
}
