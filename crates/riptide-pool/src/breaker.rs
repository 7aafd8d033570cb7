//! Stops calling what keeps failing, and finds out when it works again (the circuit breaker of Nygard, Release It!, 2007).

use std::collections::VecDeque;
use std::fmt::Debug;
use std::num::NonZero;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use riptide_events::{BreakerState, Event, EventBus};
use riptide_types::{Failure, Phase};

use crate::Clock;
use crate::sync::{Arc, Mutex, lock};

/// The window forgets in steps of one part in this many.
const SLICES: u32 = 10;
const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_hours(24);

/// When a circuit breaker opens, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakerConfig {
    /// How long the end of a call counts, to a tenth of it: 10 ms to 1 day.
    pub window: Duration,
    /// It opens when at least this share of the calls that count failed: 1 to 100.
    pub failure_percent: u8,
    /// It stays closed while fewer calls than these count.
    pub minimum_calls: NonZero<u64>,
    /// How long it stays open at first, and doubles with each probe that fails: 1 ms to 1 day.
    pub open_for: Duration,
    /// What the doubling ends at: `open_for` to 1 day.
    pub longest_open: Duration,
    /// How many calls go through half-open at a time, and must succeed for it to close.
    pub probes: NonZero<usize>,
}

/// A circuit breaker cannot work with such a setting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` of a circuit breaker is {value}; expected {allowed}")]
pub struct InvalidBreaker {
    /// The field of [`BreakerConfig`].
    pub field: &'static str,
    /// What it holds.
    pub value: String,
    /// What it may hold.
    pub allowed: String,
}

impl Failure for InvalidBreaker {
    fn code(&self) -> &'static str {
        "invalid-breaker"
    }

    fn phase(&self) -> Phase {
        Phase::Configure
    }

    fn retryable(&self) -> bool {
        false
    }
}

impl BreakerConfig {
    fn check(&self) -> Result<(), InvalidBreaker> {
        within("window", self.window, SHORTEST * SLICES..=LONGEST)?;
        within("failure_percent", self.failure_percent, 1..=100)?;
        within("open_for", self.open_for, SHORTEST..=LONGEST)?;
        within("longest_open", self.longest_open, self.open_for..=LONGEST)
    }
}

fn within<T: PartialOrd + Debug>(
    field: &'static str,
    value: T,
    range: RangeInclusive<T>,
) -> Result<(), InvalidBreaker> {
    if range.contains(&value) {
        return Ok(());
    }
    let allowed = format!("{:?} to {:?}", range.start(), range.end());
    Err(InvalidBreaker { field, value: format!("{value:?}"), allowed })
}

/// A call is not let through, because what it would call keeps failing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{subject}` keeps failing and is left alone for a while; try again in {retry_after:?}")]
pub struct BreakerOpen {
    /// What would have been called.
    pub subject: std::sync::Arc<str>,
    /// When it may be worth another try.
    pub retry_after: Duration,
}

impl Failure for BreakerOpen {
    fn code(&self) -> &'static str {
        "circuit-open"
    }

    fn phase(&self) -> Phase {
        Phase::Queue
    }

    fn retryable(&self) -> bool {
        true
    }
}

/// Guards the calls of one thing. Clones guard together.
///
/// Closed, it counts how calls end and opens when too many of the latest failed. Open, it refuses every call until its
/// time is over. Then it is half-open: a few calls go through as probes; when all of them succeed it closes, and with the
/// first that fails it opens again, for twice as long.
#[derive(Clone)]
pub struct CircuitBreaker(Arc<Shared>);

struct Shared {
    subject: std::sync::Arc<str>,
    config: BreakerConfig,
    clock: Clock,
    events: EventBus,
    state: Mutex<State>,
}

struct State {
    /// Counts the changes: how a call ends counts only in the condition that it began in.
    generation: u64,
    condition: Condition,
}

enum Condition {
    Closed(Window),
    Open { since: Instant, open_for: Duration },
    HalfOpen { running: usize, succeeded: usize, opened_for: Duration },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Succeeded,
    Failed,
}

impl CircuitBreaker {
    /// A closed circuit breaker. The subject is what its events and refusals call what it guards, such as a component's
    /// digest or a host.
    ///
    /// # Errors
    /// [`InvalidBreaker`] when a setting is out of its range.
    pub fn new(
        subject: std::sync::Arc<str>,
        config: BreakerConfig,
        clock: Clock,
        events: EventBus,
    ) -> Result<Self, InvalidBreaker> {
        config.check()?;
        let condition = Condition::Closed(Window::new(config.window, clock.now()));
        let state = Mutex::new(State { generation: 0, condition });
        Ok(Self(Arc::new(Shared { subject, config, clock, events, state })))
    }

    /// Asks for leave to make a call, and tells through [`Call`] how it ended.
    ///
    /// # Errors
    /// [`BreakerOpen`] while it is open, and half-open while all probes are under way.
    pub fn try_call(&self) -> Result<Call, BreakerOpen> {
        let shared = &self.0;
        let mut state = lock(&shared.state);
        if let Condition::Open { since, open_for } = state.condition {
            let left = open_for.saturating_sub(shared.clock.now().saturating_duration_since(since));
            if !left.is_zero() {
                return Err(shared.refusal(left));
            }
            shared.change(&mut state, Condition::HalfOpen { running: 0, succeeded: 0, opened_for: open_for });
        }
        if let Condition::HalfOpen { running, succeeded, .. } = &mut state.condition {
            if *running + *succeeded >= shared.config.probes.get() {
                return Err(shared.refusal(shared.config.open_for));
            }
            *running += 1;
        }
        Ok(Call { shared: Arc::clone(shared), generation: state.generation, ending: None })
    }

    /// What it does now. It becomes half-open with the first call after its time, not before.
    #[must_use]
    pub fn state(&self) -> BreakerState {
        lock(&self.0.state).condition.name()
    }
}

impl Shared {
    fn refusal(&self, retry_after: Duration) -> BreakerOpen {
        BreakerOpen { subject: std::sync::Arc::clone(&self.subject), retry_after }
    }

    /// Counts how a call ended, unless that is too late to tell anything. `None`: it was given up.
    fn finish(&self, generation: u64, ending: Option<Ending>) {
        let mut state = lock(&self.state);
        if state.generation != generation {
            return;
        }
        let config = &self.config;
        let next = match (&mut state.condition, ending) {
            (Condition::Closed(window), Some(ending)) => {
                let now = self.clock.now();
                window.record(ending, now);
                let open = Condition::Open { since: now, open_for: config.open_for };
                window.has_failed(config).then_some(open)
            }
            (Condition::HalfOpen { opened_for, .. }, Some(Ending::Failed)) => {
                let open_for = opened_for.saturating_mul(2).min(config.longest_open);
                Some(Condition::Open { since: self.clock.now(), open_for })
            }
            (Condition::HalfOpen { running, succeeded, .. }, ending) => {
                *running -= 1;
                *succeeded += usize::from(ending.is_some());
                let closed = || Condition::Closed(Window::new(config.window, self.clock.now()));
                (*succeeded == config.probes.get()).then(closed)
            }
            (Condition::Closed(_), None) | (Condition::Open { .. }, _) => None,
        };
        if let Some(next) = next {
            self.change(&mut state, next);
        }
    }

    /// Tells the change while the lock is held, so that changes are told in their order.
    fn change(&self, state: &mut State, condition: Condition) {
        state.generation += 1;
        state.condition = condition;
        let subject = std::sync::Arc::clone(&self.subject);
        self.events.emit(Event::BreakerChanged { subject, state: state.condition.name() });
    }
}

impl Condition {
    fn name(&self) -> BreakerState {
        match self {
            Self::Closed(_) => BreakerState::Closed,
            Self::Open { .. } => BreakerState::Open,
            Self::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }
}

/// Leave to make one call. Dropping it without a word is for calls that were given up: they count as neither success
/// nor failure.
#[must_use = "a call that nobody tells the end of counts for nothing"]
pub struct Call {
    shared: Arc<Shared>,
    generation: u64,
    ending: Option<Ending>,
}

impl Call {
    /// It did what it should.
    pub fn succeed(mut self) {
        self.ending = Some(Ending::Succeeded);
    }

    /// It failed, and what it called is to blame.
    pub fn fail(mut self) {
        self.ending = Some(Ending::Failed);
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.shared.finish(self.generation, self.ending);
    }
}

/// How the latest calls ended: counts for a few slices of time.
struct Window {
    start: Instant,
    slice: Duration,
    /// The oldest first; slices without calls are left out.
    slices: VecDeque<Slice>,
}

struct Slice {
    number: u128,
    calls: u64,
    failures: u64,
}

impl Window {
    fn new(length: Duration, start: Instant) -> Self {
        Self { start, slice: length / SLICES, slices: VecDeque::new() }
    }

    fn record(&mut self, ending: Ending, now: Instant) {
        let number = now.saturating_duration_since(self.start).as_nanos() / self.slice.as_nanos();
        while self.slices.front().is_some_and(|oldest| oldest.number + u128::from(SLICES) <= number) {
            self.slices.pop_front();
        }
        if self.slices.back().is_none_or(|latest| latest.number < number) {
            self.slices.push_back(Slice { number, calls: 0, failures: 0 });
        }
        if let Some(latest) = self.slices.back_mut() {
            latest.calls += 1;
            latest.failures += u64::from(ending == Ending::Failed);
        }
    }

    fn has_failed(&self, config: &BreakerConfig) -> bool {
        let calls: u64 = self.slices.iter().map(|slice| slice.calls).sum();
        let failures: u64 = self.slices.iter().map(|slice| slice.failures).sum();
        let percent = u128::from(config.failure_percent);
        calls >= config.minimum_calls.get() && u128::from(failures) * 100 >= u128::from(calls) * percent
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests;
