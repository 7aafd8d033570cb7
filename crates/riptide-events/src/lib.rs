//! One bounded event bus: what metrics, logs and streams are made from.
//!
//! Emitting never blocks and costs about a microsecond. Each subscriber has a bounded queue of its own: one that falls
//! behind loses events, which are counted, and delays nobody.

mod bus;
mod event;

pub use bus::{EventBus, Subscription};
pub use event::{ArtefactOrigin, BreakerState, Event, LeaseEnd, Outcome, Tier};
