//! What the guard lets through, by tables and by what must hold of every URL and every answer.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod special_hosts;

use std::future::{Future, ready};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;

use proptest::prelude::*;
use riptide_fetch::{Guard, Policy, Ports, Refused, Resolve, is_global};
use riptide_test_site::{GuardVector, guard_vectors};
use riptide_types::Failure as _;
use special_hosts::{global_address, special_address, special_host};
use url::{Host, Url};

/// Answers every question alike, and keeps the questions.
struct Answers {
    addresses: Vec<IpAddr>,
    questions: Mutex<Vec<String>>,
}

impl Answers {
    fn of(addresses: &[IpAddr]) -> Self {
        Self { addresses: addresses.to_vec(), questions: Mutex::default() }
    }
}

impl Resolve for Answers {
    fn lookup(&self, name: &str) -> impl Future<Output = io::Result<Vec<IpAddr>>> + Send {
        self.questions.lock().unwrap().push(name.to_owned());
        ready(Ok(self.addresses.clone()))
    }
}

/// Has no answer.
struct Silence;

impl Resolve for Silence {
    fn lookup(&self, _: &str) -> impl Future<Output = io::Result<Vec<IpAddr>>> + Send {
        ready(Err(io::Error::other("timed out")))
    }
}

fn guard_with(policy: &str) -> Guard {
    let exceptions =
        ["127.0.0.1:8080", "[::1]:8080", "localhost:3000", "wiki.corp.internal:8443", "203.0.113.7:22"];
    Guard::new(match policy {
        "default" => Policy::default(),
        "exceptions" => Policy {
            exceptions: exceptions.iter().map(|text| text.parse().unwrap()).collect(),
            ..Policy::default()
        },
        "credentials" => Policy { credentials: true, ..Policy::default() },
        "port 22 alone" => Policy { ports: Ports::Only(vec![22..=22]), ..Policy::default() },
        _ => panic!("`{policy}` is no policy"),
    })
}

/// The outcome as the tables name it.
fn outcome<T>(result: &Result<T, Refused>) -> &'static str {
    result.as_ref().map_or_else(|refused| refused.reason().name(), |_| "allowed")
}

fn rows(table: &str) -> impl Iterator<Item = &str> {
    table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

#[test]
fn urls_are_judged_as_the_table_says() {
    let mut count = 0;
    let mut wrong = Vec::new();
    for GuardVector { policy, expected, url, dialled } in guard_vectors() {
        count += 1;
        let found = match Url::parse(&url) {
            Err(_) => "invalid".to_owned(),
            Ok(url) => match guard_with(policy).check_url(&url) {
                Ok(target) => format!("allowed {}:{}", target.host(), target.port()),
                Err(refused) => refused.reason().name().to_owned(),
            },
        };
        if found != format!("{expected} {dialled}").trim_end() {
            wrong.push(format!("{url:?}: {found}, not {expected} {dialled}"));
        }
    }
    assert!(count >= 250, "{count} rows");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn answers_are_judged_as_the_table_says() {
    let guard = guard_with("exceptions");
    for row in rows(include_str!("tables/answers.txt")) {
        let mut cells = row.split(' ');
        let (expected, url) = (cells.next().unwrap(), cells.next().unwrap());
        let answers = Answers::of(&cells.map(|cell| cell.parse().unwrap()).collect::<Vec<_>>());
        let target = guard.check_url(&Url::parse(url).unwrap()).expect(row);
        let result = pollster::block_on(guard.resolve(&target, &answers));
        assert_eq!(outcome(&result), expected, "{row}");
        if let Ok(pinned) = result {
            let expected: Vec<_> =
                answers.addresses.iter().map(|address| SocketAddr::new(*address, target.port())).collect();
            assert_eq!(pinned.addresses(), expected, "{row}");
            assert_eq!(pinned.target(), &target, "{row}");
        }
        assert_eq!(*answers.questions.lock().unwrap(), [target.host().to_string()], "asked once: {row}");
    }
}

#[test]
fn an_ip_address_is_pinned_without_a_resolver() {
    let guard = guard_with("exceptions");
    for (url, dialled) in [
        ("https://8.8.8.8/", "8.8.8.8:443"),
        ("http://[2606:4700:4700::1111]/", "[2606:4700:4700::1111]:80"),
        ("http://127.0.0.1:8080/", "127.0.0.1:8080"),
    ] {
        let target = guard.check_url(&Url::parse(url).unwrap()).unwrap();
        let pinned = pollster::block_on(guard.resolve(&target, &Silence)).unwrap();
        assert_eq!(pinned.addresses(), [dialled.parse().unwrap()], "{url}");
    }
}

#[test]
fn a_target_of_a_laxer_guard_is_refused_when_its_address_is_checked() {
    let url = Url::parse("http://127.0.0.1:8080/").unwrap();
    let target = guard_with("exceptions").check_url(&url).unwrap();
    let result = pollster::block_on(guard_with("default").resolve(&target, &Silence));
    assert_eq!(outcome(&result), "answer");
}

#[test]
fn a_name_that_cannot_be_resolved_is_refused() {
    let guard = Guard::default();
    let target = guard.check_url(&Url::parse("https://example.com/").unwrap()).unwrap();
    let refused = pollster::block_on(guard.resolve(&target, &Silence)).unwrap_err();
    assert_eq!(refused.reason().to_string(), "`example.com` could not be resolved: timed out");
    assert!(!refused.is_refusal());
}

#[test]
fn a_host_and_a_port_are_judged_as_those_of_a_url_are() {
    let guard = guard_with("exceptions");
    for (authority, expected) in [
        ("example.com:443", "allowed"),
        ("EXAMPLE.com.:80", "allowed"),
        ("[2606:4700:4700::1111]:443", "allowed"),
        ("8.8.8.8:8443", "allowed"),
        ("127.0.0.1:8080", "allowed"),
        ("0x7f.1:8080", "allowed"),
        ("example.com:25", "port"),
        ("127.0.0.1:443", "address"),
        ("0x7f.1:443", "address"),
        ("\u{ff11}27.0.0.1:443", "address"),
        ("[::ffff:127.0.0.1]:443", "address"),
        ("localhost:443", "local-name"),
        ("a..b:443", "name"),
        ("", "authority"),
        ("example.com", "authority"),
        ("example.com:", "authority"),
        (":443", "authority"),
        ("example.com:+443", "authority"),
        ("example.com:443 ", "authority"),
        ("example.com:65979", "authority"),
        ("user@example.com:443", "authority"),
        ("example.com/:443", "authority"),
        ("example.com#:443", "authority"),
        ("example.com\\:443", "authority"),
        ("https://example.com:443", "authority"),
        ("::1:443", "authority"),
        ("[::1%25eth0]:443", "authority"),
        ("a b:443", "authority"),
    ] {
        assert_eq!(outcome(&guard.check_authority(authority)), expected, "{authority:?}");
    }
}

#[test]
fn what_a_client_is_told_names_no_address() {
    for vector in guard_vectors() {
        let Ok(url) = Url::parse(&vector.url) else { continue };
        if let Err(refused) = Guard::default().check_url(&url) {
            let text = refused.to_string();
            assert!(!text.contains(|mark: char| mark.is_ascii_digit() || mark == '`'), "{text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_special_address_is_let_through_however_it_is_written(
        host in special_host(),
        scheme in "https?|wss?",
        port in prop_oneof![Just(None), Just(Some(443)), (1024..=65535_u16).prop_map(Some)],
    ) {
        let port = port.map_or_else(String::new, |port: u16| format!(":{port}"));
        let url = Url::parse(&format!("{scheme}://{host}{port}/")).expect("every form is a URL");
        prop_assert_eq!(outcome(&Guard::default().check_url(&url)), "address", "{}", url);
    }

    #[test]
    fn one_special_answer_among_global_ones_is_enough(
        mut answers in prop::collection::vec(global_address(), 0..4),
        special in special_address(),
        place in any::<prop::sample::Index>(),
    ) {
        answers.insert(place.index(answers.len() + 1), special);
        let guard = Guard::default();
        let target = guard.check_url(&Url::parse("https://example.com/").unwrap()).unwrap();
        let result = pollster::block_on(guard.resolve(&target, &Answers::of(&answers)));
        prop_assert_eq!(outcome(&result), "answer", "{:?}", answers);
    }

    #[test]
    fn global_answers_are_pinned_in_their_order(answers in prop::collection::vec(global_address(), 1..5)) {
        let guard = Guard::default();
        let target = guard.check_url(&Url::parse("https://example.com:8443/").unwrap()).unwrap();
        let pinned = pollster::block_on(guard.resolve(&target, &Answers::of(&answers))).unwrap();
        let dialled: Vec<_> = pinned.addresses().iter().map(SocketAddr::ip).collect();
        prop_assert_eq!(dialled, answers);
    }

    #[test]
    fn what_is_let_through_is_what_the_url_dials(
        scheme in "https?|wss?|ftp",
        host in "[a-zA-Z0-9._%@:\\[\\]\u{ff11}\u{3002}-]{1,12}|[0-9a-fxX.]{1,14}|[a-z]{1,5}\\.example",
        port in "(:[0-9]{0,5})?",
    ) {
        let Ok(url) = Url::parse(&format!("{scheme}://{host}{port}/a?b#c")) else { return Ok(()) };
        if let Ok(target) = Guard::default().check_url(&url) {
            prop_assert_eq!(url.host().map(|host| host.to_owned()), Some(target.host().clone()));
            prop_assert_eq!(url.port_or_known_default(), Some(target.port()));
            let address = match target.host() {
                Host::Ipv4(address) => Some(IpAddr::V4(*address)),
                Host::Ipv6(address) => Some(IpAddr::V6(*address)),
                Host::Domain(_) => None,
            };
            prop_assert!(address.is_none_or(is_global), "{}", url);
        }
    }
}
