//! The settings of a runtime.

use std::borrow::Cow;
use std::num::NonZero;
use std::path::PathBuf;
use std::thread;

use riptide_sandbox::{BUILT_IN, LoadPolicy, Sandbox, SandboxConfig};

use crate::engine::Engine;
use crate::{Error, EventBus, Limits, Riptide};

/// What nobody subscribes to needs no room; a subscriber that lags this far behind loses events, counted.
const EVENT_CAPACITY: usize = 1024;

/// Settings of a [`Riptide`].
pub struct Builder {
    jobs: Option<NonZero<usize>>,
    limits: Limits,
    native: bool,
    extractor: Cow<'static, [u8]>,
    cache_dir: Option<PathBuf>,
    load: LoadPolicy,
    events: Option<EventBus>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            jobs: None,
            limits: Limits::default(),
            native: false,
            extractor: Cow::Borrowed(BUILT_IN),
            cache_dir: None,
            load: LoadPolicy::default(),
            events: None,
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

    /// The folder that keeps compiled components. Without one the component is compiled at each start.
    #[must_use]
    pub fn cache_dir(mut self, folder: PathBuf) -> Self {
        self.cache_dir = Some(folder);
        self
    }

    /// What the sandbox is willing to load, and how it compiles it.
    #[must_use]
    pub fn load_policy(mut self, policy: LoadPolicy) -> Self {
        self.load = policy;
        self
    }

    /// The bus that tells what happens.
    #[must_use]
    pub fn events(mut self, bus: EventBus) -> Self {
        self.events = Some(bus);
        self
    }

    /// Starts the runtime: compiles and checks the component, or takes it from the cache.
    ///
    /// # Errors
    /// [`Error::Setup`] when the component is not one, does not fit the contract, or the sandbox cannot start.
    pub fn build(self) -> Result<Riptide, Error> {
        let events = self.events.unwrap_or_else(|| EventBus::new(EVENT_CAPACITY));
        let engine = if self.native {
            Engine::Native
        } else {
            let sandbox = Sandbox::new(SandboxConfig {
                threads: self.jobs.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZero::get),
                limits: self.limits,
                cache_dir: self.cache_dir,
                load: self.load,
                events: events.clone(),
            })?;
            let extractor = sandbox.load(&self.extractor)?;
            Engine::Sandboxed { sandbox: Box::new(sandbox), extractor }
        };
        Ok(Riptide { engine, limits: self.limits, events })
    }
}
