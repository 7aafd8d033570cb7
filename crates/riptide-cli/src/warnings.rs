//! Events that a person should hear of, but not too often.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bytesize::ByteSize;
use riptide::{BreakerState, Event};

/// A warning about the same place is repeated after this time at the earliest.
const INTERVAL: Duration = Duration::from_secs(10);

/// How many places are told apart; further ones share one.
const PLACES: usize = 1000;

/// What has been warned of, and when.
#[derive(Default)]
pub(crate) struct Warnings {
    places: HashMap<(&'static str, String), Told>,
}

struct Told {
    at: Instant,
    /// How many warnings were kept back since.
    kept_back: u64,
}

impl Warnings {
    /// The warning that an event is worth now, if any.
    pub(crate) fn about(&mut self, event: &Event, now: Instant) -> Option<String> {
        let (kind, place, text) = warning(event)?;
        let mut key = (kind, place);
        if self.places.len() >= PLACES && !self.places.contains_key(&key) {
            key.1.clear();
        }
        let Some(told) = self.places.get_mut(&key) else {
            self.places.insert(key, Told { at: now, kept_back: 0 });
            return Some(text);
        };
        if now.saturating_duration_since(told.at) < INTERVAL {
            told.kept_back += 1;
            return None;
        }
        let kept_back = std::mem::take(&mut told.kept_back);
        told.at = now;
        Some(if kept_back == 0 { text } else { format!("{text} ({kept_back} more since the last warning)") })
    }

    /// How many warnings were kept back and not told of since.
    pub(crate) fn kept_back(&self) -> u64 {
        self.places.values().map(|told| told.kept_back).sum()
    }
}

/// What kind of warning an event is worth, the place that it concerns, and the text.
fn warning(event: &Event) -> Option<(&'static str, String, String)> {
    Some(match event {
        Event::LeaseLeaked { resource, tenant, place } => (
            "leak",
            place.to_string(),
            format!(
                "{place}: a lease of one {resource} was dropped instead of being released (tenant `{tenant}`); \
                 it is cleaned up, and a defect of the code"
            ),
        ),
        Event::CacheRefused { path, reason } => {
            let place = path.display().to_string();
            let text = format!("{place}: no use as a cache of compiled extractors: {reason}");
            ("cache", place, text)
        }
        Event::RegistryRefused { path, reason } => {
            let text = format!("the changed configuration is not used: {reason}; the last good one goes on");
            ("registry", path.display().to_string(), text)
        }
        Event::ComponentHealth { digest, failure: Some(code) } => {
            let text = format!("component {digest} is out of order and not called for a while: {code}");
            ("out of order", digest.to_string(), text)
        }
        Event::ComponentHealth { digest, failure: None } => {
            ("works again", digest.to_string(), format!("component {digest} works again"))
        }
        Event::FellBack { digest, code } => {
            let text = format!("component {digest} failed, and the built-in one did its work: {code}");
            ("fallback", digest.to_string(), text)
        }
        Event::BreakerChanged { subject, state: BreakerState::Open } => {
            ("opened", subject.to_string(), format!("{subject} keeps failing and is left alone for a while"))
        }
        Event::BreakerChanged { subject, state: BreakerState::Closed } => {
            ("closed", subject.to_string(), format!("{subject} is called again"))
        }
        Event::PressureChanged { under_pressure: true, resident, limit } => {
            let (resident, limit) = (ByteSize(*resident), ByteSize(*limit));
            let text =
                format!("memory is short, {resident} of {limit} are in use; who would wait is refused");
            ("short of memory", String::new(), text)
        }
        Event::PressureChanged { under_pressure: false, .. } => {
            ("enough memory", String::new(), "there is enough memory again".to_owned())
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::panic::Location;

    use riptide::{Outcome, Tenant};

    use super::*;

    fn fallback(digest: &str) -> Event {
        Event::FellBack { digest: digest.into(), code: "trap" }
    }

    #[test]
    fn each_place_is_warned_of_once_in_a_while_and_nothing_is_forgotten() {
        let (mut warnings, start) = (Warnings::default(), Instant::now());
        let text = "component a failed, and the built-in one did its work: trap";
        assert_eq!(warnings.about(&fallback("a"), start).as_deref(), Some(text));
        assert!(warnings.about(&fallback("b"), start).is_some());
        for _ in 0..3 {
            let almost = start + INTERVAL - Duration::from_nanos(1);
            assert_eq!(warnings.about(&fallback("a"), almost), None);
        }
        assert_eq!(warnings.kept_back(), 3);
        let again = warnings.about(&fallback("a"), start + INTERVAL).unwrap();
        assert_eq!(again, format!("{text} (3 more since the last warning)"));
        assert_eq!(warnings.about(&fallback("a"), start + INTERVAL * 2).as_deref(), Some(text));
        assert_eq!(warnings.kept_back(), 0);
    }

    #[test]
    fn warnings_of_another_kind_are_counted_apart() {
        let (mut warnings, now) = (Warnings::default(), Instant::now());
        let mut change = |state| warnings.about(&Event::BreakerChanged { subject: "d1".into(), state }, now);
        assert_eq!(
            change(BreakerState::Open).as_deref(),
            Some("d1 keeps failing and is left alone for a while")
        );
        assert_eq!(change(BreakerState::HalfOpen), None);
        assert_eq!(change(BreakerState::Closed).as_deref(), Some("d1 is called again"));
    }

    #[test]
    fn a_leak_is_told_with_its_place() {
        let place = Location::caller();
        let event = Event::LeaseLeaked { resource: "instance", tenant: Tenant::default(), place };
        let text = Warnings::default().about(&event, Instant::now()).unwrap();
        assert!(text.starts_with(&format!("{place}: a lease of one instance was dropped")), "{text}");
    }

    #[test]
    fn places_without_number_need_no_memory_without_bound() {
        let (mut warnings, now) = (Warnings::default(), Instant::now());
        (0..PLACES * 2).for_each(|number| drop(warnings.about(&fallback(&number.to_string()), now)));
        assert_eq!(warnings.places.len(), PLACES + 1);
        assert_eq!(warnings.kept_back(), PLACES as u64 - 1);
    }

    #[test]
    fn what_goes_as_it_should_is_no_warning() {
        let event = Event::DocumentFinished {
            tenant: Tenant::default(),
            url: String::new(),
            micros: 1,
            outcome: Outcome::Ok,
        };
        assert_eq!(Warnings::default().about(&event, Instant::now()), None);
    }
}
