//! The threads that guest code runs on.

use std::any::Any;
use std::future::Future;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender};
use futures::channel::oneshot;

use crate::SandboxError;
use crate::engine::{Engines, GUEST_STACK, Stop};

/// The stack of a thread: the guest's part, and as much again and more for the host code around it.
const STACK: usize = GUEST_STACK + 1536 * 1024;

type Work = Box<dyn FnOnce() + Send>;

/// A fixed number of threads that take work from one queue. Permits bound the queue: whoever queues work holds one.
pub(crate) struct Threads {
    queue: Option<Sender<Work>>,
    threads: Vec<JoinHandle<()>>,
}

impl Threads {
    /// Starts the threads.
    pub(crate) fn start(count: usize) -> Result<Self, SandboxError> {
        let (queue, work) = crossbeam_channel::unbounded();
        let mut started = Self { queue: Some(queue), threads: Vec::with_capacity(count) };
        for number in 0..count {
            let work = work.clone();
            let builder = thread::Builder::new().name(format!("riptide-guest-{number}")).stack_size(STACK);
            let thread = builder.spawn(move || serve(&work)).map_err(SandboxError::ThreadRefused)?;
            started.threads.push(thread);
        }
        Ok(started)
    }

    /// Runs the work on one of the threads. It answers with its outcome and with what is to be tidied up after the
    /// outcome has been handed over. Dropping the future tells the work to stop. A panic of the work is caught and told.
    pub(crate) fn run<T, C>(
        &self,
        engines: &Engines,
        work: impl FnOnce(&Stop) -> (Result<T, SandboxError>, C) + Send + 'static,
    ) -> Running<T>
    where
        T: Send + 'static,
        C: FnOnce(),
    {
        let (answer, outcome) = oneshot::channel();
        let stop = Stop::new(engines.clone());
        let stopped = stop.clone();
        let work = Box::new(move || {
            // Whatever the work was building is dropped while unwinding; nothing half-built is seen again.
            match panic::catch_unwind(AssertUnwindSafe(|| work(&stopped))) {
                Ok((result, tidy_up)) => {
                    // Nobody may wait for the answer any more.
                    let _ = answer.send(result);
                    let _ = panic::catch_unwind(AssertUnwindSafe(tidy_up));
                }
                Err(payload) => {
                    let _ = answer.send(Err(host_panicked(&*payload)));
                }
            }
        });
        if let Some(queue) = &self.queue {
            // The threads take work as long as there is a queue.
            let _ = queue.send(work);
        }
        Running { outcome, stop: Some(stop) }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.queue = None;
        for thread in self.threads.drain(..) {
            // The last owner of a sandbox may be work of one of its threads.
            if thread.thread().id() != thread::current().id() {
                // Work catches its own panics.
                let _ = thread.join();
            }
        }
    }
}

fn serve(queue: &Receiver<Work>) {
    for work in queue {
        work();
    }
}

/// Work on one of the threads; its outcome.
pub(crate) struct Running<T> {
    outcome: oneshot::Receiver<Result<T, SandboxError>>,
    /// Taken once there is nothing left to stop.
    stop: Option<Stop>,
}

impl<T> Future for Running<T> {
    type Output = Result<T, SandboxError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let outcome = ready!(Pin::new(&mut self.outcome).poll(context));
        self.stop = None;
        let lost = || SandboxError::HostPanicked { text: "its threads are gone".to_owned() };
        Poll::Ready(outcome.unwrap_or_else(|_| Err(lost())))
    }
}

impl<T> Drop for Running<T> {
    fn drop(&mut self) {
        if let Some(stop) = &self.stop {
            stop.stop();
        }
    }
}

fn host_panicked(payload: &(dyn Any + Send)) -> SandboxError {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no message");
    SandboxError::HostPanicked { text: text.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use futures::executor::block_on;

    use super::*;

    fn nothing() {}

    fn threads(count: usize) -> (Threads, Engines) {
        (Threads::start(count).unwrap(), Engines::new(1).unwrap())
    }

    #[test]
    fn a_panic_is_told_and_takes_no_thread_down() {
        let (threads, engines) = threads(1);
        for _ in 0..3 {
            let outcome = block_on(
                threads.run(&engines, |_| -> (Result<(), _>, fn()) { panic!("no document brings me down") }),
            );
            let Err(SandboxError::HostPanicked { text }) = outcome else { panic!("{outcome:?}") };
            assert_eq!(text, "no document brings me down");
        }
        assert_eq!(block_on(threads.run(&engines, |_| (Ok(7), nothing))).unwrap(), 7);
    }

    #[test]
    fn more_callers_than_threads_are_all_served() {
        let (threads, engines) = threads(2);
        let work = (0..16_u64).map(|number| threads.run(&engines, move |_| (Ok(number), nothing)));
        let total: u64 = work.collect::<Vec<_>>().into_iter().map(|running| block_on(running).unwrap()).sum();
        assert_eq!(total, 120);
    }

    #[test]
    fn work_whose_outcome_nobody_waits_for_is_told_to_stop_and_tidies_up() {
        let (threads, engines) = threads(1);
        let (go, gate) = mpsc::channel::<()>();
        let (heard, told) = mpsc::channel();
        let running = threads.run(&engines, move |stop| {
            gate.recv().unwrap();
            let stopped = stop.is_stopped();
            (Ok(()), move || heard.send(stopped).unwrap())
        });
        drop(running);
        go.send(()).unwrap();
        assert!(told.recv().unwrap());
    }
}
