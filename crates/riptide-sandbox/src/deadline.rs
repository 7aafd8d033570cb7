//! Makes deadlines fire.
//!
//! Guest code looks at its engine's epoch at each loop and call. A thread of its own advances the epoch whenever a
//! deadline has passed; the guest then asks the clock whether the deadline was its own. The thread sleeps while no
//! deadline is due, so it costs nothing, and neither load nor a late wake-up can make a deadline drift.

use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use wasmtime::{Engine, Store, Trap, UpdateDeadline};

use crate::SandboxError;

/// How often the epoch advances while a guest is past its deadline.
const INSISTENCE: Duration = Duration::from_millis(1);

/// The thread that watches all deadlines of an engine.
pub(crate) struct Watch {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// Lets guests register their deadlines.
#[derive(Clone)]
pub(crate) struct Deadlines(Arc<Shared>);

#[derive(Default)]
struct Shared {
    pending: Mutex<Pending>,
    earlier: Condvar,
}

#[derive(Default)]
struct Pending {
    /// The number keeps equal instants apart.
    deadlines: BTreeSet<(Instant, u64)>,
    next: u64,
    closed: bool,
}

impl Shared {
    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch {
    /// Starts the thread.
    pub(crate) fn start(engine: Engine) -> Result<Self, SandboxError> {
        let shared = Arc::new(Shared::default());
        let watched = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("riptide-deadline".to_owned())
            .spawn(move || watch(&watched, &engine))
            .map_err(SandboxError::ThreadRefused)?;
        Ok(Self { shared, thread: Some(thread) })
    }

    pub(crate) fn deadlines(&self) -> Deadlines {
        Deadlines(Arc::clone(&self.shared))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.shared.pending().closed = true;
        self.shared.earlier.notify_one();
        if let Some(thread) = self.thread.take() {
            // It cannot have panicked, and if it had, there would be nothing left to clean up.
            let _ = thread.join();
        }
    }
}

fn watch(shared: &Shared, engine: &Engine) {
    let mut pending = shared.pending();
    while !pending.closed {
        let wait =
            pending.deadlines.first().map(|(deadline, _)| deadline.saturating_duration_since(Instant::now()));
        pending = match wait {
            None => shared.earlier.wait(pending).unwrap_or_else(PoisonError::into_inner),
            Some(wait) => {
                // Again and again, until the guest is gone: one that asked the clock just before its deadline has
                // gone on, and waits for another epoch.
                let wait = if wait.is_zero() {
                    engine.increment_epoch();
                    INSISTENCE
                } else {
                    wait
                };
                shared.earlier.wait_timeout(pending, wait).unwrap_or_else(PoisonError::into_inner).0
            }
        };
    }
}

impl Deadlines {
    /// Stops the store's guest with [`Trap::Interrupt`] after `limit`, unless the returned guard is dropped before.
    pub(crate) fn arm<T: 'static>(&self, store: &mut Store<T>, limit: Duration) -> Armed {
        // A limit beyond what the clock can tell is no limit.
        let deadline = Instant::now().checked_add(limit);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(move |_| match deadline {
            Some(deadline) if deadline <= Instant::now() => Err(Trap::Interrupt.into()),
            _ => Ok(UpdateDeadline::Continue(1)),
        });
        let key = deadline.map(|deadline| {
            let mut pending = self.0.pending();
            let key = (deadline, pending.next);
            pending.next += 1;
            pending.deadlines.insert(key);
            if pending.deadlines.first() == Some(&key) {
                self.0.earlier.notify_one();
            }
            key
        });
        Armed { shared: Arc::clone(&self.0), key }
    }
}

/// A deadline that is being watched.
pub(crate) struct Armed {
    shared: Arc<Shared>,
    key: Option<(Instant, u64)>,
}

impl Drop for Armed {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.shared.pending().deadlines.remove(&key);
        }
    }
}
