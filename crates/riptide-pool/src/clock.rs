//! One clock for everything that waits: deadlines, queues, breakers, timers. Tests turn its hands themselves.

use std::collections::{BTreeMap, HashMap};
use std::future::{Future, poll_fn};
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::pin::pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// What an alarm does when its time has come: it runs on the clock's thread, so it must be short. It answers when to be
/// called again, counted from now.
type Action = Box<dyn FnMut() -> Option<Duration> + Send>;

/// Tells the time and calls back when it has come. Clones are the same clock.
#[derive(Clone)]
pub struct Clock(Arc<Owner>);

/// What ends the clock's thread once nobody reads the clock.
struct Owner {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// `None`: the system's monotonic clock.
    manual: Option<Instant>,
    /// What is to be done when; the alarm's number keeps equal instants apart.
    due: BTreeMap<(Instant, u64), Action>,
    /// The alarms that are set, the one whose action just runs among them.
    alarms: HashMap<u64, Instant>,
    next: u64,
    closed: bool,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    /// Runs the action that is due first, without the lock, and sets its alarm again if it wants that.
    fn run_first<'s>(&'s self, mut state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        let Some(((_, number), mut action)) = state.due.pop_first() else { return state };
        drop(state);
        // An action that panics is not called again; the others go on.
        let pause = panic::catch_unwind(AssertUnwindSafe(&mut action)).unwrap_or(None);
        let mut state = self.state();
        // A moment beyond what the clock can tell never comes.
        let again = pause.and_then(|pause| state.now().checked_add(pause));
        match (again, state.alarms.get_mut(&number)) {
            (Some(again), Some(when)) => {
                *when = again;
                state.due.insert((again, number), action);
                state
            }
            _ => {
                state.alarms.remove(&number);
                // What the action holds may set or drop alarms as it goes.
                drop(state);
                drop(action);
                self.state()
            }
        }
    }
}

impl State {
    fn now(&self) -> Instant {
        self.manual.unwrap_or_else(Instant::now)
    }
}

impl Clock {
    /// The system's monotonic clock, with a thread of its own for the alarms.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn system() -> io::Result<Self> {
        let shared = Arc::new(Shared { state: Mutex::default(), changed: Condvar::new() });
        let watched = Arc::clone(&shared);
        let thread =
            thread::Builder::new().name("riptide-clock".to_owned()).spawn(move || watch(&watched))?;
        Ok(Self(Arc::new(Owner { shared, thread: Some(thread) })))
    }

    /// A clock that stands still until [`Clock::advance`] is called.
    #[must_use]
    pub fn manual() -> Self {
        let state = State { manual: Some(Instant::now()), ..State::default() };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        Self(Arc::new(Owner { shared, thread: None }))
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Instant {
        // The system's clock needs no lock to be read.
        if self.0.thread.is_some() { Instant::now() } else { self.0.shared.state().now() }
    }

    /// Moves a manual clock on and runs the alarms that are due by then, in their order. Does nothing to the system's.
    pub fn advance(&self, by: Duration) {
        let shared = &self.0.shared;
        let Some(start) = shared.state().manual else { return };
        let end = start + by;
        loop {
            let mut state = shared.state();
            let next = state.due.first_key_value().map(|((when, _), _)| *when).filter(|when| *when <= end);
            state.manual = Some(next.map_or(end, |when| when.max(state.now())));
            if next.is_none() {
                return;
            }
            drop(shared.run_first(state));
        }
    }

    /// Calls `action` at `when`, and again as long as it answers with a pause, until the alarm is dropped. The action
    /// must be short: all alarms share one thread.
    pub fn at(&self, when: Instant, action: impl FnMut() -> Option<Duration> + Send + 'static) -> Alarm {
        let mut state = self.0.shared.state();
        let number = state.next;
        state.next += 1;
        state.alarms.insert(number, when);
        state.due.insert((when, number), Box::new(action));
        let is_first = state.due.first_key_value().is_some_and(|((_, first), _)| *first == number);
        drop(state);
        if is_first {
            self.0.shared.changed.notify_one();
        }
        Alarm { shared: Arc::clone(&self.0.shared), number }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.shared.state().closed = true;
        self.shared.changed.notify_one();
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != thread::current().id()
        {
            // Actions that panic are caught, so there is nothing to be told.
            let _ = thread.join();
        }
    }
}

fn watch(shared: &Shared) {
    let mut state = shared.state();
    while !state.closed {
        let wait =
            state.due.first_key_value().map(|((when, _), _)| when.saturating_duration_since(state.now()));
        state = match wait {
            None => shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            Some(Duration::ZERO) => shared.run_first(state),
            Some(wait) => shared.changed.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0,
        };
    }
}

/// The future's output, unless the clock passes the limit before.
pub async fn within<T>(clock: &Clock, limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    // A moment beyond what the clock can tell never comes.
    let end = clock.now().checked_add(limit);
    let mut alarm: Option<Alarm> = None;
    poll_fn(|context| {
        if let Poll::Ready(output) = future.as_mut().poll(context) {
            return Poll::Ready(Some(output));
        }
        let Some(end) = end else { return Poll::Pending };
        if clock.now() >= end {
            return Poll::Ready(None);
        }
        let waker = context.waker().clone();
        alarm = Some(clock.at(end, move || {
            waker.wake_by_ref();
            None
        }));
        Poll::Pending
    })
    .await
}

/// Something that a [`Clock`] is going to do; dropping it calls that off, unless it is being done just now.
#[must_use = "an alarm that is dropped does not ring"]
pub struct Alarm {
    shared: Arc<Shared>,
    number: u64,
}

impl Drop for Alarm {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        let when = state.alarms.remove(&self.number);
        let action = when.and_then(|when| state.due.remove(&(when, self.number)));
        // What the action holds may set or drop alarms as it goes.
        drop(state);
        drop(action);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_manual_clock_rings_in_order_and_shows_the_time_of_each_alarm() {
        let clock = Clock::manual();
        let start = clock.now();
        let (heard, rings) = mpsc::channel();
        let alarms: Vec<_> = [3, 1, 2]
            .map(|seconds| {
                let (heard, reader) = (heard.clone(), clock.clone());
                clock.at(start + SECOND * seconds, move || {
                    heard.send((seconds, reader.now() - start)).unwrap();
                    None
                })
            })
            .into();
        clock.advance(SECOND * 2);
        assert_eq!(rings.try_iter().collect::<Vec<_>>(), [(1, SECOND), (2, SECOND * 2)]);
        drop(alarms);
        clock.advance(SECOND * 2);
        assert_eq!(rings.try_iter().count(), 0);
        assert_eq!(clock.now() - start, SECOND * 4);
    }

    #[test]
    fn an_alarm_rings_again_as_long_as_it_says_so() {
        let clock = Clock::manual();
        let mut left = 3;
        let (heard, rings) = mpsc::channel();
        let _alarm = clock.at(clock.now() + SECOND, move || {
            heard.send(()).unwrap();
            left -= 1;
            (left > 0).then_some(SECOND)
        });
        clock.advance(SECOND * 10);
        assert_eq!(rings.try_iter().count(), 3);
    }

    #[test]
    fn the_systems_clock_rings_by_itself_and_survives_a_panic() {
        let clock = Clock::system().unwrap();
        let (heard, rings) = mpsc::channel();
        let _loud = clock.at(clock.now(), || panic!("an action of a test"));
        let _quiet = clock.at(clock.now(), move || {
            heard.send(()).unwrap();
            None
        });
        rings.recv().unwrap();
    }

    #[test]
    fn the_last_clock_may_go_on_its_own_thread() {
        let clock = Clock::system().unwrap();
        let (heard, gone) = mpsc::channel();
        let mut last = Some(clock.clone());
        let alarm = clock.at(clock.now(), move || {
            drop(last.take());
            heard.send(()).unwrap();
            None
        });
        drop(clock);
        gone.recv().unwrap();
        drop(alarm);
    }
}
