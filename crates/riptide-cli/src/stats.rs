//! The table of `--stats`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bytesize::ByteSize;
use riptide::{Snapshot, Tenant, Timing};

/// What has been done and how long it took, in lines for a person to read.
pub(crate) fn table(counted: &Snapshot, resident: Option<u64>) -> String {
    let mut table = format!("{:<12}{:>9}{:>9}{:>11}{:>11}\n", "", "count", "share", "p50", "p99");
    row(&mut table, "documents", None, &counted.document_time);
    row(&mut table, "waiting", None, &counted.queued);
    for (tier, time) in &counted.checkouts {
        row(&mut table, tier.name(), Some(counted.checkouts_total()), time);
    }
    row(&mut table, "leases", None, &counted.lease_time);
    let failures = counted.documents.iter().filter(|((_, outcome), _)| *outcome != "ok");
    let efficiency = counted.cache_efficiency().map(|share| format!("{:.1} %", share * 100.0));
    let facts = [
        ("cache efficiency", efficiency),
        ("failed", sums(failures)),
        ("refused", sums(&counted.refused)),
        (
            "leaked",
            Some(counted.leaked.values().sum::<u64>())
                .filter(|&leaks| leaks > 0)
                .map(|leaks| leaks.to_string()),
        ),
        ("memory", resident.map(|bytes| ByteSize(bytes).to_string())),
    ];
    for (name, fact) in facts {
        if let Some(fact) = fact {
            // Writing to a string does not fail.
            let _ = writeln!(table, "{name}: {fact}");
        }
    }
    table
}

fn row(table: &mut String, name: &str, total: Option<u64>, time: &Timing) {
    let count = time.count();
    let share =
        total.filter(|&total| total > 0).map(|total| format!("{:.0} %", 100.0 * count as f64 / total as f64));
    let quantile = |share| time.quantile_micros(share).map_or_else(|| "-".to_owned(), duration);
    let _ = writeln!(
        table,
        "{name:<12}{count:>9}{:>9}{:>11}{:>11}",
        share.unwrap_or_default(),
        quantile(0.5),
        quantile(0.99)
    );
}

/// How many of each code, over all tenants: `5 (queue-full 3, pool-closed 2)`.
fn sums<'c>(counts: impl IntoIterator<Item = (&'c (Tenant, &'static str), &'c u64)>) -> Option<String> {
    let mut by_code = BTreeMap::<_, u64>::new();
    for ((_, code), count) in counts {
        *by_code.entry(*code).or_default() += count;
    }
    let codes: Vec<_> = by_code.iter().map(|(code, count)| format!("{code} {count}")).collect();
    let total: u64 = by_code.values().sum();
    (total > 0).then(|| format!("{total} ({})", codes.join(", ")))
}

fn duration(micros: u64) -> String {
    match micros {
        0..1000 => format!("{micros} µs"),
        1000..1_000_000 => format!("{:.1} ms", micros as f64 / 1e3),
        _ => format!("{:.1} s", micros as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use riptide::{Event, Metrics, Observer, Outcome, Tier};

    use super::*;

    #[test]
    fn the_table_shows_counts_shares_times_and_what_went_wrong() {
        let metrics = Metrics::new();
        let tenant = |name: &str| name.parse::<Tenant>().unwrap();
        for (tier, micros) in [(Tier::Hot, 5), (Tier::Hot, 5), (Tier::Warm, 70), (Tier::Cold, 1900)] {
            let (tenant, digest) = (tenant("a"), "d1".into());
            metrics.observe(&Event::LeaseTaken { tenant, digest, tier, queued_micros: 0, micros });
        }
        for outcome in [Outcome::Ok, Outcome::Err("deadline-exceeded")] {
            let (tenant, url) = (tenant("a"), String::new());
            metrics.observe(&Event::DocumentFinished { tenant, url, micros: 3_000_000, outcome });
        }
        for (name, code) in [("a", "queue-full"), ("b", "queue-full"), ("b", "pool-closed")] {
            metrics.observe(&Event::RequestRefused { tenant: tenant(name), code });
        }
        let expected = "
                count    share        p50        p99
documents           2               3.0 s      3.0 s
waiting             4                0 µs       0 µs
hot                 2     50 %       5 µs       5 µs
warm                1     25 %      71 µs      71 µs
cold                1     25 %     1.9 ms     1.9 ms
frozen              0      0 %          -          -
leases              0                   -          -
cache efficiency: 75.0 %
failed: 1 (deadline-exceeded 1)
refused: 3 (pool-closed 1, queue-full 2)
memory: 5.0 MiB
";
        assert_eq!(format!("\n{}", table(&metrics.snapshot(), Some(5 << 20))), expected);
    }

    #[test]
    fn before_anything_has_happened_there_is_little_to_show() {
        let table = table(&Metrics::new().snapshot(), None);
        assert!(table.lines().skip(1).all(|line| line.contains(" 0 ")), "{table}");
    }
}
