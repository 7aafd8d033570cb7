//! The pool: who gets a browser when, and which browsers there are.

mod keeper;
mod resident;

use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use riptide_events::{BrowserEnd, Event, EventBus, Outcome, redacted};
use riptide_fetch::Dialer;
use riptide_pool::{Admission, AdmissionConfig, BreakerConfig, CircuitBreaker, Clock, Lease, Reaper, Terms};
use riptide_types::Failure as _;
use std::num::NonZero;
use tokio::sync::{Notify, oneshot, watch};
use tokio::time::{Instant, timeout_at};

use crate::launch::Launcher;
use crate::profiles::Profiles;
use crate::{BrowserConfig, BrowserError, RenderRequest, Rendered, find_chromium};
use keeper::Shared;
use resident::{Resident, Seats};

/// Browsers whose leases were dropped that may wait for their end.
const MOST_DROPPED: usize = 64;

/// The code of a page that nobody waited for any more.
const CANCELLED: &str = "cancelled";

/// A pool of browsers. Clones are the same pool.
///
/// Each browser renders one page at a time, in a context of its own that goes with the page; so a browser that dies takes no
/// other page along. [`BrowserPool::shutdown`] is the way to end a pool. Dropping the last clone kills the browsers instead.
#[derive(Clone)]
pub struct BrowserPool(Arc<Shared>);

/// What a pool does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolStatus {
    /// Browsers that run, start or end.
    pub browsers: usize,
    /// Those of them that wait for a page.
    pub idle: usize,
    /// Pages that are being rendered.
    pub in_use: usize,
    /// Pages that wait for a browser.
    pub waiting: usize,
}

impl BrowserPool {
    /// A pool whose connections are made by `dialer`. Removes what earlier processes have left; the browsers that are kept
    /// warm start in the background. Needs a runtime of tokio with time and I/O, as all of the pool does.
    ///
    /// # Errors
    ///
    /// If a setting is out of its range, there is no Chromium, or the folder of profiles or a thread cannot be had.
    pub async fn start(
        config: BrowserConfig,
        dialer: Dialer,
        events: EventBus,
    ) -> Result<Self, BrowserError> {
        config.check()?;
        let program = find_chromium(config.program.as_deref())?;
        let parent = config.profiles.clone();
        let profiles = tokio::task::spawn_blocking(move || Profiles::open(parent.as_deref()))
            .await
            .map_err(|error| BrowserError::Protocol { message: error.to_string() })??;
        let clock = Clock::system().map_err(BrowserError::Thread)?;
        let reaper = Reaper::start(MOST_DROPPED, events.clone()).map_err(BrowserError::Thread)?;
        let breaker = CircuitBreaker::new("browser".into(), breaker_config(), clock.clone(), events.clone())?;
        let admission = AdmissionConfig {
            permits: config.browsers,
            queue: config.queue,
            // Each request has a deadline of its own.
            wait: Duration::MAX,
            shares: config.shares.clone(),
        };
        let (changed, gone) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let launcher = Launcher {
            program,
            profiles,
            sandbox: config.sandbox,
            limit: config.launch_limit,
            gone: Arc::clone(&gone),
        };
        let seats = Seats::new(config.browsers.get(), Arc::clone(&changed), Arc::clone(&gone));
        let shared = Arc::new(Shared {
            admission: Admission::new(admission, clock.clone()),
            idle: std::sync::Mutex::default(),
            stopping: watch::Sender::new(false),
            reaper,
            launcher,
            seats,
            changed,
            gone,
            breaker,
            clock,
            dialer,
            events,
            config,
        });
        keeper::start(&shared);
        Ok(Self(shared))
    }

    /// Renders a page. Dropping the future stops the page; its browser is cleaned up all the same, and used again.
    ///
    /// # Errors
    ///
    /// See [`BrowserError`].
    pub async fn render(&self, request: RenderRequest) -> Result<Rendered, BrowserError> {
        let started = Instant::now();
        let (tenant, url) = (request.tenant.clone(), redacted(request.url.as_str()));
        let rendered = self.serve(request, started).await;
        let outcome = rendered.as_ref().map_or_else(|error| Outcome::Err(error.code()), |_| Outcome::Ok);
        let bytes = rendered.as_ref().map_or(0, |rendered| rendered.transferred);
        let micros = micros(started.elapsed());
        self.0.events.emit(Event::PageRendered { tenant, url, micros, bytes, outcome });
        rendered
    }

    async fn serve(&self, request: RenderRequest, started: Instant) -> Result<Rendered, BrowserError> {
        let shared = &self.0;
        shared.dialer.guard().check_url(&request.url)?;
        request.check(shared.config.scripts)?;
        let (sender, receiver) = oneshot::channel();
        tokio::spawn(run(Arc::clone(shared), request, started, sender));
        receiver.await.unwrap_or(Err(BrowserError::ShutDown))
    }

    /// Ends the pool: no page is let in any more, those that are being rendered have `grace` to be done, and then all
    /// browsers are ended. Whether all pages were done by then.
    pub async fn shutdown(&self, grace: Duration) -> bool {
        self.0.shut_down(grace).await
    }

    /// What the pool does now.
    #[must_use]
    pub fn status(&self) -> PoolStatus {
        let shared = &self.0;
        PoolStatus {
            browsers: shared.seats.taken(),
            idle: shared.idle().len(),
            in_use: shared.admission.in_use(),
            waiting: shared.admission.waiting(),
        }
    }

    /// How many leases were dropped instead of being released: none, unless a runtime was shut down while pages were
    /// being rendered.
    #[must_use]
    pub fn leaks(&self) -> u64 {
        self.0.reaper.leaks()
    }
}

/// Some starts in a row that fail stop the attempts for a moment.
fn breaker_config() -> BreakerConfig {
    BreakerConfig {
        window: Duration::from_secs(30),
        failure_percent: 100,
        minimum_calls: NonZero::<u64>::MIN.saturating_add(2),
        open_for: Duration::from_secs(1),
        longest_open: Duration::from_secs(60),
        probes: NonZero::<usize>::MIN,
    }
}

pub(super) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

type Answer = oneshot::Sender<Result<Rendered, BrowserError>>;

/// One page, from its place in the queue until its browser is as it was before. Runs to its end even if nobody waits for
/// the answer any more.
async fn run(shared: Arc<Shared>, request: RenderRequest, started: Instant, mut answer: Answer) {
    let end = started + request.deadline;
    let lease = tokio::select! {
        lease = lend(&shared, &request, end) => lease,
        () = answer.closed() => return tell_cancelled(&shared, &request, started),
    };
    let mut lease = match lease {
        Ok(lease) => lease,
        Err(error) => {
            // Nobody may be left to hear it.
            let _ = answer.send(Err(error));
            return;
        }
    };
    let mut stopping = shared.stopping.subscribe();
    let rendering = lease.browser.render(&request, &shared.config, &shared.dialer, end);
    let limit = request.deadline;
    let rendered = tokio::select! {
        rendered = timeout_at(end, rendering) => rendered
            .unwrap_or(Err(BrowserError::DeadlineExceeded { limit, stage: "being rendered" })),
        () = answer.closed() => {
            tell_cancelled(&shared, &request, started);
            Err(BrowserError::ShutDown)
        }
        _ = stopping.wait_for(|stopping| *stopping) => Err(BrowserError::ShutDown),
    };
    let died = matches!(rendered, Err(BrowserError::PageCrashed | BrowserError::BrowserDied));
    let _ = answer.send(rendered);
    give_back(&shared, lease, died).await;
}

/// Whoever asked for the page is gone, and so tells nothing of it.
fn tell_cancelled(shared: &Shared, request: &RenderRequest, started: Instant) {
    shared.events.emit(Event::PageRendered {
        tenant: request.tenant.clone(),
        url: redacted(request.url.as_str()),
        micros: micros(started.elapsed()),
        bytes: 0,
        outcome: Outcome::Err(CANCELLED),
    });
}

/// Waits for a permit and a browser.
async fn lend(
    shared: &Arc<Shared>,
    request: &RenderRequest,
    end: Instant,
) -> Result<Lease<Resident>, BrowserError> {
    let late = || BrowserError::DeadlineExceeded { limit: request.deadline, stage: "waiting for a browser" };
    let admitted = timeout_at(end, shared.admission.acquire(&request.tenant)).await;
    let permit = admitted.map_err(|_| late())?.inspect_err(|refusal| {
        let (tenant, code) = (request.tenant.clone(), refusal.code());
        shared.events.emit(Event::RequestRefused { tenant, code });
    })?;
    let resident = timeout_at(end, shared.take()).await.map_err(|_| late())??;
    let terms = Terms {
        permit,
        deadline: Some(end.into_std()),
        reaper: shared.reaper.clone(),
        place: Location::caller(),
    };
    Ok(Lease::new(resident, terms))
}

/// Ends a lease: the browser forgets the page and waits for the next one, or is replaced.
async fn give_back(shared: &Arc<Shared>, mut lease: Lease<Resident>, died: bool) {
    let end = if died || lease.browser.is_gone() {
        Some(BrowserEnd::Crash)
    } else if lease.browser.leave().await.is_err() {
        Some(BrowserEnd::Health)
    } else {
        shared.worn_out(&lease.browser)
    };
    match end {
        None => {
            lease.release_with(|resident| shared.put_back(resident));
        }
        Some(end) => {
            lease.end = Some(end);
            // In vain, the reaper goes on; either way the browser tells of its end itself.
            lease.release(&shared.clock, shared.config.close_limit).await;
        }
    }
}
