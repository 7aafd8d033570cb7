use std::sync::Arc;
use std::time::Instant;

use riptide_events::{Event, EventBus, LeaseEnd};
use riptide_pool::Clock;
use riptide_types::Tenant;

use crate::extractor::Tiers;
use crate::micros;

/// What is written down about a loan. Dropping it ends the loan in the books, exactly once, in whatever way it ended.
pub(crate) struct Booking {
    tenant: Tenant,
    tiers: Arc<Tiers>,
    clock: Clock,
    events: EventBus,
    taken: Instant,
    end: LeaseEnd,
}

impl Booking {
    pub(crate) fn new(tenant: Tenant, tiers: Arc<Tiers>, clock: Clock, events: EventBus) -> Self {
        let taken = clock.now();
        tiers.lend(taken);
        Self { tenant, tiers, clock, events, taken, end: LeaseEnd::Leaked }
    }

    pub(crate) fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// Says how the loan ended; unless somebody does, it was dropped.
    pub(crate) fn end(mut self, end: LeaseEnd) {
        self.end = end;
    }
}

impl Drop for Booking {
    fn drop(&mut self) {
        let now = self.clock.now();
        self.tiers.take_back(now);
        self.events.emit(Event::LeaseEnded {
            tenant: self.tenant.clone(),
            digest: Arc::clone(self.tiers.digest()),
            end: self.end,
            micros: micros(now.saturating_duration_since(self.taken)),
        });
    }
}
