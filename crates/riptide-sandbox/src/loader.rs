//! Where machine code comes from: the disk, a quick compiler now, a thorough one in the background.

use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender};
use riptide_events::{ArtefactOrigin, Event, EventBus};
use riptide_pool::Clock;
use wasmtime::component::Component;

use crate::cache::Cache;
use crate::compile::{Effort, compile};
use crate::component::Loaded;
use crate::engine::Engines;
use crate::extractor::Tiers;
use crate::{LoadPolicy, SandboxError, micros, validate};

/// Makes machine code. Dropping it waits for what is being compiled.
pub(crate) struct Loader {
    source: Arc<Source>,
    queue: Option<Sender<Arc<Tiers>>>,
    thread: Option<JoinHandle<()>>,
}

struct Source {
    engines: Engines,
    policy: LoadPolicy,
    cache: Option<Arc<Cache>>,
    clock: Clock,
    events: EventBus,
    /// How many components are queued or being compiled.
    open: Mutex<usize>,
    done: Condvar,
}

impl Loader {
    pub(crate) fn start(
        engines: Engines,
        cache: Option<Arc<Cache>>,
        policy: LoadPolicy,
        clock: Clock,
        events: EventBus,
    ) -> Result<Self, SandboxError> {
        let source = Arc::new(Source {
            engines,
            policy,
            cache,
            clock,
            events,
            open: Mutex::new(0),
            done: Condvar::new(),
        });
        let (queue, orders) = crossbeam_channel::unbounded();
        let served = Arc::clone(&source);
        let thread = thread::Builder::new()
            .name("riptide-loader".to_owned())
            .spawn(move || serve(&served, &orders))
            .map_err(SandboxError::ThreadRefused)?;
        Ok(Self { source, queue: Some(queue), thread: Some(thread) })
    }

    /// Gets a component's machine code as fast as possible, and installs it. If it is not the best there can be, the
    /// best is made in the background, and installed when it is there.
    pub(crate) fn load(&self, tiers: &Arc<Tiers>) -> Result<Arc<Loaded>, SandboxError> {
        let Source { engines, clock, events, .. } = &*self.source;
        let digest = tiers.digest();
        events.emit(Event::ComponentLoading { digest: Arc::clone(digest) });
        let started = clock.now();
        let (code, origin) = match self.source.cached(digest) {
            Some(component) => (Loaded::link(&engines.optimised, &component)?, ArtefactOrigin::Cache),
            None => {
                let report = validate::report(tiers.wasm(), digest)?;
                if !report.is_valid() {
                    return Err(SandboxError::ContractMismatch(Box::new(report)));
                }
                match self.source.compile(tiers, Effort::Baseline) {
                    Ok(component) => (Loaded::link(&engines.baseline, &component)?, ArtefactOrigin::Baseline),
                    Err(error @ SandboxError::CompileTimeout { .. }) => return Err(error),
                    // It may use what the quick compiler does not know.
                    Err(_) => (self.source.compile_well(tiers)?, ArtefactOrigin::Compiled),
                }
            }
        };
        let is_baseline = origin == ArtefactOrigin::Baseline;
        tiers.install(Arc::clone(&code), is_baseline, self.source.is_cached(digest));
        let micros = micros(clock.now().saturating_duration_since(started));
        events.emit(Event::ComponentLoaded { digest: Arc::clone(digest), origin, micros });
        if is_baseline {
            self.order(tiers);
        }
        Ok(code)
    }

    /// Whether the component's machine code lies on disk.
    pub(crate) fn is_cached(&self, digest: &str) -> bool {
        self.source.is_cached(digest)
    }

    fn order(&self, tiers: &Arc<Tiers>) {
        if let Some(queue) = &self.queue {
            self.source.count(|open| open + 1);
            // The thread takes orders as long as there is a queue.
            let _ = queue.send(Arc::clone(tiers));
        }
    }

    /// Waits until nothing is being compiled in the background.
    pub(crate) fn wait(&self) {
        let mut open = self.source.open.lock().unwrap_or_else(PoisonError::into_inner);
        while *open > 0 {
            open = self.source.done.wait(open).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Loader {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // What it compiles is needed at the next start, and its panics are caught.
            let _ = thread.join();
        }
    }
}

fn serve(source: &Source, orders: &Receiver<Arc<Tiers>>) {
    for tiers in orders {
        // A compiler that panics leaves the component with the code that it has.
        let _ = panic::catch_unwind(AssertUnwindSafe(|| source.improve(&tiers)));
        source.count(|open| open - 1);
    }
}

impl Source {
    /// Replaces quickly made machine code by code that runs fast.
    fn improve(&self, tiers: &Arc<Tiers>) {
        let started = self.clock.now();
        // The quick compiler has accepted it; if this one does not, it runs as it is.
        let Ok(code) = self.compile_well(tiers) else { return };
        tiers.install(code, false, self.is_cached(tiers.digest()));
        self.events.emit(Event::ComponentLoaded {
            digest: Arc::clone(tiers.digest()),
            origin: ArtefactOrigin::Compiled,
            micros: micros(self.clock.now().saturating_duration_since(started)),
        });
    }

    fn compile_well(&self, tiers: &Tiers) -> Result<Arc<Loaded>, SandboxError> {
        let engine = &self.engines.optimised;
        let component = self.compile(tiers, Effort::Optimised)?;
        if let Some(cache) = &self.cache
            && let Err(refusal) = cache.put(engine, tiers.digest(), &component)
        {
            self.events.emit(refusal.into_event());
        }
        Loaded::link(engine, &component)
    }

    fn compile(&self, tiers: &Tiers, effort: Effort) -> Result<Component, SandboxError> {
        let engine = match effort {
            Effort::Baseline => &self.engines.baseline,
            Effort::Optimised => &self.engines.optimised,
        };
        let compiler = self.policy.compiler(tiers.wasm());
        compile(engine, effort, tiers.wasm(), compiler, self.policy.compile_time)
    }

    fn cached(&self, digest: &str) -> Option<Component> {
        let cached = self.cache.as_ref()?.get(&self.engines.optimised, digest);
        cached.unwrap_or_else(|refusal| {
            self.events.emit(refusal.into_event());
            None
        })
    }

    fn is_cached(&self, digest: &str) -> bool {
        self.cache.as_ref().is_some_and(|cache| cache.holds(&self.engines.optimised, digest))
    }

    fn count(&self, change: impl FnOnce(usize) -> usize) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        *open = change(*open);
        self.done.notify_all();
    }
}
