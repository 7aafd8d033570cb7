//! Events for the world outside, as [CloudEvents 1.0](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md)
//! in their [JSON form](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md).

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use serde::Serialize;

use crate::Event;

/// The last second that RFC 3339 can write, since 1970.
const LAST_SECOND: Duration = Duration::from_secs(253_402_300_799);

/// One event as a CloudEvent; serialise it to get its JSON form.
///
/// Its type starts with `dev.riptide.` and is stable; its data are the fields of the [`Event`].
#[derive(Debug, Clone, Serialize)]
pub struct CloudEvent<'a> {
    specversion: &'static str,
    id: &'a str,
    source: &'a str,
    time: String,
    datacontenttype: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Cow<'a, str>>,
    #[serde(flatten)]
    event: &'a Event,
}

impl<'a> CloudEvent<'a> {
    /// Describes an event of `source`, a URI reference that names who tells it, such as `/riptide/extract`. The `id` is
    /// not empty, and no other event of the source has it. `time` is when it happened; a clock before 1970 or after 9999
    /// is shown as if it stood there.
    #[must_use]
    pub fn new(event: &'a Event, source: &'a str, id: &'a str, time: SystemTime) -> Self {
        let time = time.clamp(SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH + LAST_SECOND);
        Self {
            specversion: "1.0",
            id,
            source,
            time: humantime::format_rfc3339_micros(time).to_string(),
            datacontenttype: "application/json",
            subject: event.subject().filter(|subject| !subject.is_empty()),
            event,
        }
    }
}

impl Event {
    /// What it is about: a component's digest, a page's URL and the like.
    fn subject(&self) -> Option<Cow<'_, str>> {
        Some(match self {
            Self::ComponentLoading { digest }
            | Self::ComponentLoaded { digest, .. }
            | Self::ComponentHealth { digest, .. }
            | Self::TierChanged { digest, .. }
            | Self::LeaseTaken { digest, .. }
            | Self::LeaseEnded { digest, .. }
            | Self::FellBack { digest, .. } => Cow::Borrowed(&**digest),
            Self::CacheRefused { path, .. }
            | Self::RegistryReloaded { path }
            | Self::RegistryRefused { path, .. } => path.to_string_lossy(),
            Self::LeaseLeaked { resource, .. } => Cow::Borrowed(*resource),
            Self::RequestRefused { tenant, .. } => Cow::Borrowed(tenant.name()),
            Self::BreakerChanged { subject, .. } => Cow::Borrowed(&**subject),
            Self::BrowserStarted { process, .. } | Self::BrowserClosed { process, .. } => {
                Cow::Owned(process.to_string())
            }
            Self::PageFetched { url, .. }
            | Self::PageRendered { url, .. }
            | Self::DocumentFinished { url, .. } => Cow::Borrowed(url.as_str()),
            Self::PressureChanged { .. } => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::panic::Location;

    use riptide_types::Tenant;
    use serde_json::{Value, json};

    use super::*;
    use crate::{ArtefactOrigin, BreakerState, BrowserEnd, BrowserExit, LeaseEnd, Outcome, Tier};

    /// One of each kind.
    fn events() -> Vec<Event> {
        let (digest, tenant) = (|| "d1".into(), Tenant::default);
        let (tier, end, origin) = (Tier::Hot, LeaseEnd::Poisoned, ArtefactOrigin::Cache);
        let outcome = Outcome::Err("deadline-exceeded");
        vec![
            Event::ComponentLoading { digest: digest() },
            Event::ComponentLoaded { digest: digest(), origin, micros: 5 },
            Event::ComponentHealth { digest: digest(), failure: None },
            Event::CacheRefused { path: "/c".into(), reason: "shared".into() },
            Event::RegistryReloaded { path: "/r".into() },
            Event::RegistryRefused { path: "/r".into(), reason: "empty".into() },
            Event::TierChanged { digest: digest(), from: Tier::Frozen, to: Tier::Cold },
            Event::LeaseTaken { tenant: tenant(), digest: digest(), tier, queued_micros: 1, micros: 2 },
            Event::LeaseEnded { tenant: tenant(), digest: digest(), end, micros: 3 },
            Event::LeaseLeaked { resource: "instance", tenant: tenant(), place: Location::caller() },
            Event::RequestRefused { tenant: tenant(), code: "queue-full" },
            Event::PressureChanged { under_pressure: true, resident: 2, limit: 1 },
            Event::BreakerChanged { subject: digest(), state: BreakerState::HalfOpen },
            Event::FellBack { digest: digest(), code: "trap" },
            Event::BrowserStarted { process: 7, sandboxed: true, micros: 4 },
            Event::BrowserClosed { process: 7, end: BrowserEnd::Uses, exit: BrowserExit::Asked },
            Event::PageFetched {
                tenant: tenant(),
                url: "https://e.example/".into(),
                micros: 7,
                bytes: 5,
                cached: false,
                outcome,
            },
            Event::PageRendered {
                tenant: tenant(),
                url: "https://e.example/".into(),
                micros: 8,
                bytes: 6,
                outcome,
            },
            Event::DocumentFinished {
                tenant: tenant(),
                url: "https://e.example/".into(),
                micros: 9,
                outcome,
            },
        ]
    }

    /// Their types, subjects and data, but for the place that a lease was taken.
    const EXPECTED: &str = r#"[
        ["component.loading", "d1", {"digest": "d1"}],
        ["component.loaded", "d1", {"digest": "d1", "origin": "cache", "micros": 5}],
        ["component.health", "d1", {"digest": "d1", "failure": null}],
        ["cache.refused", "/c", {"path": "/c", "reason": "shared"}],
        ["registry.reloaded", "/r", {"path": "/r"}],
        ["registry.refused", "/r", {"path": "/r", "reason": "empty"}],
        ["tier.changed", "d1", {"digest": "d1", "from": "frozen", "to": "cold"}],
        ["lease.taken", "d1",
            {"tenant": "default", "digest": "d1", "tier": "hot", "queued_micros": 1, "micros": 2}],
        ["lease.ended", "d1", {"tenant": "default", "digest": "d1", "end": "poisoned", "micros": 3}],
        ["lease.leaked", "instance", {"resource": "instance", "tenant": "default"}],
        ["request.refused", "default", {"tenant": "default", "code": "queue-full"}],
        ["pressure.changed", null, {"under_pressure": true, "resident": 2, "limit": 1}],
        ["breaker.changed", "d1", {"subject": "d1", "state": "half-open"}],
        ["component.fell-back", "d1", {"digest": "d1", "code": "trap"}],
        ["browser.started", "7", {"process": 7, "sandboxed": true, "micros": 4}],
        ["browser.closed", "7", {"process": 7, "end": "uses", "exit": "asked"}],
        ["page.fetched", "https://e.example/",
            {"tenant": "default", "url": "https://e.example/", "micros": 7, "bytes": 5, "cached": false,
             "outcome": "deadline-exceeded"}],
        ["page.rendered", "https://e.example/",
            {"tenant": "default", "url": "https://e.example/", "micros": 8, "bytes": 6,
             "outcome": "deadline-exceeded"}],
        ["document.finished", "https://e.example/",
            {"tenant": "default", "url": "https://e.example/", "micros": 9, "outcome": "deadline-exceeded"}]
    ]"#;

    fn cloud_event(event: &Event) -> Value {
        let time = SystemTime::UNIX_EPOCH + Duration::from_micros(1_700_000_000_123_456);
        serde_json::to_value(CloudEvent::new(event, "/riptide/test", "7", time)).unwrap()
    }

    #[test]
    fn each_kind_of_event_has_its_type_subject_and_data() {
        let expected: Vec<(String, Option<String>, Value)> = serde_json::from_str(EXPECTED).unwrap();
        assert_eq!(events().len(), expected.len());
        for (event, (name, subject, data)) in events().iter().zip(expected) {
            let mut told = cloud_event(event);
            if let Event::LeaseLeaked { place, .. } = event {
                let fields = told["data"].as_object_mut().unwrap();
                assert_eq!(fields.remove("place"), Some(place.to_string().into()));
            }
            let mut expected = json!({
                "specversion": "1.0",
                "id": "7",
                "source": "/riptide/test",
                "type": format!("dev.riptide.{name}"),
                "time": "2023-11-14T22:13:20.123456Z",
                "datacontenttype": "application/json",
                "data": data,
            });
            if let Some(subject) = subject {
                expected["subject"] = subject.into();
            }
            assert_eq!(told, expected);
        }
    }

    #[test]
    fn attributes_are_as_the_specification_wants_them() {
        let mut types = BTreeSet::new();
        for event in events() {
            let value = cloud_event(&event);
            let attributes = value.as_object().unwrap();
            for (name, value) in attributes.iter().filter(|(name, _)| *name != "data") {
                assert!(
                    name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()),
                    "{name}"
                );
                let text = value.as_str().unwrap();
                assert!(!text.is_empty() && !text.chars().any(char::is_control), "{name}: {text}");
            }
            for required in ["id", "source", "specversion", "type"] {
                assert!(attributes.contains_key(required), "{required} is missing in {value}");
            }
            assert!(humantime::parse_rfc3339(value["time"].as_str().unwrap()).is_ok());
            assert!(
                types.insert(value["type"].to_string()),
                "two kinds of events are of type {}",
                value["type"]
            );
        }
        assert_eq!(types.len(), 19);
    }

    #[test]
    fn a_clock_that_is_wrong_does_no_harm() {
        let event = Event::ComponentLoading { digest: "d1".into() };
        let far = Duration::from_secs(400_000_000_000);
        for (time, expected) in [
            (SystemTime::UNIX_EPOCH - far, "1970-01-01T00:00:00.000000Z"),
            (SystemTime::UNIX_EPOCH + far, "9999-12-31T23:59:59.000000Z"),
        ] {
            assert_eq!(CloudEvent::new(&event, "/riptide/test", "7", time).time, expected);
        }
    }

    #[test]
    fn a_page_without_an_address_is_no_subject() {
        let event = Event::DocumentFinished {
            tenant: Tenant::default(),
            url: String::new(),
            micros: 1,
            outcome: Outcome::Ok,
        };
        let value = cloud_event(&event);
        assert_eq!((value.get("subject"), &value["data"]["outcome"]), (None, &json!("ok")));
    }
}
