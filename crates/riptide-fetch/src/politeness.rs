//! Taking turns at a host.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

/// How many hosts are remembered before those that nobody waits for are forgotten.
const REMEMBERED: usize = 4096;

/// How many requests a host gets at once, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Politeness {
    /// Requests to one host that are under way at once; at least one.
    pub concurrency: usize,
    /// Time from the start of a request to the start of the next one to the same host. A `Crawl-delay` that is longer
    /// takes its place.
    pub delay: Duration,
    /// The longest `Crawl-delay` that is kept to, and the longest `Retry-After` that is waited for.
    pub longest_wait: Duration,
}

impl Default for Politeness {
    /// Four at once, no delay, and at most 30 seconds.
    fn default() -> Self {
        Self { concurrency: 4, delay: Duration::ZERO, longest_wait: Duration::from_secs(30) }
    }
}

/// Whose turn it is at which host.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    politeness: Politeness,
    hosts: Mutex<HashMap<String, Arc<Host>>>,
}

#[derive(Debug)]
struct Host {
    places: Arc<Semaphore>,
    /// When the next request may start.
    next: Mutex<Instant>,
}

/// The right to have a request under way at a host, until it is dropped.
#[derive(Debug)]
pub struct Turn {
    _place: Option<OwnedSemaphorePermit>,
}

impl Turns {
    pub(crate) fn new(politeness: Politeness) -> Self {
        Self { politeness, hosts: Mutex::default() }
    }

    /// Waits until `host`, with its port, may get a request.
    pub(crate) async fn wait_for(&self, host: &str, crawl_delay: Option<Duration>) -> Turn {
        let host = self.host(host);
        // The semaphore is never closed.
        let place = Arc::clone(&host.places).acquire_owned().await.ok();
        let delay = crawl_delay.map_or(Duration::ZERO, |delay| delay.min(self.politeness.longest_wait));
        let start = {
            let mut next = host.next.lock().unwrap_or_else(PoisonError::into_inner);
            let start = (*next).max(Instant::now());
            *next = start + delay.max(self.politeness.delay);
            start
        };
        sleep_until(start).await;
        Turn { _place: place }
    }

    /// Leaves a host alone for a while, as it asked to be.
    pub(crate) fn hold(&self, host: &str, pause: Duration) {
        let host = self.host(host);
        let mut next = host.next.lock().unwrap_or_else(PoisonError::into_inner);
        *next = (*next).max(Instant::now() + pause.min(self.politeness.longest_wait));
    }

    fn host(&self, name: &str) -> Arc<Host> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= REMEMBERED && !hosts.contains_key(name) {
            let now = Instant::now();
            hosts.retain(|_, host| {
                Arc::strong_count(host) > 1 || *host.next.lock().unwrap_or_else(PoisonError::into_inner) > now
            });
        }
        let host = hosts.entry(name.to_owned()).or_insert_with(|| {
            let places = Arc::new(Semaphore::new(self.politeness.concurrency.max(1)));
            Arc::new(Host { places, next: Mutex::new(Instant::now()) })
        });
        Arc::clone(host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(concurrency: usize, delay: Duration) -> Turns {
        Turns::new(Politeness { concurrency, delay, ..Politeness::default() })
    }

    #[tokio::test(start_paused = true)]
    async fn requests_to_one_host_start_a_delay_apart_and_others_do_not_wait() {
        let turns = turns(10, Duration::from_secs(2));
        let start = Instant::now();
        for second in [0, 2, 4] {
            turns.wait_for("a.example:80", None).await;
            assert_eq!(start.elapsed(), Duration::from_secs(second));
        }
        turns.wait_for("b.example:80", None).await;
        assert_eq!(start.elapsed(), Duration::from_secs(4));
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_requests_are_under_way_at_a_host_than_may() {
        let turns = turns(2, Duration::ZERO);
        let first = turns.wait_for("a.example:80", None).await;
        let _second = turns.wait_for("a.example:80", None).await;
        let third = turns.wait_for("a.example:80", None);
        tokio::pin!(third);
        assert!(tokio::time::timeout(Duration::from_secs(3600), &mut third).await.is_err());
        drop(first);
        third.await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_longer_crawl_delay_counts_up_to_the_longest_wait() {
        let turns = turns(1, Duration::from_secs(1));
        let start = Instant::now();
        for (crawl_delay, so_far) in [(5, 0), (3600, 5), (0, 35), (0, 36)] {
            turns.wait_for("a.example:80", Some(Duration::from_secs(crawl_delay))).await;
            assert_eq!(start.elapsed(), Duration::from_secs(so_far));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_that_asks_for_a_pause_gets_it() {
        let turns = turns(4, Duration::ZERO);
        let start = Instant::now();
        turns.hold("a.example:80", Duration::from_secs(7));
        turns.wait_for("a.example:80", None).await;
        assert_eq!(start.elapsed(), Duration::from_secs(7));
    }

    #[tokio::test(start_paused = true)]
    async fn hosts_that_nobody_waits_for_are_forgotten() {
        let turns = turns(1, Duration::ZERO);
        for number in 0..3 * REMEMBERED {
            turns.wait_for(&format!("{number}.example:80"), None).await;
        }
        assert!(turns.hosts.lock().unwrap().len() <= REMEMBERED);
    }
}
