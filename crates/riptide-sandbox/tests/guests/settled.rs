//! A sandbox answers first and tidies up afterwards: tests that count wait for that.

use std::thread;
use std::time::{Duration, Instant};

use riptide_sandbox::{InstanceCounts, Sandbox};

/// Long enough for a machine however busy; what never comes is told then.
const PATIENCE: Duration = Duration::from_secs(60);

/// The counts once every lease is over, and every instance is gone or waits.
pub(crate) fn settled(sandbox: &Sandbox) -> InstanceCounts {
    let end = Instant::now() + PATIENCE;
    loop {
        let counts = sandbox.instances();
        if counts.in_use == 0 && counts.created == counts.destroyed + counts.idle {
            return counts;
        }
        assert!(Instant::now() < end, "instances are neither gone nor waiting: {counts:?}");
        thread::yield_now();
    }
}
