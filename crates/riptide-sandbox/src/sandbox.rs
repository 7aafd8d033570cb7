use std::borrow::Cow;
use std::panic::Location;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use riptide_events::{Event, EventBus, Tier};
use riptide_pool::{
    Admission, AdmissionConfig, Call, CircuitBreaker, Clock, Lease, Permit, Reaper, Shares, Terms, within,
};
use riptide_types::{Document, ExtractionError, ExtractionMode, Failure, Limits, Page, Tenant};

use crate::booking::Booking;
use crate::built_in::is_built_in;
use crate::cache::{Cache, sha256};
use crate::component::{Loaded, check_preamble};
use crate::contract::{ExtractResults, extract_params};
use crate::engine::{Engines, Stop};
use crate::extractor::{Extractor, Place, Tiers};
use crate::instance::{Counts, Instance, Term};
use crate::lease::{InstanceLease, Offer, Used};
use crate::loader::Loader;
use crate::optimiser::{Optimiser, Outlook};
use crate::threads::{Running, Threads};
use crate::{ComponentInfo, SandboxConfig, SandboxError, micros};

/// Leases that may wait for the reaper; more are cleaned up where they are dropped.
const REAPER_QUEUE: usize = 256;

/// Runs components, each document in an instance of its own. Clones are the same sandbox.
#[derive(Clone)]
pub struct Sandbox(pub(crate) Arc<Runtime>);

/// What a sandbox and its leases share.
pub(crate) struct Runtime {
    // Dropped in this order: the optimiser looks at everything else; the threads wait for their guests, which the
    // clock ends in time; the loader for what it compiles.
    optimiser: Mutex<Option<Optimiser>>,
    pub(crate) threads: Threads,
    pub(crate) loader: Loader,
    pub(crate) reaper: Reaper,
    pub(crate) admission: Admission,
    pub(crate) engines: Engines,
    pub(crate) clock: Clock,
    pub(crate) counts: Arc<Counts>,
    /// How many instances wait.
    pub(crate) waiting: Arc<AtomicUsize>,
    components: Mutex<Vec<Weak<Tiers>>>,
    pub(crate) outlook: Outlook,
    pub(crate) config: SandboxConfig,
}

/// A page, and what is wanted of it.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Whose it is.
    pub tenant: Tenant,
    /// The page.
    pub page: Page,
    /// What is wanted.
    pub mode: ExtractionMode,
}

/// How many instances of a sandbox there were and are. Whenever nothing is under way, `created` is the sum of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstanceCounts {
    /// All that there ever were.
    pub created: u64,
    /// Those that are gone.
    pub destroyed: u64,
    /// Those that wait.
    pub idle: u64,
    /// Those that are lent.
    pub in_use: u64,
}

impl Sandbox {
    /// Starts the threads and opens the cache. A cache that cannot be trusted is done without, and an event says so.
    ///
    /// # Errors
    /// [`SandboxError::EngineRefused`] and [`SandboxError::ThreadRefused`].
    pub fn new(config: SandboxConfig) -> Result<Self, SandboxError> {
        let clock = match &config.clock {
            Some(clock) => clock.clone(),
            None => Clock::system().map_err(SandboxError::ThreadRefused)?,
        };
        // Those that are lent, those that wait, and the one that is examined.
        let instances = config.threads.get().saturating_add(config.tiers.hot).saturating_add(1);
        let engines = Engines::new(instances)?;
        let cache = match config.cache_dir.clone().map(Cache::open) {
            None => None,
            Some(Ok(cache)) => Some(Arc::new(cache)),
            Some(Err(refusal)) => {
                config.events.emit(refusal.into_event());
                None
            }
        };
        let shares = config.tenants.iter().map(|(tenant, budget)| (tenant.clone(), budget.share));
        let admission = AdmissionConfig {
            permits: config.threads,
            queue: config.queue,
            wait: config.wait,
            shares: Shares { default: config.budget.share, tenants: shares.collect() },
        };
        let events = config.events.clone();
        let runtime = Arc::new(Runtime {
            optimiser: Mutex::new(None),
            threads: Threads::start(config.threads.get())?,
            loader: Loader::start(
                engines.clone(),
                cache,
                config.load.clone(),
                clock.clone(),
                events.clone(),
            )?,
            reaper: Reaper::start(REAPER_QUEUE, events).map_err(SandboxError::ThreadRefused)?,
            admission: Admission::new(admission, clock.clone()),
            engines,
            clock,
            counts: Arc::default(),
            waiting: Arc::default(),
            components: Mutex::default(),
            outlook: Outlook::default(),
            config,
        });
        let optimiser = Optimiser::start(&runtime)?;
        *runtime.optimiser.lock().unwrap_or_else(PoisonError::into_inner) = Some(optimiser);
        Ok(Self(runtime))
    }

    /// Makes a component ready to run: takes its machine code from the cache, where nothing is kept that does not fit the
    /// contract, or compares it with the contract and compiles it, quickly now and well in the background; then has it
    /// extract a page with a known answer. Blocks.
    ///
    /// # Errors
    /// Those of [`Phase::Load`](riptide_types::Phase::Load).
    pub fn load(&self, component: impl Into<Cow<'static, [u8]>>) -> Result<Extractor, SandboxError> {
        let wasm = component.into();
        let policy = &self.0.config.load;
        policy.check_size(&wasm)?;
        check_preamble(&wasm)?;
        let digest: Arc<str> = sha256(&wasm).into();
        policy.check_digest(&wasm, &digest)?;
        let is_built_in = is_built_in(&wasm);
        let tiers = self.0.component(digest, wasm)?;
        let is_known = tiers.code().is_some();
        self.0.thaw(&tiers)?;
        tiers.want(self.0.config.tiers.hot_per_component.min(1));
        self.0.replenish(&tiers);
        let extractor = Extractor(tiers);
        // That also brings in the memory that the first document needs.
        if policy.canary && !is_known {
            let tried = self.check(&extractor);
            // Limits too tight for the trial of the built-in one are told by the documents that meet them.
            if !is_built_in {
                tried?;
            }
        }
        Ok(extractor)
    }

    /// Extracts one page in a fresh instance, as soon as it is the tenant's turn. Dropping the future stops the
    /// component.
    ///
    /// # Errors
    /// [`SandboxError::Busy`] when there is no room for the request; each way a component can fail, such as
    /// [`SandboxError::DeadlineExceeded`]; and what it answers itself as [`SandboxError::Refused`]. The sandbox and
    /// other documents go on unharmed.
    #[track_caller]
    pub fn extract(
        &self,
        extractor: &Extractor,
        request: Request,
    ) -> impl Future<Output = Result<Document, SandboxError>> + Send + use<> {
        let (runtime, tiers, place) = (Arc::clone(&self.0), Arc::clone(&extractor.0), Location::caller());
        async move {
            let Request { tenant, page, mode } = request;
            let limits = runtime.config.limits(&tenant);
            if page.html.len() > limits.memory {
                // No instance could hold it.
                return Err(SandboxError::MemoryExceeded { limit: limits.memory });
            }
            let turn = runtime.admit(&tiers, &tenant, place).await?;
            let owner = Arc::clone(&runtime);
            let outcome = runtime.run(move |stop| match owner.lend(&tiers, turn, stop) {
                Ok(lease) => lease.call(extract_params(page, mode), |component| &component.extract, stop),
                Err(error) => (Err(error), None),
            });
            document(outcome.await)
        }
    }

    /// Lends an instance to the tenant, as soon as it is its turn.
    ///
    /// # Errors
    /// [`SandboxError::Busy`] when there is no room for the request, and what keeps the instance from starting.
    #[track_caller]
    pub fn checkout(
        &self,
        extractor: &Extractor,
        tenant: &Tenant,
    ) -> impl Future<Output = Result<InstanceLease, SandboxError>> + Send + use<> {
        let (runtime, tiers, place) = (Arc::clone(&self.0), Arc::clone(&extractor.0), Location::caller());
        let tenant = tenant.clone();
        async move {
            let turn = runtime.admit(&tiers, &tenant, place).await?;
            let began = runtime.clock.now();
            if let Some(instance) = tiers.take_idle(&tenant) {
                return Ok(runtime.sign(instance, &tiers, turn, Tier::Hot, began));
            }
            let owner = Arc::clone(&runtime);
            let offer = runtime.run(move |stop| (owner.lend(&tiers, turn, stop).map(Offer::new), None));
            offer.await.and_then(Offer::accept)
        }
    }

    /// Asks the component what it is.
    ///
    /// # Errors
    /// As [`Sandbox::extract`].
    pub async fn describe(&self, extractor: &Extractor) -> Result<ComponentInfo, SandboxError> {
        self.checkout(extractor, &Tenant::default()).await?.describe().await
    }

    /// Lets the component extract a page whose answer it knows.
    ///
    /// # Errors
    /// [`SandboxError::Unhealthy`] when the answer is another, else as [`Sandbox::extract`].
    pub async fn check_health(&self, extractor: &Extractor) -> Result<(), SandboxError> {
        self.checkout(extractor, &Tenant::default()).await?.check_health().await
    }

    /// Lets nobody in any more and waits, `limit` at most, until all leases are over; returns how many are not.
    pub async fn shut_down(&self, limit: Duration) -> usize {
        let Runtime { admission, clock, .. } = &*self.0;
        admission.close();
        within(clock, limit, admission.drained()).await;
        admission.in_use()
    }

    /// How many instances there were and are.
    #[must_use]
    pub fn instances(&self) -> InstanceCounts {
        let Runtime { counts, waiting, .. } = &*self.0;
        InstanceCounts {
            created: counts.created.load(Ordering::SeqCst),
            destroyed: counts.destroyed.load(Ordering::SeqCst),
            idle: waiting.load(Ordering::SeqCst) as u64,
            in_use: self.0.components().iter().map(|tiers| tiers.lent() as u64).sum(),
        }
    }

    /// The clock that it goes by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// How many leases were dropped instead of being released.
    #[must_use]
    pub fn leaks(&self) -> u64 {
        self.0.reaper.leaks()
    }

    /// Fits the tiers to the demand now; the sandbox does so by itself at each [`TierConfig::interval`].
    ///
    /// [`TierConfig::interval`]: crate::TierConfig::interval
    pub fn optimise(&self) {
        self.0.optimise();
    }

    /// How long instances of the component take to start and end with no call between: what the machine allows.
    ///
    /// # Errors
    /// What keeps an instance from starting.
    pub async fn time_instances(
        &self,
        extractor: &Extractor,
        rounds: usize,
    ) -> Result<Vec<Duration>, SandboxError> {
        let (runtime, tiers) = (Arc::clone(&self.0), Arc::clone(&extractor.0));
        let turn = runtime.admit(&tiers, &Tenant::default(), Location::caller()).await?;
        let running = self.0.run(move |stop| {
            let _turn = turn;
            let time = |code: &Arc<Loaded>| {
                let started = Instant::now();
                let term = runtime.term(runtime.config.budget.limits, stop);
                drop(Instance::start(Arc::clone(code), &term, &runtime.counts)?);
                Ok(started.elapsed())
            };
            (runtime.thaw(&tiers).and_then(|code| (0..rounds).map(|_| time(&code)).collect()), None)
        });
        running.await
    }

    /// Waits until no machine code is being compiled in the background.
    pub fn wait_for_compiler(&self) {
        self.0.loader.wait();
    }
}

/// The right to have an instance now.
pub(crate) struct Turn {
    permit: Permit,
    /// How long the tenant waited for it.
    queued: Duration,
    /// Where it was asked for.
    place: &'static Location<'static>,
    /// Leave to call a component that might be out of order.
    call: Option<Call>,
}

impl Runtime {
    /// Waits for the tenant's turn.
    async fn admit(
        &self,
        tiers: &Tiers,
        tenant: &Tenant,
        place: &'static Location<'static>,
    ) -> Result<Turn, SandboxError> {
        let refused = |code| self.events().emit(Event::RequestRefused { tenant: tenant.clone(), code });
        let call = tiers.try_call().inspect_err(|error| refused(error.code()))?;
        let began = self.clock.now();
        let permit = self.admission.acquire(tenant).await.inspect_err(|refusal| refused(refusal.code()))?;
        Ok(Turn { permit, queued: self.clock.now().saturating_duration_since(began), place, call })
    }

    /// Runs work that may use an instance on a guest thread, and ends the lease once the outcome was handed over.
    pub(crate) fn run<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Stop) -> (Result<T, SandboxError>, Option<Used>) + Send + 'static,
    ) -> Running<T> {
        let runtime = Arc::clone(self);
        self.threads.run(&self.engines, |stop| {
            let (result, used) = work(stop);
            (result, move || {
                if let Some(Used { lease, tiers, end }) = used {
                    lease.finish(end);
                    runtime.replenish(&tiers);
                }
            })
        })
    }

    /// Gets an instance from the best tier there is. Belongs on a guest thread.
    fn lend(
        self: &Arc<Self>,
        tiers: &Arc<Tiers>,
        turn: Turn,
        stop: &Stop,
    ) -> Result<InstanceLease, SandboxError> {
        if stop.is_stopped() {
            return Err(SandboxError::Cancelled);
        }
        let began = self.clock.now();
        if let Some(instance) = tiers.take_idle(turn.permit.tenant()) {
            return Ok(self.sign(instance, tiers, turn, Tier::Hot, began));
        }
        // An instance may have been made ready just now; then it is the next one's.
        let tier = tiers.tier().max(Tier::Warm);
        let limits = self.config.limits(turn.permit.tenant());
        let started =
            self.thaw(tiers).and_then(|code| Instance::start(code, &self.term(limits, stop), &self.counts));
        match started {
            Ok(instance) => Ok(self.sign(instance, tiers, turn, tier, began)),
            Err(error) => {
                if let Some(call) = turn.call.filter(|_| error.is_component_failure()) {
                    call.fail();
                }
                Err(error)
            }
        }
    }

    /// Makes out the lease for an instance that was looked for since `began`.
    fn sign(
        self: &Arc<Self>,
        mut instance: Instance,
        tiers: &Arc<Tiers>,
        turn: Turn,
        tier: Tier,
        began: Instant,
    ) -> InstanceLease {
        let Turn { permit, queued, place, call } = turn;
        let now = self.clock.now();
        self.events().emit(Event::LeaseTaken {
            tenant: permit.tenant().clone(),
            digest: Arc::clone(tiers.digest()),
            tier,
            queued_micros: micros(queued),
            micros: micros(now.saturating_duration_since(began)),
        });
        let (clock, events) = (self.clock.clone(), self.events().clone());
        instance.book(Booking::new(permit.tenant().clone(), Arc::clone(tiers), call, clock, events));
        let deadline = now.checked_add(self.config.limits(permit.tenant()).time);
        let terms = Terms { permit, deadline, reaper: self.reaper.clone(), place };
        InstanceLease::new(Lease::new(instance, terms), Arc::clone(tiers), Arc::clone(self))
    }

    /// The machine code of a component, from memory, from the disk or from the compiler.
    pub(crate) fn thaw(&self, tiers: &Arc<Tiers>) -> Result<Arc<Loaded>, SandboxError> {
        let _once = tiers.thawing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(code) = tiers.code() {
            return Ok(code);
        }
        let from = tiers.tier();
        let code = self.loader.load(tiers)?;
        self.events().emit(Event::TierChanged { digest: Arc::clone(tiers.digest()), from, to: Tier::Warm });
        Ok(code)
    }

    /// Makes fresh instances of the component until as many wait as should, as long as there is room.
    pub(crate) fn replenish(&self, tiers: &Tiers) {
        while let Some(code) = tiers.lacks_ready()
            && let Some(place) = Place::reserve(&self.waiting, self.config.tiers.hot)
        {
            let term = self.term(self.config.budget.limits, &Stop::new(self.engines.clone()));
            // What keeps it from starting will be told to the document that wants it.
            let Ok(instance) = Instance::start(code, &term, &self.counts) else { return };
            tiers.make_ready(place.fill(instance));
        }
    }

    /// The terms of a call that begins now.
    pub(crate) fn term(&self, limits: Limits, stop: &Stop) -> Term {
        Term {
            clock: self.clock.clone(),
            deadline: self.clock.now().checked_add(limits.time),
            stop: stop.clone(),
            limits,
        }
    }

    /// The component's tiers: those that are there, or else new ones.
    fn component(&self, digest: Arc<str>, wasm: Cow<'static, [u8]>) -> Result<Arc<Tiers>, SandboxError> {
        let mut components = self.components.lock().unwrap_or_else(PoisonError::into_inner);
        components.retain(|tiers| tiers.strong_count() > 0);
        if let Some(known) =
            components.iter().filter_map(Weak::upgrade).find(|tiers| *tiers.digest() == digest)
        {
            return Ok(known);
        }
        // What the built-in component fails on is the pages' fault, and nothing could take its place.
        let breaker = (!is_built_in(&wasm)).then(|| {
            let (clock, events) = (self.clock.clone(), self.events().clone());
            CircuitBreaker::new(Arc::clone(&digest), self.config.breaker.clone(), clock, events)
        });
        let on_disk = self.loader.is_cached(&digest);
        let tiers = Arc::new(Tiers::new(digest, wasm, breaker.transpose()?, on_disk, self.clock.now()));
        components.push(Arc::downgrade(&tiers));
        Ok(tiers)
    }

    /// The components that are in use by anybody.
    pub(crate) fn components(&self) -> Vec<Arc<Tiers>> {
        let components = self.components.lock().unwrap_or_else(PoisonError::into_inner);
        components.iter().filter_map(Weak::upgrade).collect()
    }

    pub(crate) fn events(&self) -> &EventBus {
        &self.config.events
    }
}

/// The document in a component's answer.
pub(crate) fn document(outcome: Result<ExtractResults, SandboxError>) -> Result<Document, SandboxError> {
    let (answer,) = outcome?;
    Ok(answer.map_err(ExtractionError::from)?.into())
}
