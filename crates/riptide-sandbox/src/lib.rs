//! Runs extractor components: a fresh Wasmtime instance, a memory limit and a deadline for each document.
//!
//! From a component's bytes to a document:
//!
//! 1. [`Sandbox::load`] compares the component with the contract ([`validate`] is that step alone), compiles it, or takes its
//!    machine code from the cache on disk, and prepares its instantiation. [`LoadPolicy`] says what is loaded and how.
//! 2. [`Sandbox::extract`] hands the page to one of the sandbox's own threads, which makes a store and an instance,
//!    calls the component, lifts its answer and drops both.
//!
//! What the limits do not cover: machine code and the copy-on-write image of a component are shared by its instances
//! and not counted as their memory; compiling a component has a deadline only in a process of its own ([`Compiler`]).

mod built_in;
mod cache;
mod canary;
mod compile;
mod component;
mod contract;
mod deadline;
mod engine;
mod error;
mod load;
mod run;
mod sandbox;
mod threads;
mod validate;

pub use built_in::{BUILT_IN, ComponentLock, built_in_lock};
pub use compile::{Compiler, compile_component};
pub use component::{ComponentInfo, Extractor};
pub use engine::WASMTIME_VERSION;
pub use error::SandboxError;
pub use load::LoadPolicy;
pub use sandbox::{Sandbox, SandboxConfig};
pub use validate::{Difference, FunctionVerdict, InterfaceVerdict, Listed, ValidationReport, validate};
