//! The settings of a runtime.

use std::borrow::Cow;
use std::num::NonZero;
use std::path::PathBuf;

use riptide_sandbox::{BUILT_IN, Clock, LoadPolicy, Sandbox, SandboxConfig};

use crate::engine::{Engine, Native, PdfExtractor, Registered, Sandboxed};
use crate::hosts::Hosts;
use crate::registry::Reload;
use crate::web::Web;
use crate::{BrowserConfig, Error, EventBus, FetchConfig, Limits, Model, Registry, Riptide};

/// Settings of a [`Riptide`].
pub struct Builder {
    config: SandboxConfig,
    native: bool,
    model: Option<Model>,
    extractor: Cow<'static, [u8]>,
    registry: Option<Registry>,
    fetch: FetchConfig,
    browse: BrowserConfig,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            config: SandboxConfig::default(),
            native: false,
            model: None,
            extractor: Cow::Borrowed(BUILT_IN),
            registry: None,
            fetch: FetchConfig::default(),
            browse: BrowserConfig::default(),
        }
    }
}

impl Builder {
    /// How many documents are worked on at once. Default: one for each core.
    #[must_use]
    pub fn jobs(mut self, jobs: NonZero<usize>) -> Self {
        self.config.threads = jobs;
        self
    }

    /// What one document may cost, of tenants that have no budget of their own.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.config.budget.limits = limits;
        self
    }

    /// Runs the built-in engine in this process, without the sandbox: no deadline, no memory limit. For trusted pages.
    #[must_use]
    pub fn native(mut self, native: bool) -> Self {
        self.native = native;
        self
    }

    /// Another model than the one that the engine carries, to judge blocks with. For a native runtime; the built-in component
    /// has its model inside.
    #[must_use]
    pub fn model(mut self, model: Model) -> Self {
        self.model = Some(model);
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
        self.config.load = policy;
        self
    }

    /// The folder that keeps compiled components. Without one the component is compiled at each start.
    #[must_use]
    pub fn cache_dir(mut self, folder: PathBuf) -> Self {
        self.config.cache_dir = Some(folder);
        self
    }

    /// The bus that tells what happens.
    #[must_use]
    pub fn events(mut self, bus: EventBus) -> Self {
        self.config.events = bus;
        self
    }

    /// The clock that tells when the files of the registry are looked at. Default: the system's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.config.clock = Some(clock);
        self
    }

    /// How pages are fetched by [`Riptide::scrape`].
    #[must_use]
    pub fn fetch(mut self, config: FetchConfig) -> Self {
        self.fetch = config;
        self
    }

    /// The browsers that pages are run in by [`Riptide::scrape`] and [`Riptide::render`]. They start when the first page needs
    /// one.
    #[must_use]
    pub fn browse(mut self, config: BrowserConfig) -> Self {
        self.browse = config;
        self
    }

    /// Any other setting of the sandbox: tenants, queues, tiers, circuit breaker, memory.
    ///
    /// ```
    /// # use riptide::Riptide;
    /// let builder = Riptide::builder().sandbox(|config| config.queue = 100);
    /// ```
    #[must_use]
    pub fn sandbox(mut self, change: impl FnOnce(&mut SandboxConfig)) -> Self {
        change(&mut self.config);
        self
    }

    /// Starts the runtime: compiles and checks the components, or takes them from the cache.
    ///
    /// # Errors
    /// [`Error::Setup`] when the component is not one, does not fit the contract, or the sandbox cannot start.
    /// [`Error::UnreadableFile`], [`Error::InvalidConfig`] and [`Error::Component`] when one of the registry cannot be
    /// used.
    pub fn build(self) -> Result<Riptide, Error> {
        let Self { config, native, model, extractor, registry, fetch, browse } = self;
        let engine = if native {
            Engine::Native(Native::new(model.unwrap_or_else(Model::built_in), config.threads))
        } else {
            let sandbox = Sandbox::new(config.clone())?;
            let is_built_in = matches!(extractor, Cow::Borrowed(_));
            let extractor = sandbox.load(extractor)?;
            let registered = |registry| -> Result<Registered, Error> {
                let built_in = if is_built_in { extractor.clone() } else { sandbox.load(BUILT_IN)? };
                Ok(Registered {
                    reload: Reload::start(registry, sandbox.clone(), config.events.clone())?,
                    built_in,
                })
            };
            let registry = registry.map(registered).transpose()?;
            Engine::Sandboxed(Sandboxed {
                sandbox,
                extractor,
                registry,
                pdf: PdfExtractor::default(),
                events: config.events.clone(),
            })
        };
        let web = Web::new(fetch, browse, config.events.clone());
        Ok(Riptide { engine, config, web, hosts: Hosts::default() })
    }
}
