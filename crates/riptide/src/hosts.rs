//! What rendering pages of a host was good for.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How many renderings in a row may show nothing new before a host's pages are taken as they come.
const PATIENCE: u32 = 3;

/// How long a lesson is good for: sites are rebuilt now and then.
const GOOD_FOR: Duration = Duration::from_secs(60 * 60);

/// How many hosts are remembered.
const REMEMBERED: usize = 4096;

/// The hosts whose pages were rendered in vain lately.
#[derive(Debug, Default)]
pub(crate) struct Hosts(Mutex<HashMap<String, Lesson>>);

#[derive(Debug)]
struct Lesson {
    /// Renderings in a row that showed nothing new.
    in_vain: u32,
    since: Instant,
}

impl Hosts {
    /// Whether the pages of a host look as if their scripts made them, but have nothing more to show.
    pub(crate) fn is_hopeless(&self, host: &str) -> bool {
        let hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hosts.get(host).is_some_and(|lesson| lesson.in_vain >= PATIENCE && lesson.since.elapsed() < GOOD_FOR)
    }

    /// Notes whether a rendering of a page showed more than its response.
    pub(crate) fn learn(&self, host: &str, helped: bool) {
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if helped {
            hosts.remove(host);
            return;
        }
        if hosts.len() >= REMEMBERED && !hosts.contains_key(host) {
            hosts.retain(|_, lesson| lesson.since.elapsed() < GOOD_FOR);
            if hosts.len() >= REMEMBERED {
                hosts.clear();
            }
        }
        let lesson = hosts.entry(host.to_owned()).or_insert(Lesson { in_vain: 0, since: Instant::now() });
        *lesson = Lesson { in_vain: lesson.in_vain.saturating_add(1), since: Instant::now() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_hopeless_after_some_renderings_in_vain_and_one_that_helps_mends_that() {
        let hosts = Hosts::default();
        for _ in 0..PATIENCE {
            assert!(!hosts.is_hopeless("a.example"));
            hosts.learn("a.example", false);
        }
        assert!(hosts.is_hopeless("a.example"));
        assert!(!hosts.is_hopeless("b.example"));
        hosts.learn("a.example", true);
        assert!(!hosts.is_hopeless("a.example"));
    }

    #[test]
    fn memory_is_bounded() {
        let hosts = Hosts::default();
        for number in 0..3 * REMEMBERED {
            hosts.learn(&format!("{number}.example"), false);
        }
        assert!(hosts.0.lock().unwrap().len() <= REMEMBERED);
    }
}
