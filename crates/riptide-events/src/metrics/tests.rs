use std::panic::Location;
use std::thread;

use super::*;
use crate::{EventBus, Outcome};

/// Marsaglia's xorshift64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound
    }

    fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }

    /// Times of every length, from no microsecond to a minute.
    fn micros(&mut self) -> u64 {
        let length = self.below(26);
        self.below(1 << length) as u64
    }
}

fn tenant(name: &str) -> Tenant {
    name.parse().unwrap()
}

fn random_event(random: &mut Random) -> Event {
    let digest = random.of(&["d1", "d2"]).into();
    let tenant = tenant(random.of(&["a", "b", "c"]));
    match random.below(19) {
        0 => Event::ComponentLoading { digest },
        1 => {
            Event::ComponentLoaded { digest, origin: random.of(ArtefactOrigin::ALL), micros: random.micros() }
        }
        2 => Event::ComponentHealth { digest, failure: random.of(&[None, Some("trap")]) },
        3 => Event::CacheRefused { path: "/c".into(), reason: "shared".into() },
        4 => Event::TierChanged { digest, from: random.of(Tier::ALL), to: random.of(Tier::ALL) },
        5 => {
            let (queued_micros, micros) = (random.micros(), random.micros());
            Event::LeaseTaken { tenant, digest, tier: random.of(Tier::ALL), queued_micros, micros }
        }
        6 => Event::LeaseEnded { tenant, digest, end: random.of(LeaseEnd::ALL), micros: random.micros() },
        7 => Event::LeaseLeaked {
            resource: random.of(&["instance", "browser"]),
            tenant,
            place: Location::caller(),
        },
        8 => Event::RequestRefused { tenant, code: random.of(&["queue-full", "pool-closed"]) },
        9 => Event::PressureChanged { under_pressure: random.below(2) == 0, resident: 5, limit: 9 },
        10 => Event::BreakerChanged { subject: digest, state: random.of(BreakerState::ALL) },
        12 => Event::RegistryReloaded { path: "/r".into() },
        13 => Event::RegistryRefused { path: "/r".into(), reason: "empty".into() },
        14 => Event::BrowserStarted { process: 7, sandboxed: random.below(2) == 0, micros: random.micros() },
        15 => Event::BrowserClosed {
            process: 7,
            end: random.of(BrowserEnd::ALL),
            exit: random.of(BrowserExit::ALL),
        },
        16 => {
            let outcome = random.of(&[Outcome::Ok, Outcome::Err("page-crashed")]);
            let (url, micros) = (String::new(), random.micros());
            Event::PageRendered { tenant, url, micros, bytes: random.micros(), outcome }
        }
        17 => {
            let outcome = random.of(&[Outcome::Ok, Outcome::Err("head-timeout")]);
            let (url, micros, cached) = (String::new(), random.micros(), random.below(2) == 0);
            Event::PageFetched { tenant, url, micros, bytes: random.micros(), cached, outcome }
        }
        11 => Event::FellBack { digest, code: random.of(&["trap", "deadline-exceeded"]) },
        _ => {
            let outcome = random.of(&[Outcome::Ok, Outcome::Err("deadline-exceeded")]);
            Event::DocumentFinished { tenant, url: String::new(), micros: random.micros(), outcome }
        }
    }
}

/// The samples of a time.
fn time(name: &str, labels: &str, micros: u64) -> Vec<(String, f64)> {
    let braced = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
    let comma = if labels.is_empty() { "" } else { "," };
    vec![
        (format!("riptide_{name}_seconds_count{braced}"), 1.0),
        (format!("riptide_{name}_seconds_sum{braced}"), micros as f64 / 1e6),
        (format!("riptide_{name}_seconds_bucket{{le=\"+Inf\"{comma}{labels}}}"), 1.0),
        (
            format!("riptide_{name}_seconds_bucket{{le=\"0.001024\"{comma}{labels}}}"),
            f64::from(micros < 1024),
        ),
    ]
}

fn one(sample: String) -> Vec<(String, f64)> {
    vec![(format!("riptide_{sample}"), 1.0)]
}

/// What must stand in the text for each event: a sample's name with its labels, and what it adds.
fn samples(event: &Event) -> Vec<(String, f64)> {
    match event {
        Event::ComponentLoading { .. } => vec![],
        Event::ComponentLoaded { origin, micros, .. } => {
            time("component_load", &format!("origin=\"{}\"", origin.name()), *micros)
        }
        Event::ComponentHealth { failure: None, .. } => one("component_recoveries_total".into()),
        Event::ComponentHealth { failure: Some(code), .. } => {
            one(format!("component_failures_total{{code=\"{code}\"}}"))
        }
        Event::CacheRefused { .. } => one("cache_refused_total".into()),
        Event::RegistryReloaded { .. } => one("registry_reloads_total".into()),
        Event::RegistryRefused { .. } => one("registry_refused_total".into()),
        Event::TierChanged { from, to, .. } => {
            one(format!("tier_changes_total{{from=\"{}\",to=\"{}\"}}", from.name(), to.name()))
        }
        Event::LeaseTaken { tier, queued_micros, micros, .. } => {
            let tier = format!("tier=\"{}\"", tier.name());
            [time("checkout", &tier, *micros), time("queue", "", *queued_micros)].concat()
        }
        Event::LeaseEnded { end, micros, .. } => {
            let ended = one(format!("leases_ended_total{{end=\"{}\"}}", end.name()));
            [ended, time("lease", "", *micros)].concat()
        }
        Event::LeaseLeaked { resource, .. } => one(format!("leases_leaked_total{{resource=\"{resource}\"}}")),
        Event::RequestRefused { tenant, code } => {
            one(format!("requests_refused_total{{tenant=\"{tenant}\",code=\"{code}\"}}"))
        }
        Event::PressureChanged { .. } => one("pressure_changes_total".into()),
        Event::BreakerChanged { state, .. } => {
            one(format!("breaker_changes_total{{state=\"{}\"}}", state.name()))
        }
        Event::FellBack { code, .. } => one(format!("fallbacks_total{{code=\"{code}\"}}")),
        Event::BrowserStarted { .. } | Event::BrowserClosed { .. } | Event::PageRendered { .. } => {
            browser_samples(event)
        }
        Event::PageFetched { tenant, micros, bytes, cached, outcome, .. } => {
            let outcome = outcome.name();
            let ended = one(format!("pages_fetched_total{{tenant=\"{tenant}\",outcome=\"{outcome}\"}}"));
            let read = vec![
                ("riptide_page_fetch_bytes_total".to_owned(), *bytes as f64),
                ("riptide_pages_cached_total".to_owned(), f64::from(u8::from(*cached))),
            ];
            [ended, read, time("page_fetch", "", *micros)].concat()
        }
        Event::DocumentFinished { tenant, micros, outcome, .. } => {
            let outcome = outcome.name();
            let ended = one(format!("documents_total{{tenant=\"{tenant}\",outcome=\"{outcome}\"}}"));
            [ended, time("document", "", *micros)].concat()
        }
    }
}

fn browser_samples(event: &Event) -> Vec<(String, f64)> {
    match event {
        Event::BrowserStarted { micros, .. } => time("browser_start", "", *micros),
        Event::BrowserClosed { end, exit, .. } => {
            one(format!("browsers_closed_total{{end=\"{}\",exit=\"{}\"}}", end.name(), exit.name()))
        }
        Event::PageRendered { tenant, micros, bytes, outcome, .. } => {
            let outcome = outcome.name();
            let ended = one(format!("pages_rendered_total{{tenant=\"{tenant}\",outcome=\"{outcome}\"}}"));
            let moved = vec![("riptide_page_transfer_bytes_total".to_owned(), *bytes as f64)];
            [ended, moved, time("page_render", "", *micros)].concat()
        }
        _ => vec![],
    }
}

/// The samples of a rendering.
fn parse(text: &str) -> BTreeMap<String, f64> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (sample, value) = line.rsplit_once(' ').unwrap();
            (sample.to_owned(), value.parse().unwrap())
        })
        .collect()
}

#[test]
fn every_sum_equals_the_events_of_all_threads_exactly() {
    let (bus, metrics) = (EventBus::new(1), Arc::new(Metrics::new()));
    bus.observe(metrics.clone());
    // Nobody reads: what subscribers lose, metrics do not.
    let _lagging = bus.subscribe();
    let work = |seed| {
        let mut random = Random(seed);
        let events: Vec<_> = (0..5000).map(|_| random_event(&mut random)).collect();
        events.iter().for_each(|event| bus.emit(event.clone()));
        events
    };
    let events: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (1..=4).map(|seed| scope.spawn(move || work(seed * 0x9e37_79b9))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });

    let rendered = parse(&metrics.render());
    let mut expected = BTreeMap::new();
    for (sample, value) in events.iter().flat_map(samples) {
        *expected.entry(sample).or_insert(0.0) += value;
    }
    for (sample, value) in &expected {
        let told = rendered.get(sample).unwrap_or_else(|| panic!("{sample} is missing"));
        assert!((told - value).abs() < 1e-6, "{sample} is {told}, expected {value}");
    }
    let is_gauge = |sample: &str| {
        ["riptide_breakers{", "riptide_memory_", "riptide_under_pressure"]
            .iter()
            .any(|gauge| sample.starts_with(gauge))
    };
    let is_bound = |sample: &str| sample.contains("_bucket{");
    let unexpected = rendered.iter().filter(|(sample, value)| {
        **value != 0.0 && !is_gauge(sample) && !is_bound(sample) && !expected.contains_key(*sample)
    });
    assert_eq!(unexpected.count(), 0);
}

#[test]
fn the_text_is_as_prometheus_wants_it() {
    let metrics = Metrics::new();
    metrics.observe(&Event::RequestRefused { tenant: tenant("a"), code: "queue-full" });
    let text = metrics.render();
    for expected in [
        "# HELP riptide_requests_refused Requests that were not let in\n",
        "# TYPE riptide_requests_refused counter\n",
        "riptide_requests_refused_total{tenant=\"a\",code=\"queue-full\"} 1\n",
        "# TYPE riptide_checkout_seconds histogram\n",
        "# UNIT riptide_checkout_seconds seconds\n",
        "riptide_checkout_seconds_count{tier=\"hot\"} 0\n",
        "riptide_breakers{state=\"open\"} 0\n",
    ] {
        assert!(text.contains(expected), "{expected} is missing in {text}");
    }
    assert!(text.ends_with("# EOF\n"));
}

#[test]
fn buckets_hold_what_is_below_their_bounds() {
    let metrics = Metrics::new();
    for micros in [0, 1, 2, 7, 8, 1 << 26, u64::MAX >> 1] {
        metrics.observe(&Event::DocumentFinished {
            tenant: tenant("a"),
            url: String::new(),
            micros,
            outcome: Outcome::Ok,
        });
    }
    let rendered = parse(&metrics.render());

    let below = |bound: &str| rendered[&format!("riptide_document_seconds_bucket{{le=\"{bound}\"}}")];
    let told = ["0.000002", "0.000004", "0.000008", "0.000016", "67.108864", "+Inf"].map(below);
    assert_eq!(told, [2.0, 3.0, 4.0, 5.0, 5.0, 7.0]);
}

#[test]
fn the_share_of_checkouts_without_the_disk_is_told() {
    let metrics = Metrics::new();
    assert_eq!(metrics.snapshot().cache_efficiency(), None);
    for (tier, times) in [(Tier::Hot, 5), (Tier::Warm, 2), (Tier::Cold, 2), (Tier::Frozen, 1)] {
        for _ in 0..times {
            let (tenant, digest) = (tenant("a"), "d1".into());
            metrics.observe(&Event::LeaseTaken { tenant, digest, tier, queued_micros: 1, micros: 2 });
        }
    }
    let snapshot = metrics.snapshot();
    assert_eq!((snapshot.checkouts_total(), snapshot.cache_efficiency()), (10, Some(0.7)));
}

#[test]
fn quantiles_are_a_little_too_long_at_the_most() {
    let stopwatch = Stopwatch::default();
    assert_eq!(stopwatch.read().quantile_micros(0.5), None);
    (1..=10_000).for_each(|micros| stopwatch.record(micros));
    let timing = stopwatch.read();
    for (share, exact) in [(0.0, 1), (0.5, 5000), (0.99, 9900), (1.0, 10_000)] {
        let told = timing.quantile_micros(share).unwrap();
        assert!((exact..=exact + exact * 3 / 100 + 1).contains(&told), "{share}: {told}");
    }
    assert_eq!((timing.count(), timing.sum_micros()), (10_000, 50_005_000));
}

#[test]
fn tenants_beyond_the_first_hundred_are_counted_together() {
    let metrics = Metrics::new();
    for _ in 0..2 {
        for number in 0..150 {
            let tenant = tenant(&format!("t{number}"));
            metrics.observe(&Event::RequestRefused { tenant, code: "queue-full" });
        }
    }
    let refused = metrics.snapshot().refused;
    assert_eq!(refused.len(), 101);
    assert_eq!(refused[&(tenant("t0"), "queue-full")], 2);
    assert_eq!(refused[&(tenant("other"), "queue-full")], 100);
}

#[test]
fn breakers_and_memory_are_told_as_they_are_now() {
    let metrics = Metrics::new();
    assert_eq!(metrics.snapshot().memory, None);
    let change = |subject: &str, state| {
        metrics.observe(&Event::BreakerChanged { subject: subject.into(), state });
    };
    change("one", BreakerState::Open);
    change("two", BreakerState::Open);
    change("one", BreakerState::HalfOpen);
    change("three", BreakerState::Open);
    change("three", BreakerState::Closed);
    let snapshot = metrics.snapshot();
    assert_eq!(snapshot.breakers, BTreeMap::from([(BreakerState::Open, 1), (BreakerState::HalfOpen, 1)]));
    assert_eq!(snapshot.breaker_changes[&BreakerState::Open], 3);

    metrics.observe(&Event::PressureChanged { under_pressure: true, resident: 8, limit: 9 });
    metrics.observe(&Event::PressureChanged { under_pressure: false, resident: 4, limit: 9 });
    let memory = metrics.snapshot().memory;
    assert_eq!(memory, Some(Memory { under_pressure: false, resident: 4, limit: 9 }));
    let text = metrics.render();
    assert!(text.contains("riptide_memory_resident_bytes 4\n"), "{text}");
    assert!(text.contains("riptide_under_pressure 0\n"), "{text}");
}
