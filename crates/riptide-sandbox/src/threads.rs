//! The threads that guest code runs on.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender};

use crate::SandboxError;
use crate::engine::GUEST_STACK;

/// The stack of a thread: the guest's part, and as much again and more for the host code around it.
const STACK: usize = GUEST_STACK + 1536 * 1024;

type Work = Box<dyn FnOnce() + Send>;

/// A fixed number of threads that take work from one bounded queue.
pub(crate) struct Threads {
    queue: Option<Sender<Work>>,
    threads: Vec<JoinHandle<()>>,
}

impl Threads {
    /// Starts the threads.
    pub(crate) fn start(count: usize) -> Result<Self, SandboxError> {
        let (queue, work) = crossbeam_channel::bounded(count);
        let mut started = Self { queue: Some(queue), threads: Vec::with_capacity(count) };
        for number in 0..count {
            let work = work.clone();
            let builder = thread::Builder::new().name(format!("riptide-guest-{number}")).stack_size(STACK);
            let thread = builder.spawn(move || serve(&work)).map_err(SandboxError::ThreadRefused)?;
            started.threads.push(thread);
        }
        Ok(started)
    }

    /// Runs the work on one of the threads and waits for its outcome. Waits for a free place in the queue first.
    /// A panic of the work is caught and told.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, SandboxError> + Send + 'static,
    ) -> Result<T, SandboxError> {
        let (answer, outcome) = crossbeam_channel::bounded(1);
        let work = Box::new(move || {
            // Whatever the work was building is dropped while unwinding; nothing half-built is seen again.
            let result = panic::catch_unwind(AssertUnwindSafe(work));
            // Nobody waits for the answer of a caller that panicked.
            let _ = answer.send(result.unwrap_or_else(|payload| Err(host_panicked(&*payload))));
        });
        let queued = self.queue.as_ref().is_some_and(|queue| queue.send(work).is_ok());
        let lost = || SandboxError::HostPanicked { text: "its threads are gone".to_owned() };
        if queued { outcome.recv().unwrap_or_else(|_| Err(lost())) } else { Err(lost()) }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.queue = None;
        for thread in self.threads.drain(..) {
            // Its work catches its own panics.
            let _ = thread.join();
        }
    }
}

fn serve(queue: &Receiver<Work>) {
    for work in queue {
        work();
    }
}

fn host_panicked(payload: &(dyn Any + Send)) -> SandboxError {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no message");
    SandboxError::HostPanicked { text: text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_and_takes_no_thread_down() {
        let threads = Threads::start(1).unwrap();
        for _ in 0..3 {
            let outcome: Result<(), _> = threads.run(|| panic!("no document brings me down"));
            let Err(SandboxError::HostPanicked { text }) = outcome else { panic!("{outcome:?}") };
            assert_eq!(text, "no document brings me down");
        }
        assert_eq!(threads.run(|| Ok(7)).unwrap(), 7);
    }

    #[test]
    fn more_callers_than_threads_are_all_served() {
        let threads = Threads::start(2).unwrap();
        let total: u64 = thread::scope(|scope| {
            let callers: Vec<_> = (0..16_u64)
                .map(|number| {
                    scope.spawn({
                        let threads = &threads;
                        move || threads.run(move || Ok(number)).unwrap()
                    })
                })
                .collect();
            callers.into_iter().map(|caller| caller.join().unwrap()).sum()
        });
        assert_eq!(total, 120);
    }
}
