use std::time::Duration;

use riptide_types::{Failure, Phase, Tenant};

/// A pool has no room for a request now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} (tenant `{tenant}`); try again in {retry_after:?}")]
pub struct Refusal {
    /// Whose request it was.
    pub tenant: Tenant,
    /// Why.
    pub reason: RefusalReason,
    /// When it may be worth another try: about as long as those take who are ahead.
    pub retry_after: Duration,
}

/// Why a pool has no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum RefusalReason {
    /// As many of the tenant's requests wait as may.
    #[error("too many requests wait already")]
    QueueFull,
    /// It has waited as long as it may.
    #[error("no permit became free in time")]
    Waited,
    /// Memory is short; nobody may wait.
    #[error("memory is short")]
    Pressure,
    /// The pool is shutting down.
    #[error("the pool is closed")]
    Closed,
}

impl Failure for Refusal {
    fn code(&self) -> &'static str {
        match self.reason {
            RefusalReason::QueueFull => "queue-full",
            RefusalReason::Waited => "queue-timeout",
            RefusalReason::Pressure => "memory-pressure",
            RefusalReason::Closed => "pool-closed",
        }
    }

    fn phase(&self) -> Phase {
        Phase::Queue
    }

    fn retryable(&self) -> bool {
        self.reason != RefusalReason::Closed
    }
}
