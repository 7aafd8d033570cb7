//! What components have ready, how leases end, and what each setting of the sandbox changes.

#![expect(clippy::unwrap_used, reason = "a test program: what fails here fails the test")]

#[path = "guests/echo.rs"]
mod echo;
mod guests;
#[path = "guests/settled.rs"]
mod settled;

use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use echo::echo;
use futures::FutureExt as _;
use futures::executor::block_on;
use guests::Guest;
use riptide_events::{Event, EventBus, LeaseEnd, Subscription, Tier};
use riptide_sandbox::{
    Budget, Clock, Extractor, InstanceCounts, LoadPolicy, RefusalReason, Request, Sandbox, SandboxConfig,
    SandboxError, Share, TierConfig,
};
use riptide_types::{Limits, Page, Tenant};
use settled::settled;
use tempfile::TempDir;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// A sandbox whose clock stands still, and what is heard of it.
struct World {
    sandbox: Sandbox,
    clock: Clock,
    heard: Subscription,
    _cache: TempDir,
}

impl World {
    fn new(change: impl FnOnce(&mut SandboxConfig)) -> Self {
        let events = EventBus::new(10_000);
        let heard = events.subscribe();
        let (clock, cache) = (Clock::manual(), TempDir::new().unwrap());
        let mut config = SandboxConfig {
            threads: count(1),
            cache_dir: Some(cache.path().to_owned()),
            events,
            clock: Some(clock.clone()),
            load: LoadPolicy { canary: false, ..LoadPolicy::default() },
            health_interval: Duration::MAX,
            ..SandboxConfig::default()
        };
        change(&mut config);
        Self { sandbox: Sandbox::new(config).unwrap(), clock, heard, _cache: cache }
    }

    /// Loads the component whose memory starts with so many pages, which tells it from others.
    fn load(&self, pages: u32) -> Extractor {
        let extractor = self.sandbox.load(Guest { pages, ..echo() }.component()).unwrap();
        self.sandbox.wait_for_compiler();
        self.sandbox.optimise();
        extractor
    }

    fn extract(&self, extractor: &Extractor, tenant: &str, html: &str) -> Result<String, SandboxError> {
        let outcome = block_on(self.sandbox.extract(extractor, request(tenant, html)));
        // The outcome is handed over before the lease ends.
        self.instances();
        Ok(outcome?.url)
    }

    fn tiers(&self) -> Vec<Tier> {
        let tier = |event| if let Event::LeaseTaken { tier, .. } = event { Some(tier) } else { None };
        self.heard.try_iter().filter_map(tier).collect()
    }

    fn ends(&self) -> Vec<LeaseEnd> {
        let end = |event| if let Event::LeaseEnded { end, .. } = event { Some(end) } else { None };
        self.heard.try_iter().filter_map(end).collect()
    }

    fn instances(&self) -> InstanceCounts {
        settled(&self.sandbox)
    }
}

fn tenant(name: &str) -> Tenant {
    name.parse().unwrap()
}

fn request(name: &str, html: &str) -> Request {
    let page = Page { html: html.to_owned(), url: format!("https://{name}.example/") };
    Request { tenant: tenant(name), page, ..Request::default() }
}

fn count(number: usize) -> NonZero<usize> {
    number.try_into().unwrap()
}

#[test]
fn a_loaded_component_is_hot_and_stays_hot_while_it_is_used() {
    let world = World::new(|_| ());
    let extractor = world.load(2);
    assert_eq!(extractor.tier(), Tier::Hot);
    for _ in 0..3 {
        assert_eq!(world.extract(&extractor, "a", "ok").unwrap(), "https://a.example/");
    }
    assert_eq!(world.tiers(), [Tier::Hot; 3]);
    assert_eq!(world.instances(), InstanceCounts { created: 5, destroyed: 4, idle: 1, in_use: 0 });
}

#[test]
fn a_component_that_is_used_no_more_goes_down_tier_by_tier_and_comes_back() {
    let world = World::new(|config| {
        config.tiers = TierConfig { hot_for: MINUTE, warm_for: 10 * MINUTE, ..config.tiers };
    });
    let extractor = world.load(2);
    let steps = [
        (Duration::ZERO, Tier::Hot),
        (MINUTE - SECOND, Tier::Hot),
        (SECOND, Tier::Warm),
        (9 * MINUTE - SECOND, Tier::Warm),
        (SECOND, Tier::Cold),
    ];
    for (pause, tier) in steps {
        world.clock.advance(pause);
        world.sandbox.optimise();
        assert_eq!(extractor.tier(), tier, "after {pause:?}");
    }
    assert_eq!(world.extract(&extractor, "a", "ok").unwrap(), "https://a.example/");
    world.sandbox.optimise();
    assert_eq!(extractor.tier(), Tier::Hot);
    world.extract(&extractor, "a", "ok").unwrap();
    assert_eq!(world.tiers(), [Tier::Cold, Tier::Hot]);
}

#[test]
fn the_sandbox_fits_its_tiers_at_each_interval_by_itself() {
    let world = World::new(|config| config.tiers.interval = 2 * MINUTE);
    let extractor = world.load(2);
    let demoted = |event: &Event| matches!(event, Event::TierChanged { from: Tier::Hot, to: Tier::Warm, .. });
    assert!(!world.heard.try_iter().any(|event| demoted(&event)));
    world.clock.advance(2 * MINUTE);
    while !demoted(&world.heard.recv().unwrap()) {}
    assert_eq!(extractor.tier(), Tier::Warm);
}

#[test]
fn without_a_cache_machine_code_stays_in_memory() {
    let world = World::new(|config| config.cache_dir = None);
    let extractor = world.load(2);
    world.clock.advance(1000 * MINUTE);
    world.sandbox.optimise();
    assert_eq!(extractor.tier(), Tier::Warm);
}

#[test]
fn no_more_components_are_warm_than_may_be() {
    let world = World::new(|config| config.tiers.warm = 1);
    let (one, other) = (world.load(2), world.load(3));
    world.clock.advance(SECOND);
    world.extract(&other, "a", "ok").unwrap();
    world.sandbox.optimise();
    assert_eq!((one.tier(), other.tier()), (Tier::Cold, Tier::Hot));
}

#[test]
fn no_more_instances_wait_than_may() {
    for (hot, idle) in [(0, 0), (1, 1), (5, 2)] {
        let world = World::new(|config| config.tiers.hot = hot);
        let _both = (world.load(2), world.load(3));
        assert_eq!(world.instances().idle, idle);
    }
}

#[test]
fn as_many_instances_wait_as_were_lent_at_once_up_to_the_cap_of_a_component() {
    for (cap, idle) in [(0, 0), (1, 1), (2, 2), (5, 3)] {
        let world = World::new(|config| {
            config.tiers.hot_per_component = cap;
            config.threads = count(3);
        });
        let extractor = world.load(2);
        let checkout = || block_on(world.sandbox.checkout(&extractor, &tenant("a"))).unwrap();
        let leases = [checkout(), checkout(), checkout()];
        for lease in leases {
            block_on(lease.release());
        }
        world.sandbox.optimise();
        assert_eq!(world.instances().idle, idle, "cap {cap}");
    }
}

#[test]
fn an_instance_serves_one_document_unless_it_may_serve_more_of_the_same_tenant() {
    for (documents, expected) in [(1, vec![true; 6]), (3, vec![true, false, true, true, false, true])] {
        let world = World::new(|config| config.documents_per_instance = documents.try_into().unwrap());
        let extractor = world.load(2);
        // `once` fails when the instance has seen a document before.
        let outcomes =
            ["a", "a", "a", "b", "b", "b"].map(|name| world.extract(&extractor, name, "once").is_ok());
        assert_eq!(outcomes.to_vec(), expected);
    }
}

#[test]
fn an_instance_is_destroyed_when_it_has_served_as_many_documents_as_it_may() {
    let world = World::new(|config| config.documents_per_instance = 3.try_into().unwrap());
    let extractor = world.load(2);
    for _ in 0..6 {
        world.extract(&extractor, "a", "ok").unwrap();
    }
    use LeaseEnd::{Destroyed, Kept};
    assert_eq!(world.ends(), [Kept, Kept, Destroyed, Kept, Kept, Destroyed]);
}

#[test]
fn a_lease_that_is_released_has_its_instance_wait_again() {
    let world = World::new(|_| ());
    let extractor = world.load(2);
    let before = world.instances().created;
    let lease = block_on(world.sandbox.checkout(&extractor, &tenant("a"))).unwrap();
    assert_eq!((lease.tenant(), world.sandbox.instances().in_use), (&tenant("a"), 1));
    block_on(lease.release());
    assert_eq!(
        world.instances(),
        InstanceCounts { created: before, destroyed: before - 1, idle: 1, in_use: 0 }
    );
    assert_eq!((world.ends(), world.sandbox.leaks()), (vec![LeaseEnd::Kept], 0));
}

#[test]
fn a_lease_that_is_dropped_is_cleaned_up_and_told_with_its_place() {
    let world = World::new(|_| ());
    let extractor = world.load(2);
    let line = line!() + 1;
    drop(block_on(world.sandbox.checkout(&extractor, &tenant("a"))).unwrap());
    let leak = std::iter::from_fn(|| world.heard.recv()).find_map(|event| match event {
        Event::LeaseLeaked { resource, place, .. } => Some((resource, place.file(), place.line())),
        _ => None,
    });
    assert_eq!(leak, Some(("instance", file!(), line)));
    assert_eq!(world.instances().in_use, 0);
    assert_eq!(world.sandbox.leaks(), 1);
}

#[test]
fn a_guest_whose_outcome_nobody_waits_for_is_stopped() {
    let world = World::new(|_| ());
    let extractor = world.load(2);
    let lease = block_on(world.sandbox.checkout(&extractor, &tenant("a"))).unwrap();
    // The clock stands still, so nothing else would stop it.
    drop(lease.extract(request("a", "loop").page, Default::default()));
    assert_eq!(block_on(world.sandbox.shut_down(SECOND)), 0);
    assert_eq!((world.ends(), world.sandbox.leaks()), (vec![LeaseEnd::Cancelled], 0));
}

#[test]
fn whoever_stops_waiting_for_a_turn_leaves_nothing_behind() {
    let world = World::new(|_| ());
    let extractor = world.load(2);
    let lease = block_on(world.sandbox.checkout(&extractor, &tenant("a"))).unwrap();
    assert!(world.sandbox.extract(&extractor, request("b", "ok")).now_or_never().is_none());
    assert!(world.sandbox.checkout(&extractor, &tenant("b")).now_or_never().is_none());
    block_on(lease.release());
    assert_eq!(world.extract(&extractor, "b", "ok").unwrap(), "https://b.example/");
    assert_eq!(world.sandbox.leaks(), 0);
}

#[test]
fn the_time_of_a_lease_counts_from_its_checkout() {
    let world = World::new(|config| config.budget.limits.time = SECOND);
    let extractor = world.load(2);
    let lease = block_on(world.sandbox.checkout(&extractor, &tenant("a"))).unwrap();
    world.clock.advance(SECOND);
    let outcome = block_on(lease.extract(request("a", "spin").page, Default::default()));
    assert!(matches!(outcome, Err(SandboxError::DeadlineExceeded { .. })), "{outcome:?}");
}

#[test]
fn queue_and_wait_bound_those_who_wait() {
    let world = World::new(|config| {
        config.queue = 1;
        config.wait = SECOND;
    });
    let extractor = world.load(2);
    let lease = block_on(world.sandbox.checkout(&extractor, &tenant("a"))).unwrap();
    let mut waiting = Box::pin(world.sandbox.checkout(&extractor, &tenant("a")));
    assert!(waiting.as_mut().now_or_never().is_none());
    let refused = |outcome: Option<Result<_, SandboxError>>| match outcome {
        Some(Err(SandboxError::Busy(refusal))) => refusal.reason,
        _ => panic!("not refused"),
    };
    let full = world.sandbox.checkout(&extractor, &tenant("a")).now_or_never();
    assert_eq!(refused(full), RefusalReason::QueueFull);
    world.clock.advance(SECOND);
    assert_eq!(refused(waiting.now_or_never()), RefusalReason::Waited);
    block_on(lease.release());
    let refusals = world.heard.try_iter().filter_map(|event| match event {
        Event::RequestRefused { code, .. } => Some(code),
        _ => None,
    });
    assert_eq!(refusals.collect::<Vec<_>>(), ["queue-full", "queue-timeout"]);
}

#[test]
fn each_tenant_has_its_own_budget() {
    let small = Budget {
        share: Share { permits: Some(count(1)), ..Share::default() },
        limits: Limits { memory: 64 * 1024, ..Limits::default() },
    };
    let world = World::new(|config| {
        config.threads = count(2);
        config.tenants = [(tenant("small"), small)].into();
    });
    let extractor = world.load(1);
    assert!(world.extract(&extractor, "small", "grow").is_err());
    assert!(world.extract(&extractor, "large", "grow").is_ok());
    let large = world.load(2);
    let outcome = world.extract(&large, "small", "ok");
    assert!(matches!(outcome, Err(SandboxError::MemoryExceeded { limit: 65_536 })), "{outcome:?}");
    let one = block_on(world.sandbox.checkout(&extractor, &tenant("small"))).unwrap();
    assert!(world.sandbox.checkout(&extractor, &tenant("small")).now_or_never().is_none());
    let other = block_on(world.sandbox.checkout(&extractor, &tenant("large"))).unwrap();
    block_on(one.release());
    block_on(other.release());
}

#[test]
fn as_many_documents_run_at_once_as_there_are_threads() {
    for threads in [1, 2, 4] {
        let world = World::new(|config| config.threads = count(threads));
        let extractor = world.load(2);
        let looping: Vec<_> = (0..threads)
            .map(|_| {
                let lease = block_on(world.sandbox.checkout(&extractor, &tenant("a"))).unwrap();
                lease.extract(request("a", "loop").page, Default::default())
            })
            .collect();
        assert!(world.sandbox.checkout(&extractor, &tenant("a")).now_or_never().is_none());
        drop(looping);
        assert!(world.extract(&extractor, "a", "ok").is_ok());
    }
}

#[test]
fn short_memory_gives_up_what_waits_and_lets_nobody_wait_until_there_is_enough() {
    static RESIDENT: AtomicU64 = AtomicU64::new(0);
    let world = World::new(|config| {
        config.max_resident = Some(1000);
        config.resident = || Some(RESIDENT.load(Ordering::SeqCst));
    });
    let extractor = world.load(2);
    let wait_refused = || {
        let lease = block_on(world.sandbox.checkout(&extractor, &tenant("a"))).unwrap();
        let outcome = world.sandbox.checkout(&extractor, &tenant("a")).now_or_never();
        block_on(lease.release());
        matches!(outcome, Some(Err(SandboxError::Busy(refusal))) if refusal.reason == RefusalReason::Pressure)
    };
    for (resident, refused, idle) in [(1000, false, 1), (1001, true, 0), (950, true, 0), (900, false, 1)] {
        RESIDENT.store(resident, Ordering::SeqCst);
        world.sandbox.optimise();
        assert_eq!((world.instances().idle, wait_refused()), (idle, refused), "at {resident} bytes");
    }
    let changes = world.heard.try_iter().filter_map(|event| match event {
        Event::PressureChanged { under_pressure, resident, limit } => Some((under_pressure, resident, limit)),
        _ => None,
    });
    assert_eq!(changes.collect::<Vec<_>>(), [(true, 1001, 1000), (false, 900, 1000)]);
}

#[test]
fn a_sandbox_that_shuts_down_lets_nobody_in_and_waits_for_the_others() {
    let world = World::new(|_| ());
    let extractor = world.load(2);
    let lease = block_on(world.sandbox.checkout(&extractor, &tenant("a"))).unwrap();
    let mut shutdown = Box::pin(world.sandbox.shut_down(SECOND));
    assert!(shutdown.as_mut().now_or_never().is_none());
    let refused = world.sandbox.checkout(&extractor, &tenant("b")).now_or_never();
    assert!(matches!(refused, Some(Err(SandboxError::Busy(_)))));
    world.clock.advance(SECOND);
    assert_eq!(shutdown.now_or_never(), Some(1));
    block_on(lease.release());
    assert_eq!(block_on(world.sandbox.shut_down(SECOND)), 0);
}

#[test]
fn two_loads_of_one_component_are_one_component() {
    let world = World::new(|_| ());
    let (one, other) = (world.load(2), world.load(2));
    assert_eq!(one.digest(), other.digest());
    assert_eq!(world.instances().idle, 1);
}

#[test]
fn a_sandbox_may_go_before_its_leases() {
    let world = World::new(|_| ());
    let extractor = world.load(2);
    let lease = block_on(world.sandbox.checkout(&extractor, &tenant("a"))).unwrap();
    let World { sandbox, clock, .. } = world;
    drop((sandbox, clock, extractor));
    let document = block_on(lease.extract(request("a", "ok").page, Default::default())).unwrap();
    assert_eq!(document.url, "https://a.example/");
}

#[test]
fn a_component_that_keeps_failing_is_left_alone_until_its_time_is_over() {
    let world = World::new(|config| {
        config.breaker.minimum_calls = 4.try_into().unwrap();
        config.breaker.open_for = SECOND;
    });
    let extractor = world.load(2);
    for _ in 0..4 {
        assert!(matches!(world.extract(&extractor, "a", "trap"), Err(SandboxError::GuestTrapped { .. })));
    }
    assert!(matches!(world.extract(&extractor, "a", "ok"), Err(SandboxError::OutOfOrder(_))));
    world.clock.advance(SECOND);
    assert!(world.extract(&extractor, "a", "ok").is_ok());
    assert!(world.extract(&extractor, "a", "ok").is_ok());
}

#[test]
fn a_breaker_that_cannot_work_is_told() {
    let world = World::new(|config| config.breaker.failure_percent = 0);
    let error = world.sandbox.load(echo().component()).err().unwrap();
    assert_eq!(error.to_string(), "`failure_percent` of a circuit breaker is 0; expected 1 to 100");
}

#[test]
fn a_component_that_fails_its_health_check_is_not_called_until_it_passes() {
    let world = World::new(|config| config.health_interval = MINUTE);
    let ill = world.sandbox.load(Guest { check_health: "unreachable", ..echo() }.component()).unwrap();
    world.sandbox.optimise();
    assert!(world.extract(&ill, "a", "ok").is_ok());
    world.clock.advance(MINUTE);
    world.sandbox.optimise();
    let error = world.extract(&ill, "a", "ok").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the extractor is unhealthy: its last health check ended in `guest-trapped`"
    );
    let told = |event| match event {
        Event::ComponentHealth { failure, .. } => Some(failure),
        _ => None,
    };
    assert_eq!(world.heard.try_iter().filter_map(told).collect::<Vec<_>>(), [Some("guest-trapped")]);
}
