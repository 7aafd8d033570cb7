//! Every order in which threads can meet in the pool's parts, tried by the model checker: `RUSTFLAGS="--cfg loom"`.
//!
//! The checker itself fails on deadlocks, which is what a lost wake-up ends in, and on an `Arc` that is never freed.
//! Clocks stand still: their locks are not modelled.

use std::num::NonZero;
use std::panic::Location;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use loom::future::block_on;
use loom::model::Builder;
use loom::thread;
use riptide_events::EventBus;
use riptide_types::Tenant;

use crate::sync::{Arc, AtomicU64, Ordering};
use crate::{
    Acquire, Admission, AdmissionConfig, BreakerConfig, CircuitBreaker, Clock, Lease, Permit, Reaper,
    Refusal, Resource, Shares, Terms,
};

/// How often a thread is interrupted where it could go on. Nearly all defects show with two (Musuvathi and Qadeer, 2007).
const PREEMPTIONS: usize = 3;

const SECOND: Duration = Duration::from_secs(1);

fn check(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(PREEMPTIONS);
    builder.check(model);
}

fn one_permit(clock: &Clock) -> Admission {
    let config =
        AdmissionConfig { permits: NonZero::<usize>::MIN, queue: 4, wait: SECOND, shares: Shares::default() };
    Admission::new(config, clock.clone())
}

fn tenant(name: &str) -> Tenant {
    name.parse().unwrap()
}

/// Polls once: a request that finds no permit waits in the queue from then on.
fn begin(acquire: &mut Acquire) -> Poll<Result<Permit, Refusal>> {
    pin!(acquire).as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

/// Counts how often it is cleaned up.
struct Counted(Arc<AtomicU64>);

impl Resource for Counted {
    const NAME: &'static str = "counted";
    type Outcome = ();

    async fn close(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn abandon(self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn lease(permit: Permit, reaper: Reaper, cleanups: &Arc<AtomicU64>) -> Lease<Counted> {
    let terms = Terms { permit, deadline: None, reaper, place: Location::caller() };
    Lease::new(Counted(Arc::clone(cleanups)), terms)
}

#[test]
fn a_permit_is_never_out_twice() {
    check(|| {
        let clock = Clock::manual();
        let admission = one_permit(&clock);
        let inside = Arc::new(AtomicU64::new(0));
        let enter = |admission: &Admission, inside: &Arc<AtomicU64>, name| {
            let permit = block_on(admission.acquire(&tenant(name))).unwrap();
            assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
            inside.fetch_sub(1, Ordering::SeqCst);
            drop(permit);
        };
        let (other, others) = (admission.clone(), Arc::clone(&inside));
        let thread = thread::spawn(move || enter(&other, &others, "b"));
        enter(&admission, &inside, "a");
        thread.join().unwrap();
        assert_eq!((admission.in_use(), admission.waiting()), (0, 0));
    });
}

#[test]
fn a_request_that_is_dropped_while_its_permit_arrives_passes_it_on() {
    check(|| {
        let clock = Clock::manual();
        let admission = one_permit(&clock);
        let held = block_on(admission.acquire(&tenant("a"))).unwrap();
        let mut given_up = admission.acquire(&tenant("b"));
        assert!(begin(&mut given_up).is_pending());
        let giver = thread::spawn(move || drop(held));
        let dropper = thread::spawn(move || drop(given_up));
        drop(block_on(admission.acquire(&tenant("c"))).unwrap());
        giver.join().unwrap();
        dropper.join().unwrap();
        assert_eq!((admission.in_use(), admission.waiting()), (0, 0));
    });
}

#[test]
fn a_permit_that_is_given_back_wakes_who_waits_for_it() {
    check(|| {
        let clock = Clock::manual();
        let admission = one_permit(&clock);
        let held = block_on(admission.acquire(&tenant("a"))).unwrap();
        let waiting = admission.clone();
        let waiter = thread::spawn(move || {
            let permit = block_on(waiting.acquire(&tenant("b"))).unwrap();
            assert_eq!(permit.tenant().name(), "b");
        });
        drop(held);
        waiter.join().unwrap();
        assert_eq!(admission.in_use(), 0);
    });
}

#[test]
fn closing_leaves_nobody_waiting() {
    check(|| {
        let clock = Clock::manual();
        let admission = one_permit(&clock);
        let held = block_on(admission.acquire(&tenant("a"))).unwrap();
        let (waiting, closing) = (admission.clone(), admission.clone());
        let waiter = thread::spawn(move || drop(block_on(waiting.acquire(&tenant("b")))));
        let closer = thread::spawn(move || {
            closing.close();
            block_on(closing.drained());
            assert_eq!(closing.in_use(), 0);
        });
        drop(held);
        waiter.join().unwrap();
        closer.join().unwrap();
    });
}

#[test]
fn a_dropped_lease_is_cleaned_up_once_while_the_reaper_goes() {
    check(|| {
        let clock = Clock::manual();
        let admission = one_permit(&clock);
        let cleanups = Arc::new(AtomicU64::new(0));
        let reaper = Reaper::start(1, EventBus::new(1)).unwrap();
        let permit = block_on(admission.acquire(&Tenant::default())).unwrap();
        let lease = lease(permit, reaper.clone(), &cleanups);
        let thread = thread::spawn(move || drop(lease));
        drop(reaper);
        thread.join().unwrap();
        // The last reaper is gone, and has waited for its work to be done.
        assert_eq!(cleanups.load(Ordering::Relaxed), 1);
        assert_eq!(admission.in_use(), 0);
    });
}

#[test]
fn a_released_lease_is_cleaned_up_once_and_gives_its_permit_to_who_waits() {
    check(|| {
        let clock = Clock::manual();
        let admission = one_permit(&clock);
        let cleanups = Arc::new(AtomicU64::new(0));
        let reaper = Reaper::start(1, EventBus::new(1)).unwrap();
        let permit = block_on(admission.acquire(&Tenant::default())).unwrap();
        let lease = lease(permit, reaper.clone(), &cleanups);
        let (waiting, cleaned) = (admission.clone(), Arc::clone(&cleanups));
        let waiter = thread::spawn(move || {
            let permit = block_on(waiting.acquire(&tenant("b"))).unwrap();
            assert_eq!(cleaned.load(Ordering::Relaxed), 1, "the permit comes after the cleanup");
            drop(permit);
        });
        block_on(lease.release(&clock, SECOND));
        waiter.join().unwrap();
        assert_eq!((cleanups.load(Ordering::Relaxed), reaper.leaks(), admission.in_use()), (1, 0, 0));
    });
}

#[test]
fn the_pool_is_freed_with_the_last_handle_whoever_holds_it() {
    check(|| {
        let clock = Clock::manual();
        let admission = one_permit(&clock);
        let permit = block_on(admission.acquire(&Tenant::default())).unwrap();
        let mut waiting = admission.acquire(&Tenant::default());
        assert!(begin(&mut waiting).is_pending());
        let threads = [thread::spawn(move || drop(permit)), thread::spawn(move || drop(waiting))];
        drop(admission);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

#[test]
fn no_more_probes_run_than_may() {
    check(|| {
        let config = BreakerConfig {
            window: SECOND,
            failure_percent: 100,
            minimum_calls: NonZero::<u64>::MIN,
            open_for: SECOND,
            longest_open: SECOND,
            probes: NonZero::<usize>::MIN,
        };
        let (clock, bus) = (Clock::manual(), EventBus::new(8));
        let heard = bus.subscribe();
        let breaker = CircuitBreaker::new("it".into(), config, clock.clone(), bus).unwrap();
        breaker.try_call().unwrap().fail();
        clock.advance(SECOND);
        let running = Arc::new(AtomicU64::new(0));
        let probe = |breaker: &CircuitBreaker, running: &Arc<AtomicU64>| {
            let Ok(call) = breaker.try_call() else { return };
            assert_eq!(running.fetch_add(1, Ordering::SeqCst), 0);
            running.fetch_sub(1, Ordering::SeqCst);
            drop(call);
        };
        let threads = [(); 2].map(|()| {
            let (breaker, running) = (breaker.clone(), Arc::clone(&running));
            thread::spawn(move || probe(&breaker, &running))
        });
        probe(&breaker, &running);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        // Opened, and half-opened once, by whoever came first.
        assert_eq!(heard.try_iter().count(), 2);
    });
}
