//! A million checkouts from 64 tasks, with traps, timeouts and cancelled requests: nothing may leak or be mixed up, and
//! the memory must stay as it is. `cargo bench --package riptide-sandbox --bench soak`

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a program that checks and reports"
)]

#[path = "../tests/guests/echo.rs"]
mod echo;
#[path = "../tests/guests/mod.rs"]
mod guests;
#[path = "../tests/guests/settled.rs"]
mod settled;
#[path = "../tests/guests/storm.rs"]
mod storm;

use std::fs;
use std::time::Instant;

use riptide_events::EventBus;

const CHECKOUTS: usize = 1_000_000;
/// Most that the resident memory may grow in the second half.
const DRIFT: f64 = 1.02;

fn main() {
    let started = Instant::now();
    let mut half = 0;
    let (sandbox, tally) = storm::run(2, CHECKOUTS, EventBus::new(0), || half = resident());
    let end = resident();
    println!("{CHECKOUTS} checkouts in {:.1} s: {tally:?}", started.elapsed().as_secs_f64());
    println!("leaks: {}, {:?}", sandbox.leaks(), sandbox.instances());
    println!("resident: {half} KiB half-way, {end} KiB at the end");
    assert_eq!(sandbox.leaks(), 0);
    assert!((end as f64) <= half as f64 * DRIFT, "the memory drifts");
}

/// KiB that this process has resident (proc_pid_status(5)).
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
