//! The text that Prometheus reads.

use std::fmt;
use std::ops::RangeInclusive;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::exemplar::Exemplar;
use prometheus_client::registry::{Registry, Unit};

use riptide_types::Tenant;

use super::{Snapshot, Timing};

const PREFIX: &str = "riptide";

/// The bounds of histograms, as powers of two of a microsecond: 2 µs to 67 s.
const BOUNDS: RangeInclusive<u32> = 1..=26;

/// Names and values of labels.
type Labels<'a> = Vec<(&'static str, &'a str)>;

#[expect(clippy::expect_used, reason = "a string takes all that is written to it")]
pub(super) fn render(snapshot: Snapshot) -> String {
    let mut registry = Registry::with_prefix(PREFIX);
    registry.register_collector(Box::new(Exposition(snapshot)));
    let mut rendered = String::new();
    text::encode(&mut rendered, &registry).expect("a string takes all that is written to it");
    rendered
}

#[derive(Debug)]
struct Exposition(Snapshot);

impl Collector for Exposition {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Self(counted) = self;
        let mut page = Page(encoder);
        page.checkouts(counted)?;
        page.documents(counted)?;
        page.components(counted)?;
        page.fetches(counted)?;
        page.browsers(counted)?;
        page.memory(counted)
    }
}

struct Page<'e>(DescriptorEncoder<'e>);

impl Page<'_> {
    fn checkouts(&mut self, counted: &Snapshot) -> fmt::Result {
        let tiers = counted.checkouts.iter().map(|(tier, time)| (vec![("tier", tier.name())], time));
        self.times("checkout", "Time to get an instance, once it was the tenant's turn", tiers)?;
        self.times("queue", "Time that tenants waited for their turn", [(vec![], &counted.queued)])?;
        self.times("lease", "Time that leases were held", [(vec![], &counted.lease_time)])?;
        let ends = counted.leases.iter().map(|(end, count)| (vec![("end", end.name())], *count));
        self.counts("leases_ended", "Leases that are over", ends)?;
        self.counts(
            "leases_leaked",
            "Leases dropped without being released",
            by("resource", &counted.leaked),
        )?;
        self.counts("requests_refused", "Requests that were not let in", by_tenant("code", &counted.refused))
    }

    fn documents(&mut self, counted: &Snapshot) -> fmt::Result {
        let outcomes = by_tenant("outcome", &counted.documents);
        self.counts("documents", "Documents that went through the data path", outcomes)?;
        self.times("document", "Time of a document on the data path", [(vec![], &counted.document_time)])
    }

    fn components(&mut self, counted: &Snapshot) -> fmt::Result {
        let origins = counted.loads.iter().map(|(origin, time)| (vec![("origin", origin.name())], time));
        self.times("component_load", "Time to make a component ready", origins)?;
        let failures = by("code", &counted.component_failures);
        self.counts("component_failures", "Components that went out of order", failures)?;
        let recoveries = [(vec![], counted.component_recoveries)];
        self.counts("component_recoveries", "Components that worked again", recoveries)?;
        let fallbacks = by("code", &counted.fallbacks);
        self.counts(
            "fallbacks",
            "Documents that the built-in component extracted in place of another",
            fallbacks,
        )?;
        let refused = [(vec![], counted.cache_refused)];
        self.counts("cache_refused", "Times that the compile cache was of no use", refused)?;
        let reloads = [(vec![], counted.registry_reloads)];
        self.counts(
            "registry_reloads",
            "Times that a changed registry of extractors was taken into use",
            reloads,
        )?;
        let refused = [(vec![], counted.registry_refused)];
        self.counts(
            "registry_refused",
            "Times that a changed registry of extractors could not be used",
            refused,
        )?;
        let moves = counted.tier_changes.iter();
        let moves = moves.map(|((from, to), count)| (vec![("from", from.name()), ("to", to.name())], *count));
        self.counts("tier_changes", "Components that went from one tier to another", moves)?;
        let changes = counted.breaker_changes.iter();
        let changes = changes.map(|(state, count)| (vec![("state", state.name())], *count));
        self.counts("breaker_changes", "Changes of circuit breakers", changes)?;
        let now = counted.breakers.iter().map(|(state, count)| (vec![("state", state.name())], *count));
        self.gauges("breakers", "Circuit breakers that are not closed", None, now)
    }

    fn fetches(&mut self, counted: &Snapshot) -> fmt::Result {
        let outcomes = by_tenant("outcome", &counted.fetches);
        self.counts("pages_fetched", "Pages that were fetched", outcomes)?;
        self.times("page_fetch", "Time to fetch a page", [(vec![], &counted.fetch_time)])?;
        let cached = [(vec![], counted.fetches_cached)];
        self.counts("pages_cached", "Fetched pages that the cache had", cached)?;
        let bytes = [(vec![], counted.fetch_bytes)];
        self.counts("page_fetch_bytes", "Bytes of fetched bodies on the wire", bytes)
    }

    fn browsers(&mut self, counted: &Snapshot) -> fmt::Result {
        let starts = [(vec![], &counted.browser_starts)];
        self.times("browser_start", "Time to start a browser", starts)?;
        let closed = counted.browsers_closed.iter();
        let closed =
            closed.map(|((end, exit), count)| (vec![("end", end.name()), ("exit", exit.name())], *count));
        self.counts("browsers_closed", "Browsers that have ended", closed)?;
        let outcomes = by_tenant("outcome", &counted.renders);
        self.counts("pages_rendered", "Pages that went through a browser", outcomes)?;
        self.times("page_render", "Time of a page in a browser", [(vec![], &counted.render_time)])?;
        let bytes = [(vec![], counted.render_bytes)];
        self.counts("page_transfer_bytes", "Bytes that rendered pages sent and received", bytes)
    }

    fn memory(&mut self, counted: &Snapshot) -> fmt::Result {
        let changes = [(vec![], counted.pressure_changes)];
        self.counts("pressure_changes", "Times that memory became short, or enough again", changes)?;
        let Some(memory) = counted.memory else { return Ok(()) };
        let short = [(vec![], u64::from(memory.under_pressure))];
        self.gauges("under_pressure", "Whether memory is short", None, short)?;
        let (resident, limit) = ([(vec![], memory.resident)], [(vec![], memory.limit)]);
        let unit = Some(&Unit::Bytes);
        self.gauges(
            "memory_resident",
            "Resident memory when it last became short or enough",
            unit,
            resident,
        )?;
        self.gauges("memory_limit", "Memory that the process may have", unit, limit)
    }

    fn counts<'l>(
        &mut self,
        name: &str,
        help: &str,
        counts: impl IntoIterator<Item = (Labels<'l>, u64)>,
    ) -> fmt::Result {
        let mut family = self.0.encode_descriptor(name, help, None, MetricType::Counter)?;
        for (labels, count) in counts {
            labelled(&mut family, &labels, |metric| {
                metric.encode_counter(&count, None::<&Exemplar<NoLabelSet, u64>>)
            })?;
        }
        Ok(())
    }

    fn gauges<'l>(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<&Unit>,
        values: impl IntoIterator<Item = (Labels<'l>, u64)>,
    ) -> fmt::Result {
        let mut family = self.0.encode_descriptor(name, help, unit, MetricType::Gauge)?;
        for (labels, value) in values {
            labelled(&mut family, &labels, |metric| metric.encode_gauge(&value))?;
        }
        Ok(())
    }

    fn times<'l>(
        &mut self,
        name: &str,
        help: &str,
        times: impl IntoIterator<Item = (Labels<'l>, &'l Timing)>,
    ) -> fmt::Result {
        let mut family = self.0.encode_descriptor(name, help, Some(&Unit::Seconds), MetricType::Histogram)?;
        for (labels, time) in times {
            let (sum, buckets) = (seconds(time.sum_micros()), buckets(time));
            labelled(&mut family, &labels, |metric| {
                metric.encode_histogram::<NoLabelSet>(sum, time.count(), &buckets, None)
            })?;
        }
        Ok(())
    }
}

/// Without labels there are no braces either.
fn labelled(
    family: &mut MetricEncoder<'_>,
    labels: &Labels<'_>,
    write: impl FnOnce(&mut MetricEncoder<'_>) -> fmt::Result,
) -> fmt::Result {
    if labels.is_empty() { write(family) } else { write(&mut family.encode_family(labels)?) }
}

fn by<'l>(
    label: &'static str,
    counts: impl IntoIterator<Item = (&'l &'static str, &'l u64)>,
) -> impl Iterator<Item = (Labels<'l>, u64)> {
    counts.into_iter().map(move |(name, count)| (vec![(label, *name)], *count))
}

fn by_tenant<'l>(
    label: &'static str,
    counts: impl IntoIterator<Item = (&'l (Tenant, &'static str), &'l u64)>,
) -> impl Iterator<Item = (Labels<'l>, u64)> {
    let labelled = move |((tenant, name), count): (&'l (Tenant, &'static str), &'l u64)| {
        (vec![("tenant", tenant.name()), (label, *name)], *count)
    };
    counts.into_iter().map(labelled)
}

fn seconds(micros: u64) -> f64 {
    micros as f64 / 1e6
}

/// How many times lie below each bound, and above the one before. A time is known in whole microseconds, cut off: 7 is
/// less than 8, and so below the bound of 8.
fn buckets(time: &Timing) -> Vec<(f64, u64)> {
    let mut counted = time.micros.iter().peekable();
    let bounds = BOUNDS.map(|power| Some(1_u64 << power)).chain([None]);
    bounds
        .map(|bound| {
            let mut count = 0;
            while let Some(bucket) = counted.next_if(|bucket| bound.is_none_or(|bound| bucket.end() < bound))
            {
                count += bucket.count();
            }
            (bound.map_or(f64::INFINITY, seconds), count)
        })
        .collect()
}
