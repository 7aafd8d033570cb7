//! Runs extractor components: a fresh Wasmtime instance, a memory limit and a deadline for each document.
//!
//! From a component's bytes to a document:
//!
//! 1. [`Sandbox::load`] compiles the component, or takes its machine code from the cache on disk, refuses it by name
//!    when it imports anything or lacks an export, and prepares its instantiation.
//! 2. [`Sandbox::extract`] hands the page to one of the sandbox's own threads, which makes a store and an instance,
//!    calls the component, lifts its answer and drops both.
//!
//! What the limits do not cover: machine code and the copy-on-write image of a component are shared by its instances
//! and not counted as their memory; compiling a component has no deadline.

mod built_in;
mod cache;
mod component;
mod contract;
mod deadline;
mod engine;
mod error;
mod run;
mod sandbox;
mod threads;

pub use built_in::{BUILT_IN, ComponentLock, built_in_lock};
pub use cache::sha256;
pub use component::{ComponentInfo, Extractor};
pub use engine::WASMTIME_VERSION;
pub use error::SandboxError;
pub use sandbox::{Sandbox, SandboxConfig};
