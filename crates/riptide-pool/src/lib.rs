//! What every pool of the runtime is made of, whatever it pools.
//!
//! - [`Clock`] tells the time and rings alarms; tests turn its hands.
//! - [`Admission`] decides who may start: permits, shared fairly between tenants, with bounded queues.
//! - [`CircuitBreaker`] keeps from calling what keeps failing.
//! - [`Lease`] is the right to use a [`Resource`] that must be cleaned up; a [`Reaper`] cleans up what was dropped.

mod admission;
mod breaker;
mod clock;
mod lease;
#[cfg(test)]
#[cfg(loom)]
mod model;
mod reaper;
mod refusal;
mod sync;

pub use admission::{Acquire, Admission, AdmissionConfig, Permit, Share, Shares};
pub use breaker::{BreakerConfig, BreakerOpen, Call, CircuitBreaker, InvalidBreaker};
pub use clock::{Alarm, Clock, within};
pub use lease::{Lease, Released, Resource, Terms};
pub use reaper::Reaper;
pub use refusal::{Refusal, RefusalReason};
