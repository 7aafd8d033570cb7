//! Cleans up after leases that were dropped instead of being released.

use std::collections::VecDeque;
use std::io;
use std::panic::{self, AssertUnwindSafe, Location};

use riptide_events::{Event, EventBus};
use riptide_types::Tenant;

use crate::sync::{Arc, AtomicU64, Condvar, JoinHandle, Mutex, Ordering, lock, spawn, wait};

type Cleanup = Box<dyn FnOnce() + Send>;

/// A thread that cleans up. Works without a runtime, while a panic unwinds and during shutdown: dropping the last clone
/// waits until all that was handed over is done.
#[derive(Clone)]
pub struct Reaper(Arc<Owner>);

struct Owner {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
    capacity: usize,
    leaks: AtomicU64,
    events: EventBus,
}

#[derive(Default)]
struct Queue {
    cleanups: VecDeque<Cleanup>,
    closed: bool,
}

/// A lease that was dropped.
pub(crate) struct Leak {
    pub(crate) resource: &'static str,
    pub(crate) tenant: Tenant,
    pub(crate) place: &'static Location<'static>,
}

impl Reaper {
    /// Starts the thread; `capacity` cleanups may wait for it.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn start(capacity: usize, events: EventBus) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            queue: Mutex::new(Queue::default()),
            changed: Condvar::new(),
            capacity,
            leaks: AtomicU64::new(0),
            events,
        });
        let worked = Arc::clone(&shared);
        let thread = spawn("riptide-reaper", move || reap(&worked))?;
        Ok(Self(Arc::new(Owner { shared, thread: Some(thread) })))
    }

    /// How many leases were dropped instead of being released.
    #[must_use]
    pub fn leaks(&self) -> u64 {
        self.0.shared.leaks.load(Ordering::Relaxed)
    }

    /// Tells the leak and has it cleaned up: on the reaper's thread, or here and now when too much waits for that.
    pub(crate) fn hand_over(&self, leak: Leak, cleanup: impl FnOnce() + Send + 'static) {
        let shared = &self.0.shared;
        shared.leaks.fetch_add(1, Ordering::Relaxed);
        let Leak { resource, tenant, place } = leak;
        shared.events.emit(Event::LeaseLeaked { resource, tenant, place });
        let mut queue = lock(&shared.queue);
        if queue.cleanups.len() < shared.capacity {
            queue.cleanups.push_back(Box::new(cleanup));
            drop(queue);
            shared.changed.notify_one();
        } else {
            drop(queue);
            run(Box::new(cleanup));
        }
    }
}

fn reap(shared: &Shared) {
    let mut queue = lock(&shared.queue);
    loop {
        match queue.cleanups.pop_front() {
            Some(cleanup) => {
                drop(queue);
                run(cleanup);
                queue = lock(&shared.queue);
            }
            None if queue.closed => return,
            None => queue = wait(&shared.changed, queue),
        }
    }
}

/// A cleanup that panics takes nothing else down.
fn run(cleanup: Cleanup) {
    let _ = panic::catch_unwind(AssertUnwindSafe(cleanup));
}

impl Drop for Owner {
    fn drop(&mut self) {
        lock(&self.shared.queue).closed = true;
        self.shared.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            // No cleanup holds a reaper, so this is another thread, and its panics are caught.
            let _ = thread.join();
        }
    }
}
