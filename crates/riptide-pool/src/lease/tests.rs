#![expect(clippy::unwrap_used, reason = "a defect of a test fails it")]

use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

use futures::FutureExt as _;
use futures::channel::oneshot;
use futures::executor::block_on;
use riptide_events::{Event, EventBus, Subscription};

use super::*;
use crate::{Admission, AdmissionConfig, Shares};

const SECOND: Duration = Duration::from_secs(1);

#[derive(Default)]
struct Counts {
    closed: AtomicUsize,
    abandoned: AtomicUsize,
    dropped: AtomicUsize,
}

/// Counts its ends, and closes as slowly as its test wants.
struct Probe {
    counts: Arc<Counts>,
    gate: Option<oneshot::Receiver<()>>,
}

impl Resource for Probe {
    const NAME: &'static str = "probe";
    type Outcome = &'static str;

    async fn close(&mut self) -> &'static str {
        if let Some(gate) = &mut self.gate {
            gate.await.unwrap();
        }
        self.counts.closed.fetch_add(1, Ordering::SeqCst);
        "closed"
    }

    fn abandon(self) {
        self.counts.abandoned.fetch_add(1, Ordering::SeqCst);
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.counts.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

struct World {
    clock: Clock,
    admission: Admission,
    reaper: Reaper,
    heard: Subscription,
    counts: Arc<Counts>,
}

impl World {
    fn with_reaper(capacity: usize) -> Self {
        let events = EventBus::new(16);
        let heard = events.subscribe();
        let clock = Clock::manual();
        let config = AdmissionConfig {
            permits: 1.try_into().unwrap(),
            queue: 1,
            wait: SECOND,
            shares: Shares::default(),
        };
        let admission = Admission::new(config, clock.clone());
        let reaper = Reaper::start(capacity, events).unwrap();
        Self { clock, admission, reaper, heard, counts: Arc::default() }
    }

    #[track_caller]
    fn lease(&self, gate: Option<oneshot::Receiver<()>>) -> Lease<Probe> {
        let permit = block_on(self.admission.acquire(&Tenant::default())).unwrap();
        let terms = Terms { permit, deadline: None, reaper: self.reaper.clone(), place: Location::caller() };
        Lease::new(Probe { counts: Arc::clone(&self.counts), gate }, terms)
    }

    /// How often it was closed, abandoned and dropped, once the reaper is done.
    fn ends(self) -> (usize, usize, usize) {
        drop(self.reaper);
        assert_eq!(self.admission.in_use(), 0);
        let count = |count: &AtomicUsize| count.load(Ordering::SeqCst);
        (count(&self.counts.closed), count(&self.counts.abandoned), count(&self.counts.dropped))
    }
}

#[test]
fn a_released_lease_is_closed_once_and_not_abandoned() {
    let world = World::with_reaper(4);
    let lease = world.lease(None);
    assert_eq!(world.admission.in_use(), 1);
    assert_eq!(block_on(lease.release(&world.clock, SECOND)), Released::Closed("closed"));
    assert_eq!((world.admission.in_use(), world.reaper.leaks()), (0, 0));
    assert_eq!(world.ends(), (1, 0, 1));
}

#[test]
fn a_dropped_lease_is_abandoned_once_and_told_with_its_place() {
    let world = World::with_reaper(4);
    let line = line!() + 1;
    drop(world.lease(None));
    assert_eq!(world.reaper.leaks(), 1);
    let Some(Event::LeaseLeaked { resource, place, .. }) = world.heard.recv() else { panic!() };
    assert_eq!((resource, place.file(), place.line()), ("probe", file!(), line));
    assert_eq!(world.ends(), (0, 1, 1));
}

#[test]
fn a_release_that_is_given_up_half_way_ends_in_the_reaper() {
    let world = World::with_reaper(4);
    let (_open, gate) = oneshot::channel();
    let lease = world.lease(Some(gate));
    let clock = world.clock.clone();
    let mut release = Box::pin(lease.release(&clock, SECOND));
    assert!(release.as_mut().now_or_never().is_none());
    drop(release);
    assert_eq!(world.ends(), (0, 1, 1));
}

#[test]
fn a_release_that_was_never_begun_ends_in_the_reaper() {
    let world = World::with_reaper(4);
    drop(world.lease(None).release(&world.clock, SECOND));
    assert_eq!(world.ends(), (0, 1, 1));
}

#[test]
fn a_release_that_takes_too_long_ends_in_the_reaper() {
    let world = World::with_reaper(4);
    let (_open, gate) = oneshot::channel();
    let lease = world.lease(Some(gate));
    let clock = world.clock.clone();
    let mut release = Box::pin(lease.release(&clock, SECOND));
    assert!(release.as_mut().now_or_never().is_none());
    clock.advance(SECOND);
    assert_eq!(release.now_or_never(), Some(Released::TimedOut));
    assert_eq!(world.ends(), (0, 1, 1));
}

#[test]
fn a_slow_release_that_ends_in_time_is_closed() {
    let world = World::with_reaper(4);
    let (open, gate) = oneshot::channel();
    let lease = world.lease(Some(gate));
    let clock = world.clock.clone();
    let mut release = Box::pin(lease.release(&clock, SECOND));
    assert!(release.as_mut().now_or_never().is_none());
    clock.advance(SECOND / 2);
    open.send(()).unwrap();
    assert_eq!(release.now_or_never(), Some(Released::Closed("closed")));
    assert_eq!(world.ends(), (1, 0, 1));
}

#[test]
fn a_lease_lost_to_a_panic_is_abandoned() {
    let world = World::with_reaper(4);
    let lease = world.lease(None);
    let lost = panic::catch_unwind(AssertUnwindSafe(move || {
        let _lease = lease;
        panic!("whoever holds the lease fails");
    }));
    assert!(lost.is_err());
    assert_eq!(world.ends(), (0, 1, 1));
}

#[test]
fn what_the_reaper_has_no_room_for_is_cleaned_up_on_the_spot() {
    let world = World::with_reaper(0);
    drop(world.lease(None));
    assert_eq!(world.admission.in_use(), 0);
    assert_eq!(world.ends(), (0, 1, 1));
}

#[test]
fn the_permit_goes_back_after_what_it_stood_for_is_gone() {
    let world = World::with_reaper(4);
    let lease = world.lease(None);
    let (admission, counts) = (world.admission.clone(), Arc::clone(&world.counts));
    let seen = lease.release_with(move |probe| {
        drop(probe);
        (admission.in_use(), counts.dropped.load(Ordering::SeqCst))
    });
    assert_eq!(seen, Some((1, 1)));
    assert_eq!(world.ends(), (0, 0, 1));
}

#[test]
fn the_reaper_survives_a_cleanup_that_panics() {
    struct Bomb(mpsc::Sender<()>);
    impl Resource for Bomb {
        const NAME: &'static str = "bomb";
        type Outcome = ();
        async fn close(&mut self) {}
        fn abandon(self) {
            self.0.send(()).unwrap();
            panic!("a cleanup of a test");
        }
    }
    let world = World::with_reaper(4);
    let (sender, abandoned) = mpsc::channel();
    for _ in 0..2 {
        let permit = block_on(world.admission.acquire(&Tenant::default())).unwrap();
        let terms = Terms { permit, deadline: None, reaper: world.reaper.clone(), place: Location::caller() };
        drop(Lease::new(Bomb(sender.clone()), terms));
        abandoned.recv().unwrap();
    }
    assert_eq!(world.ends(), (0, 0, 0));
}
