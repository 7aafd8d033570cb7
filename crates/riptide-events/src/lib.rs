//! One bounded event bus: what metrics, logs and streams are made from.
//!
//! Emitting never blocks and costs about a microsecond. Each subscriber has a bounded queue of its own: one that falls
//! behind loses events, which are counted, and delays nobody. Observers are called at once and miss nothing: [`Metrics`]
//! is one. A [`CloudEvent`] is an event as logs and streams show it.

mod bus;
mod cloud_event;
mod event;
mod metrics;
mod names;
mod redact;

pub use bus::{EventBus, Observer, Subscription};
pub use cloud_event::CloudEvent;
pub use event::{ArtefactOrigin, BreakerState, BrowserEnd, BrowserExit, Event, LeaseEnd, Outcome, Tier};
pub use metrics::{Memory, Metrics, Snapshot, Timing};
pub use redact::redacted;
