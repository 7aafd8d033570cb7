//! Runs extractor components: a fresh Wasmtime instance, a memory limit and a deadline for each document.
//!
//! From a component's bytes to a document:
//!
//! 1. [`Sandbox::load`] takes the component's machine code from the cache on disk, or compares it with the contract
//!    ([`validate()`] is that step alone) and compiles it, quickly now and well in the background. Then the component
//!    extracts a page with a known answer, and an instance waits. [`LoadPolicy`] says what is loaded and how.
//! 2. [`Sandbox::extract`] waits for the tenant's turn, then lends it an instance from the best tier there is: one that
//!    waits (hot), a new one of machine code in memory (warm) or on disk (cold), or of WebAssembly alone (frozen).
//! 3. One of the sandbox's own threads calls the component, lifts its answer, hands it over, destroys the instance and
//!    has another one wait.
//!
//! What the limits do not cover: machine code and the copy-on-write image of a component are shared by its instances
//! and not counted as their memory; host memory for the lifted answer is bounded by the output limit alone; compiling a
//! component has a deadline only in a process of its own ([`Compiler`]); of a slot's memory some stays resident when its instance is gone.

mod booking;
mod built_in;
mod cache;
mod canary;
mod compile;
mod component;
mod config;
mod contract;
mod engine;
mod error;
mod extractor;
mod instance;
mod lease;
mod load;
mod loader;
mod optimiser;
mod sandbox;
mod threads;
mod validate;

pub use built_in::{BUILT_IN, BUILT_IN_PDF, ComponentLock, built_in_lock};
pub use cache::sha256;
pub use compile::{Compiler, Effort, compile_component};
pub use component::ComponentInfo;
pub use config::{Budget, SandboxConfig, TierConfig, resident_bytes};
pub use engine::WASMTIME_VERSION;
pub use error::SandboxError;
pub use extractor::Extractor;
pub use lease::InstanceLease;
pub use load::LoadPolicy;
pub use riptide_pool::{BreakerConfig, BreakerOpen, Clock, InvalidBreaker, Refusal, RefusalReason, Share};
pub use sandbox::{InstanceCounts, Request, Sandbox};
pub use validate::{Difference, FunctionVerdict, InterfaceVerdict, Listed, ValidationReport, validate};

use std::time::Duration;

/// Microseconds, as events tell them.
pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
