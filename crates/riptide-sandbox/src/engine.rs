use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::SandboxError;

/// The version of Wasmtime that runs the components.
pub const WASMTIME_VERSION: &str = "48.0.8";

/// Bytes of an instance's memory that stay mapped for the next one. Far more than a common page needs, so that a
/// reused slot costs no page faults; at most this much stays resident per thread.
const KEEP_RESIDENT: usize = 64 * 1024 * 1024;

/// Native stack that guest code may use.
pub(crate) const GUEST_STACK: usize = 512 * 1024;

/// What one component may consist of. The built-in one is a single module with one memory and one table; those made
/// of interpreted languages bring a runtime in several modules.
const MODULES: u32 = 32;
const MEMORIES: u32 = 4;
const TABLES: u32 = 32;

/// An engine with room for `instances` components at once.
pub(crate) fn engine(instances: usize) -> Result<Engine, SandboxError> {
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
    refused(Engine::new(configuration().allocation_strategy(InstanceAllocationStrategy::Pooling(pool))))
}

/// An engine that compiles for the other, and has no room for instances.
pub(crate) fn compiling_engine() -> Result<Engine, SandboxError> {
    refused(Engine::new(&configuration()))
}

/// What machine code depends on.
fn configuration() -> Config {
    let mut config = Config::new();
    config
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
