//! Many tasks that want instances at once, some of which trap, run out of time, or stop waiting.

use std::num::NonZero;
use std::sync::mpsc::{self, TryRecvError};
use std::thread;
use std::time::Duration;

use futures::FutureExt as _;
use futures::executor::block_on;
use riptide_events::EventBus;
use riptide_sandbox::{BreakerConfig, Budget, LoadPolicy, Request, Sandbox, SandboxConfig, SandboxError};
use riptide_types::{Limits, Page, Tenant};

use crate::echo::echo;
use crate::settled::settled;

/// How many tasks want instances.
const TASKS: usize = 64;
/// The tenant whose guests run out of time; all others have time enough on a machine however busy.
const HASTY: &str = "hasty";
const HASTE: Duration = Duration::from_millis(1);

/// What came out.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) documents: usize,
    pub(crate) traps: usize,
    pub(crate) timeouts: usize,
    pub(crate) cancelled: usize,
}

/// Asks for `checkouts` instances, and checks that each answer belongs to its question and that no instance is left
/// behind; calls `halfway` after half of them.
pub(crate) fn run(
    threads: usize,
    checkouts: usize,
    events: EventBus,
    halfway: impl FnOnce() + Send,
) -> (Sandbox, Tally) {
    let limits = Limits { time: Duration::from_secs(300), ..Limits::default() };
    let budget = Budget { limits, ..Budget::default() };
    let hasty = Budget { limits: Limits { time: HASTE, ..limits }, ..budget };
    let default = SandboxConfig::default();
    let sandbox = Sandbox::new(SandboxConfig {
        threads: NonZero::new(threads).unwrap(),
        budget,
        tenants: [(HASTY.parse().unwrap(), hasty)].into(),
        wait: Duration::from_secs(3600),
        // Those that fail are short, so their tenants' turn may come first.
        breaker: BreakerConfig { minimum_calls: NonZero::<u64>::MAX, ..default.breaker },
        events,
        load: LoadPolicy { canary: false, ..LoadPolicy::default() },
        ..default
    })
    .unwrap();
    let tally = thread::scope(|scope| {
        // Dropped by whatever ends the storm, a panic too: the scope waits for the watch.
        let (storming, over) = mpsc::channel::<()>();
        let sandbox = &sandbox;
        let watch = scope.spawn(move || {
            while over.try_recv() == Err(TryRecvError::Empty) {
                assert!(sandbox.instances().in_use <= threads as u64);
                thread::yield_now();
            }
        });
        let mut tally = Tally::default();
        storm(sandbox, checkouts / 2, &mut tally);
        halfway();
        storm(sandbox, checkouts - checkouts / 2, &mut tally);
        drop(storming);
        watch.join().unwrap();
        tally
    });
    assert_eq!(block_on(sandbox.shut_down(Duration::from_secs(60))), 0);
    settled(&sandbox);
    (sandbox, tally)
}

fn storm(sandbox: &Sandbox, checkouts: usize, tally: &mut Tally) {
    let extractor = sandbox.load(echo().component()).unwrap();
    let tallies = thread::scope(|scope| {
        let extractor = &extractor;
        let tasks = (0..TASKS).map(|task| {
            let share = checkouts / TASKS + usize::from(task < checkouts % TASKS);
            scope.spawn(move || task_of(sandbox, extractor, task, share))
        });
        tasks.collect::<Vec<_>>().into_iter().map(|task| task.join().unwrap()).collect::<Vec<_>>()
    });
    for part in tallies {
        tally.documents += part.documents;
        tally.traps += part.traps;
        tally.timeouts += part.timeouts;
        tally.cancelled += part.cancelled;
    }
}

fn task_of(
    sandbox: &Sandbox,
    extractor: &riptide_sandbox::Extractor,
    task: usize,
    checkouts: usize,
) -> Tally {
    let mut tally = Tally::default();
    let mut random = task as u64 + 1;
    for number in 0..checkouts {
        // Marsaglia's xorshift.
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let (tenant, html) = match random % 100 {
            0..10 => ("loud", "trap"),
            10..15 => (HASTY, "loop"),
            15..20 => ("fickle", "loop"),
            _ => (if task.is_multiple_of(2) { "even" } else { "odd" }, "ok"),
        };
        let url = format!("https://example.org/{task}/{number}");
        let page = Page { html: html.to_owned(), url: url.clone() };
        let request = Request { tenant: tenant.parse::<Tenant>().unwrap(), page, ..Request::default() };
        let work = sandbox.extract(extractor, request);
        if tenant == "fickle" {
            assert!(work.now_or_never().is_none());
            tally.cancelled += 1;
            continue;
        }
        match (html, block_on(work)) {
            ("ok", Ok(document)) if document.url == url => tally.documents += 1,
            ("trap", Err(SandboxError::GuestTrapped { .. })) => tally.traps += 1,
            ("loop", Err(SandboxError::DeadlineExceeded { .. })) => tally.timeouts += 1,
            (_, outcome) => panic!("{html} of {tenant}: {outcome:?}"),
        }
    }
    tally
}
