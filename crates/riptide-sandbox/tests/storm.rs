//! Nothing is lost, doubled or mixed up when many tasks want instances at once; `cargo bench --bench soak` does the
//! same for longer.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test program: what fails here fails the test")]

#[path = "guests/echo.rs"]
mod echo;
mod guests;
#[path = "guests/settled.rs"]
mod settled;
#[path = "guests/storm.rs"]
mod storm;

use riptide_events::{Event, EventBus, LeaseEnd};

use storm::Tally;

#[test]
fn a_storm_of_checkouts_leaves_nothing_behind() {
    const CHECKOUTS: usize = 4000;
    let events = EventBus::new(10 * CHECKOUTS);
    let heard = events.subscribe();
    let (sandbox, tally) = storm::run(2, CHECKOUTS, events, || ());
    let Tally { documents, traps, timeouts, cancelled } = tally;
    assert_eq!(documents + traps + timeouts + cancelled, CHECKOUTS);
    assert!(traps > 0 && timeouts > 0 && cancelled > 0, "{tally:?}");
    let (mut taken, mut ended) = (0, Vec::new());
    for event in heard.try_iter() {
        match event {
            Event::LeaseTaken { .. } => taken += 1,
            Event::LeaseEnded { end, .. } => ended.push(end),
            _ => {}
        }
    }
    assert_eq!(heard.dropped(), 0);
    assert_eq!(taken, ended.len());
    let count = |end| ended.iter().filter(|other| **other == end).count();
    assert_eq!((count(LeaseEnd::Destroyed), count(LeaseEnd::Poisoned)), (documents, traps + timeouts));
    assert!(count(LeaseEnd::Cancelled) <= cancelled);
    assert_eq!(sandbox.leaks(), 0);
}
