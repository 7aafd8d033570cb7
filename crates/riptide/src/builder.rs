//! The settings of a runtime.

use std::borrow::Cow;
use std::num::NonZero;
use std::path::PathBuf;
use std::thread;

use riptide_sandbox::{BUILT_IN, Budget, Clock, LoadPolicy, Sandbox, SandboxConfig};

use crate::engine::{Engine, Registered, Sandboxed};
use crate::registry::Reload;
use crate::{Error, EventBus, Limits, Registry, Riptide};

/// What nobody subscribes to needs no room; a subscriber that lags this far behind loses events, counted.
const EVENT_CAPACITY: usize = 1024;

/// Settings of a [`Riptide`].
pub struct Builder {
    jobs: Option<NonZero<usize>>,
    limits: Limits,
    native: bool,
    extractor: Cow<'static, [u8]>,
    cache_dir: Option<PathBuf>,
    registry: Option<Registry>,
    load: LoadPolicy,
    events: Option<EventBus>,
    clock: Option<Clock>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            jobs: None,
            limits: Limits::default(),
            native: false,
            extractor: Cow::Borrowed(BUILT_IN),
            cache_dir: None,
            registry: None,
            load: LoadPolicy::default(),
            events: None,
            clock: None,
        }
    }
}

impl Builder {
    /// How many documents the sandbox works on at once. Default: one for each core.
    #[must_use]
    pub fn jobs(mut self, jobs: NonZero<usize>) -> Self {
        self.jobs = Some(jobs);
        self
    }

    /// What one document may cost.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Runs the built-in engine in this process, without the sandbox: no deadline, no memory limit. For trusted pages.
    #[must_use]
    pub fn native(mut self, native: bool) -> Self {
        self.native = native;
        self
    }

    /// The component to extract with, instead of the built-in one. Without effect on a native runtime.
    #[must_use]
    pub fn extractor(mut self, component: Vec<u8>) -> Self {
        self.extractor = Cow::Owned(component);
        self
    }

    /// Other components for pages of certain addresses. Their files are looked at every second from then on, and a change
    /// takes effect as soon as it is compiled. Without effect on a native runtime.
    #[must_use]
    pub fn registry(mut self, registry: Registry) -> Self {
        self.registry = Some(registry);
        self
    }

    /// What the sandbox is willing to load, and how it compiles it.
    #[must_use]
    pub fn load_policy(mut self, policy: LoadPolicy) -> Self {
        self.load = policy;
        self
    }

    /// The folder that keeps compiled components. Without one the component is compiled at each start.
    #[must_use]
    pub fn cache_dir(mut self, folder: PathBuf) -> Self {
        self.cache_dir = Some(folder);
        self
    }

    /// The bus that tells what happens.
    #[must_use]
    pub fn events(mut self, bus: EventBus) -> Self {
        self.events = Some(bus);
        self
    }

    /// The clock that tells when the files of the registry are looked at. Default: the system's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Starts the runtime: compiles and checks the components, or takes them from the cache.
    ///
    /// # Errors
    /// [`Error::Setup`] when the component is not one, does not fit the contract, or the sandbox cannot start.
    /// [`Error::UnreadableFile`], [`Error::InvalidConfig`] and [`Error::Component`] when one of the registry cannot be
    /// used.
    pub fn build(self) -> Result<Riptide, Error> {
        let events = self.events.unwrap_or_else(|| EventBus::new(EVENT_CAPACITY));
        let engine = if self.native {
            Engine::Native
        } else {
            let threads = self.jobs.or_else(|| thread::available_parallelism().ok());
            let sandbox = Sandbox::new(SandboxConfig {
                threads: threads.unwrap_or(NonZero::<usize>::MIN),
                budget: Budget { limits: self.limits, ..Budget::default() },
                cache_dir: self.cache_dir,
                load: self.load,
                events: events.clone(),
                clock: self.clock,
                ..SandboxConfig::default()
            })?;
            let is_built_in = matches!(self.extractor, Cow::Borrowed(_));
            let extractor = sandbox.load(self.extractor)?;
            let registered = |registry| -> Result<Registered, Error> {
                let built_in = if is_built_in { extractor.clone() } else { sandbox.load(BUILT_IN)? };
                Ok(Registered { reload: Reload::start(registry, sandbox.clone(), events.clone())?, built_in })
            };
            let registry = self.registry.map(registered).transpose()?;
            Engine::Sandboxed(Sandboxed { sandbox, extractor, registry, events: events.clone() })
        };
        Ok(Riptide { engine, limits: self.limits, events })
    }
}
