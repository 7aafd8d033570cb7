//! A browser of a pool, and the seat that it has there.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use riptide_events::{BrowserEnd, BrowserExit, Event, EventBus};
use riptide_pool::Resource;
use tokio::sync::Notify;

use crate::browser::Browser;

/// How much of the time to end a browser is left for what comes after its last signal.
const MARGIN: u32 = 8;

/// How many browsers there may be.
#[derive(Debug)]
pub(super) struct Seats {
    limit: usize,
    taken: AtomicUsize,
    /// Told when a seat becomes free: to those who wait for a browser, and to who keeps browsers warm.
    changed: Arc<Notify>,
    gone: Arc<Notify>,
}

/// The right to be there. Given back when the browser is gone for good.
#[derive(Debug)]
pub(super) struct Seat(Arc<Seats>);

impl Seats {
    pub(super) fn new(limit: usize, changed: Arc<Notify>, gone: Arc<Notify>) -> Arc<Self> {
        Arc::new(Self { limit, taken: AtomicUsize::new(0), changed, gone })
    }

    /// A seat, if one is free among the first `limit`.
    pub(super) fn take(self: &Arc<Self>, limit: usize) -> Option<Seat> {
        let limit = limit.min(self.limit);
        let take = |taken| (taken < limit).then_some(taken + 1);
        self.taken.fetch_update(Ordering::AcqRel, Ordering::Acquire, take).ok()?;
        Some(Seat(Arc::clone(self)))
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    pub(super) fn taken(&self) -> usize {
        self.taken.load(Ordering::Acquire)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::AcqRel);
        self.0.changed.notify_waiters();
        self.0.gone.notify_one();
    }
}

/// A browser that has a seat.
pub(super) struct Resident {
    pub(super) browser: Browser,
    /// Why it is ended, once that is decided.
    pub(super) end: Option<BrowserEnd>,
    pub(super) close_limit: Duration,
    pub(super) events: EventBus,
    // Goes last.
    pub(super) _seat: Seat,
}

impl Resident {
    fn tell(&self, process: u32, exit: BrowserExit) {
        // Whoever ends a browser says why; what nobody ends was left behind.
        let end = self.end.unwrap_or(BrowserEnd::Leak);
        self.events.emit(Event::BrowserClosed { process, end, exit });
    }
}

impl Resource for Resident {
    const NAME: &'static str = "browser";

    type Outcome = BrowserExit;

    async fn close(&mut self) -> BrowserExit {
        let process = self.browser.id();
        let exit = self.browser.close(self.close_limit - self.close_limit / MARGIN).await;
        self.tell(process, exit);
        exit
    }

    fn abandon(mut self) {
        let process = self.browser.id();
        self.browser.kill();
        self.tell(process, BrowserExit::Killed);
    }
}
