use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Strategy};

use crate::SandboxError;

/// The version of Wasmtime that runs the components.
pub const WASMTIME_VERSION: &str = "48.0.8";

/// Bytes of an instance's memory that stay mapped for the next one. Far more than a common page needs, so that a
/// reused slot costs no page faults; at most this much stays resident per slot.
const KEEP_RESIDENT: usize = 64 * 1024 * 1024;

/// Native stack that guest code may use.
pub(crate) const GUEST_STACK: usize = 512 * 1024;

/// What one component may consist of. The built-in one is a single module with one memory and one table; those made
/// of interpreted languages bring a runtime, which is 38 modules with two tables for Python.
const MODULES: u32 = 64;
const MEMORIES: u32 = 4;
const TABLES: u32 = 32;

/// What compiles and runs components. Clones are the same engines.
#[derive(Clone)]
pub(crate) struct Engines {
    /// Cranelift: code that runs fast.
    pub(crate) optimised: Engine,
    /// Winch: code that is there fast.
    pub(crate) baseline: Engine,
}

impl Engines {
    /// Engines with room for `instances` components at once.
    pub(crate) fn new(instances: usize) -> Result<Self, SandboxError> {
        Ok(Self {
            optimised: engine(Strategy::Cranelift, instances)?,
            baseline: engine(Strategy::Winch, instances)?,
        })
    }

    /// Has every guest look whether it must stop.
    pub(crate) fn interrupt(&self) {
        self.optimised.increment_epoch();
        self.baseline.increment_epoch();
    }
}

fn engine(strategy: Strategy, instances: usize) -> Result<Engine, SandboxError> {
    let instances = u32::try_from(instances).unwrap_or(u32::MAX);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        .total_core_instances(instances.saturating_mul(MODULES))
        .total_memories(instances.saturating_mul(MEMORIES))
        .total_tables(instances.saturating_mul(TABLES))
        .max_core_instances_per_component(MODULES)
        .max_memories_per_component(MEMORIES)
        .max_tables_per_component(TABLES)
        .linear_memory_keep_resident(KEEP_RESIDENT)
        .table_keep_resident(KEEP_RESIDENT)
        .pagemap_scan(Enabled::Auto);
    let mut config = configuration(strategy);
    refused(Engine::new(config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool))))
}

/// An engine that compiles for another of the same strategy, and has no room for instances.
pub(crate) fn compiling_engine(strategy: Strategy) -> Result<Engine, SandboxError> {
    refused(Engine::new(&configuration(strategy)))
}

/// What machine code depends on.
fn configuration(strategy: Strategy) -> Config {
    let mut config = Config::new();
    config
        .strategy(strategy)
        .memory_init_cow(true)
        .epoch_interruption(true)
        .max_wasm_stack(GUEST_STACK)
        .concurrency_support(false)
        // After a trap the memory is looked through for the text of a panic; nothing is copied before that.
        .coredump_on_trap(true);
    config
}

fn refused(engine: wasmtime::Result<Engine>) -> Result<Engine, SandboxError> {
    engine.map_err(|error| SandboxError::EngineRefused { reason: format!("{error:#}") })
}

/// Tells a guest that nobody waits for it any more. Clones tell the same guest.
#[derive(Clone)]
pub(crate) struct Stop(Arc<Stopped>);

struct Stopped {
    stopped: AtomicBool,
    engines: Engines,
}

impl Stop {
    pub(crate) fn new(engines: Engines) -> Self {
        Self(Arc::new(Stopped { stopped: AtomicBool::new(false), engines }))
    }

    /// The guest ends at its next loop or call, also when it has not begun.
    pub(crate) fn stop(&self) {
        // First the mark, then the interruption that makes a running guest look for it.
        self.0.stopped.store(true, Ordering::SeqCst);
        self.0.engines.interrupt();
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.0.stopped.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stated_version_of_wasmtime_is_the_one_in_use() {
        let lock: toml::Table = toml::from_str(include_str!("../../../Cargo.lock")).unwrap();
        let packages = lock["package"].as_array().unwrap();
        let wasmtime = packages.iter().find(|package| package["name"].as_str() == Some("wasmtime")).unwrap();
        assert_eq!(wasmtime["version"].as_str(), Some(WASMTIME_VERSION));
    }
}
