//! What it costs to tell what happens.
#![expect(clippy::unwrap_used, reason = "a benchmark has no caller")]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use riptide_events::{Event, EventBus, Metrics, Outcome, Tier, redacted};
use riptide_types::Tenant;

fn lease() -> Event {
    let (tenant, digest) = (Tenant::default(), "0123456789abcdef".into());
    Event::LeaseTaken { tenant, digest, tier: Tier::Hot, queued_micros: 3, micros: 5 }
}

fn document() -> Event {
    let url = "https://example.org/2026/03/page".to_owned();
    Event::DocumentFinished { tenant: "acme".parse().unwrap(), url, micros: 1234, outcome: Outcome::Ok }
}

/// Cloning the event is part of each number, as making it is part of telling it.
fn emit(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("emit");
    let nobody = EventBus::new(1024);
    let counted = EventBus::new(1024);
    counted.observe(Arc::new(Metrics::new()));
    let heard = EventBus::new(1024);
    let lagging = heard.subscribe();
    for (name, bus) in [("to nobody", &nobody), ("to metrics", &counted), ("to a full queue", &heard)] {
        for (kind, event) in [("lease", lease()), ("document", document())] {
            group.bench_function(format!("{name}/{kind}"), |bencher| {
                bencher.iter(|| bus.emit(black_box(event.clone())));
            });
        }
    }
    drop(lagging);
    group.finish();
}

fn redact(criterion: &mut Criterion) {
    let url = "https://example.org/2026/03/page?page=2&access_token=hunter2";
    criterion.bench_function("redacted", |bencher| bencher.iter(|| redacted(black_box(url))));
}

criterion_group!(benches, emit, redact);
criterion_main!(benches);
