//! What the parts of a pool share, and the task that keeps browsers ready and sound.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use riptide_events::{BrowserEnd, Event, EventBus};
use riptide_fetch::Dialer;
use riptide_pool::{Admission, CircuitBreaker, Clock, Reaper, Resource as _};
use tokio::sync::{Notify, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use super::micros;
use super::resident::{Resident, Seat, Seats};
use crate::browser::Browser;
use crate::launch::Launcher;
use crate::{BrowserConfig, BrowserError};

/// How long a browser may take to show the page whose content is known.
const CHECKED_WITHIN: Duration = Duration::from_secs(5);
/// When it is tried again to start browsers that could not be started.
const AGAIN: Duration = Duration::from_millis(500);

pub(super) struct Shared {
    pub(super) config: BrowserConfig,
    pub(super) admission: Admission,
    /// The browsers that wait for a page, the one used last at the end: it is handed out first.
    pub(super) idle: Mutex<Vec<Resident>>,
    pub(super) seats: Arc<Seats>,
    /// Told when a browser or a seat becomes free.
    pub(super) changed: Arc<Notify>,
    /// Told when a browser has died or a seat has become free.
    pub(super) gone: Arc<Notify>,
    /// Whether pages that are being rendered are to stop.
    pub(super) stopping: watch::Sender<bool>,
    pub(super) launcher: Launcher,
    pub(super) breaker: CircuitBreaker,
    pub(super) dialer: Dialer,
    pub(super) clock: Clock,
    pub(super) reaper: Reaper,
    pub(super) events: EventBus,
}

impl Shared {
    pub(super) fn idle(&self) -> MutexGuard<'_, Vec<Resident>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A browser that waits, or a fresh one, or the next that becomes free.
    pub(super) async fn take(self: &Arc<Self>) -> Result<Resident, BrowserError> {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            let idle = self.idle().pop();
            if let Some(resident) = idle {
                if !resident.browser.is_gone() {
                    return Ok(resident);
                }
                retire(resident, BrowserEnd::Crash).await;
            } else if let Some(seat) = self.seats.take(self.seats.limit()) {
                return self.launch(seat).await.unwrap_or(Err(BrowserError::ShutDown));
            } else {
                changed.await;
            }
        }
    }

    /// Lets a browser wait for its next page.
    pub(super) fn put_back(&self, resident: Resident) {
        self.idle().push(resident);
        self.changed.notify_waiters();
    }

    /// Starts a browser, on a task of its own: if nobody waits for it any more, it waits for the next page.
    fn launch(self: &Arc<Self>, seat: Seat) -> oneshot::Receiver<Result<Resident, BrowserError>> {
        let (sender, receiver) = oneshot::channel();
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            let launched = shared.launch_now(seat).await;
            if let Err(Ok(resident)) = sender.send(launched) {
                shared.put_back(resident);
            }
        });
        receiver
    }

    async fn launch_now(&self, seat: Seat) -> Result<Resident, BrowserError> {
        let call = self.breaker.try_call()?;
        let started = Instant::now();
        let browser = match self.launcher.launch().await {
            Ok(browser) => browser,
            Err(error) => {
                call.fail();
                return Err(error);
            }
        };
        call.succeed();
        self.events.emit(Event::BrowserStarted {
            process: browser.id(),
            sandboxed: browser.is_sandboxed(),
            micros: micros(started.elapsed()),
        });
        Ok(Resident {
            browser,
            end: None,
            close_limit: self.config.close_limit,
            events: self.events.clone(),
            _seat: seat,
        })
    }

    /// Why a browser is not used again, if so.
    pub(super) fn worn_out(&self, browser: &Browser) -> Option<BrowserEnd> {
        let config = &self.config;
        if browser.uses() >= config.max_uses.get() {
            Some(BrowserEnd::Uses)
        } else if browser.age() >= config.max_age {
            Some(BrowserEnd::Age)
        } else if browser.memory().is_some_and(|held| held > config.max_memory) {
            Some(BrowserEnd::Memory)
        } else {
            None
        }
    }

    /// Ends the browsers that are dead, old or ill, and starts others in their place. Whether there are enough now.
    async fn tend(self: &Arc<Self>) -> bool {
        let waiting = std::mem::take(&mut *self.idle());
        let (mut sound, mut ill) = (Vec::new(), Vec::new());
        let mut unsure = Vec::new();
        for resident in waiting {
            let browser = &resident.browser;
            match self.worn_out(browser) {
                _ if browser.is_gone() => ill.push((resident, BrowserEnd::Crash)),
                Some(end) => ill.push((resident, end)),
                None if browser.unchecked_for() >= self.config.health_interval => unsure.push(resident),
                None => sound.push(resident),
            }
        }
        self.idle().extend(sound);
        self.changed.notify_waiters();
        let mut ending: JoinSet<()> = ill.into_iter().map(|(resident, end)| retire(resident, end)).collect();
        for mut resident in unsure {
            match timeout(CHECKED_WITHIN, resident.browser.check()).await {
                Ok(Ok(())) => self.put_back(resident),
                _ => {
                    ending.spawn(retire(resident, BrowserEnd::Health));
                }
            }
        }
        while ending.join_next().await.is_some() {}
        self.fill().await
    }

    /// Starts browsers until as many are there as are to be kept warm.
    async fn fill(self: &Arc<Self>) -> bool {
        let mut starting: JoinSet<bool> = JoinSet::new();
        while let Some(seat) = self.seats.take(self.config.warm) {
            let launched = self.launch(seat);
            let shared = Arc::clone(self);
            starting.spawn(async move {
                let Ok(Ok(resident)) = launched.await else { return false };
                shared.put_back(resident);
                true
            });
        }
        let mut all = true;
        while let Some(started) = starting.join_next().await {
            all &= started.unwrap_or(false);
        }
        all
    }

    /// See [`BrowserPool::shutdown`](super::BrowserPool::shutdown).
    pub(super) async fn shut_down(&self, grace: Duration) -> bool {
        self.admission.close();
        let in_time = timeout(grace, self.admission.drained()).await.is_ok();
        self.stopping.send_replace(true);
        self.gone.notify_one();
        // Each lease ends within the limit for browsers, and gives its seat back.
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            let idle = std::mem::take(&mut *self.idle());
            let mut ending: JoinSet<()> =
                idle.into_iter().map(|resident| retire(resident, BrowserEnd::Shutdown)).collect();
            while ending.join_next().await.is_some() {}
            if self.seats.taken() == 0 {
                return in_time;
            }
            changed.await;
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // Ends the keeper.
        self.gone.notify_one();
    }
}

async fn retire(mut resident: Resident, end: BrowserEnd) {
    resident.end = Some(end);
    resident.close().await;
}

/// Starts the task that keeps browsers ready, until the pool is gone or shut down.
pub(super) fn start(shared: &Arc<Shared>) {
    let gone = Arc::clone(&shared.gone);
    tokio::spawn(keep(Arc::downgrade(shared), gone));
}

async fn keep(shared: Weak<Shared>, gone: Arc<Notify>) {
    loop {
        let pause = {
            let Some(shared) = shared.upgrade() else { return };
            if *shared.stopping.borrow() {
                return;
            }
            if shared.tend().await { shared.config.health_interval } else { AGAIN }
        };
        // Over, or a browser has gone: either way it is looked after them.
        let _ = timeout(pause, gone.notified()).await;
    }
}
