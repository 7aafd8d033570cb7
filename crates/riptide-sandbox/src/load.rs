//! What a sandbox is willing to load.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::built_in::is_built_in;
use crate::{Compiler, SandboxError};

/// What a [`Sandbox`](crate::Sandbox) is willing to load. The built-in component is always loaded, by this process itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadPolicy {
    /// Bytes of a component. Default: 64 MiB; extractors that bring the runtime of an interpreted language have about 20.
    pub max_size: usize,
    /// SHA-256, in lower-case hexadecimal, of the components that may be loaded. `None`, the default: any.
    pub pinned: Option<BTreeSet<String>>,
    /// What compiles components that are not in the cache.
    pub compiler: Compiler,
    /// How long it may take for one of them. [`Compiler::InProcess`] does not heed it. Default: five minutes; extractors
    /// that bring the runtime of an interpreted language take about one.
    pub compile_time: Duration,
    /// Whether a component must extract a page with a known answer before it is used. Default: it must.
    pub canary: bool,
}

impl Default for LoadPolicy {
    fn default() -> Self {
        Self {
            max_size: 64 * 1024 * 1024,
            pinned: None,
            compiler: Compiler::default(),
            compile_time: Duration::from_secs(300),
            canary: true,
        }
    }
}

impl LoadPolicy {
    /// Checks what can be told from the outside. A stranger's component that is too large is not even looked at.
    pub(crate) fn check_size(&self, component: &[u8]) -> Result<(), SandboxError> {
        if component.len() > self.max_size && !is_built_in(component) {
            return Err(SandboxError::ComponentTooLarge { limit: self.max_size });
        }
        Ok(())
    }

    /// Checks that this component may be loaded.
    pub(crate) fn check_digest(&self, component: &[u8], digest: &str) -> Result<(), SandboxError> {
        let is_pinned = self.pinned.as_ref().is_none_or(|pinned| pinned.contains(digest));
        if is_pinned || is_built_in(component) {
            return Ok(());
        }
        Err(SandboxError::ComponentNotPinned { digest: digest.to_owned() })
    }

    /// What compiles this component.
    pub(crate) fn compiler(&self, component: &[u8]) -> &Compiler {
        if is_built_in(component) { &Compiler::InProcess } else { &self.compiler }
    }
}
