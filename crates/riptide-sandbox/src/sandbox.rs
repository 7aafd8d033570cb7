use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use riptide_events::{ArtefactOrigin, Event, EventBus};
use riptide_types::{Document, ExtractionMode, Limits, Page};
use wasmtime::Engine;
use wasmtime::component::{Component, ComponentNamedList, Lift, Lower};

use crate::cache::{Cache, Refusal, sha256};
use crate::compile::compile;
use crate::component::{Function, Loaded, check_preamble};
use crate::contract::extract_params;
use crate::deadline::Watch;
use crate::engine::engine;
use crate::threads::Threads;
use crate::{ComponentInfo, Extractor, LoadPolicy, SandboxError, run, validate};

/// How a [`Sandbox`] runs.
#[derive(Clone)]
pub struct SandboxConfig {
    /// How many documents run at once, each on a thread of the sandbox's own; at least one.
    pub threads: usize,
    /// What one document may cost.
    pub limits: Limits,
    /// The folder that keeps compiled components; it must belong to this user alone. Without one nothing is kept.
    pub cache_dir: Option<PathBuf>,
    /// What is loaded, and how.
    pub load: LoadPolicy,
    /// Hears about components and the cache.
    pub events: EventBus,
}

/// Runs components, each document in an instance of its own.
pub struct Sandbox {
    // Dropped in this order: the threads wait for their guests, which the watch ends in time.
    threads: Threads,
    watch: Watch,
    engine: Engine,
    limits: Limits,
    policy: LoadPolicy,
    cache: Option<Cache>,
    events: EventBus,
}

impl Sandbox {
    /// Starts the threads and opens the cache. A cache that cannot be trusted is done without, and an event says so.
    ///
    /// # Errors
    /// [`SandboxError::EngineRefused`] and [`SandboxError::ThreadRefused`].
    pub fn new(config: SandboxConfig) -> Result<Self, SandboxError> {
        let SandboxConfig { threads, limits, cache_dir, load: policy, events } = config;
        let threads = threads.max(1);
        let engine = engine(threads)?;
        let cache = match cache_dir.map(Cache::open) {
            None => None,
            Some(Ok(cache)) => Some(cache),
            Some(Err(Refusal { path, reason })) => {
                events.emit(Event::CacheRefused { path, reason });
                None
            }
        };
        let watch = Watch::start(engine.clone())?;
        Ok(Self { threads: Threads::start(threads)?, watch, engine, limits, policy, cache, events })
    }

    /// Compares the component with the contract and compiles it, or takes its machine code from the cache, where nothing
    /// is kept that does not fit.
    ///
    /// # Errors
    /// Those of [`Phase::Load`](riptide_types::Phase::Load).
    pub fn load(&self, component: &[u8]) -> Result<Extractor, SandboxError> {
        self.policy.check_size(component)?;
        check_preamble(component)?;
        let started = Instant::now();
        let digest: Arc<str> = sha256(component).into();
        self.policy.check_digest(component, &digest)?;
        self.events.emit(Event::ComponentLoading { digest: Arc::clone(&digest) });
        let (compiled, origin) = self.compiled(component, &digest)?;
        let extractor = Extractor::new(&self.engine, &compiled, Arc::clone(&digest))?;
        let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.events.emit(Event::ComponentLoaded { digest, origin, micros });
        Ok(extractor)
    }

    fn compiled(&self, component: &[u8], digest: &str) -> Result<(Component, ArtefactOrigin), SandboxError> {
        let refused = |Refusal { path, reason }| self.events.emit(Event::CacheRefused { path, reason });
        if let Some(cache) = &self.cache {
            match cache.get(&self.engine, digest) {
                Ok(Some(cached)) => return Ok((cached, ArtefactOrigin::Cache)),
                Ok(None) => {}
                Err(refusal) => refused(refusal),
            }
        }
        let report = validate::report(component, digest)?;
        if !report.is_valid() {
            return Err(SandboxError::ContractMismatch(Box::new(report)));
        }
        let compiler = self.policy.compiler(component);
        let compiled = compile(&self.engine, component, compiler, self.policy.compile_time)?;
        if let Some(Err(refusal)) =
            self.cache.as_ref().map(|cache| cache.put(&self.engine, digest, &compiled))
        {
            refused(refusal);
        }
        Ok((compiled, ArtefactOrigin::Compiled))
    }

    /// Extracts one page in a fresh instance. Blocks until the document is there; may be called from many threads.
    ///
    /// # Errors
    /// Each way a component can fail, such as [`SandboxError::DeadlineExceeded`], and what it answers itself as
    /// [`SandboxError::Refused`]. The sandbox and other documents go on unharmed.
    pub fn extract(
        &self,
        extractor: &Extractor,
        page: Page,
        mode: ExtractionMode,
    ) -> Result<Document, SandboxError> {
        if page.html.len() > self.limits.memory {
            // No instance could hold it.
            return Err(SandboxError::MemoryExceeded { limit: self.limits.memory });
        }
        let params = extract_params(page, mode);
        let (answer,) = self.call(extractor, |component| &component.extract, params)?;
        Ok(answer.map_err(riptide_types::ExtractionError::from)?.into())
    }

    /// Asks the component what it is.
    ///
    /// # Errors
    /// As [`Sandbox::extract`].
    pub fn describe(&self, extractor: &Extractor) -> Result<ComponentInfo, SandboxError> {
        let (info,) = self.call(extractor, |component| &component.describe, ())?;
        Ok(info.into())
    }

    /// Lets the component extract a page whose answer it knows.
    ///
    /// # Errors
    /// [`SandboxError::Unhealthy`] when the answer is another, else as [`Sandbox::extract`].
    pub fn check_health(&self, extractor: &Extractor) -> Result<(), SandboxError> {
        let (health,) = self.call(extractor, |component| &component.check_health, ())?;
        health.map_err(|reason| SandboxError::Unhealthy { reason })
    }

    /// Calls a function of the component, on one of the threads.
    fn call<P, R>(
        &self,
        extractor: &Extractor,
        function: fn(&Loaded) -> &Function<P, R>,
        params: P,
    ) -> Result<R, SandboxError>
    where
        P: ComponentNamedList + Lower + Send + 'static,
        R: ComponentNamedList + Lift + Send + 'static,
    {
        let component = Arc::clone(&extractor.0);
        let (engine, limits, deadlines) = (self.engine.clone(), self.limits, self.watch.deadlines());
        self.threads
            .run(move || run::call(&engine, &component, function(&component), params, &limits, &deadlines))
    }
}
