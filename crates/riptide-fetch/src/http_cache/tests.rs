use std::sync::Arc;

use http::header::{HeaderName, HeaderValue};
use http::{Request, Response};
use proptest::prelude::*;
use riptide_store::Store;
use tempfile::TempDir;

use super::*;

const PAGE: &str = "http://example.org/page";

struct Opened {
    cache: HttpCache,
    tenant: Tenant,
    _folder: TempDir,
}

fn opened() -> Opened {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("riptide.db")).unwrap();
    let cache = HttpCache::new(PageCache::new(Arc::new(store), 16 << 20));
    Opened { cache, tenant: Tenant::default(), _folder: folder }
}

/// So many seconds into the test, which begins at `Sun, 06 Nov 1994 08:49:37 GMT`.
fn second(second: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(784_111_777 + second)
}

fn headers(fields: &[&str]) -> HeaderMap {
    let split = |field: &&str| {
        let (name, value) = field.split_once(": ").unwrap();
        (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap())
    };
    fields.iter().map(split).collect()
}

fn asked(method: &str, url: &str, fields: &[&str]) -> request::Parts {
    let mut parts = Request::builder().method(method).uri(url).body(()).unwrap().into_parts().0;
    parts.headers = headers(fields);
    parts
}

fn get(fields: &[&str]) -> request::Parts {
    asked("GET", PAGE, fields)
}

fn answer(status: u16, fields: &[&str]) -> response::Parts {
    let mut parts = Response::builder().status(status).body(()).unwrap().into_parts().0;
    parts.headers = headers(fields);
    parts
}

impl Opened {
    fn store(
        &self,
        request: &request::Parts,
        status: u16,
        fields: &[&str],
        body: &'static str,
        at: u64,
    ) -> bool {
        let body = Bytes::from_static(body.as_bytes());
        self.cache.store(&self.tenant, request, &answer(status, fields), &body, second(at)).unwrap()
    }

    fn lookup(&self, request: &request::Parts, at: u64) -> Lookup {
        self.cache.lookup(&self.tenant, request, None, second(at)).unwrap()
    }

    /// `fresh BODY`, `stale BODY` or `miss`.
    fn seen(&self, request: &request::Parts, at: u64) -> String {
        told(self.lookup(request, at))
    }

    fn seen_within(&self, max_age: u64, at: u64) -> String {
        let max_age = Some(Duration::from_secs(max_age));
        told(self.cache.lookup(&self.tenant, &get(&[]), max_age, second(at)).unwrap())
    }
}

fn told(lookup: Lookup) -> String {
    let body = |cached: CachedResponse| String::from_utf8(cached.body.to_vec()).unwrap();
    match lookup {
        Lookup::Fresh(cached) => format!("fresh {}", body(cached)),
        Lookup::Stale { cached, .. } => format!("stale {}", body(cached)),
        Lookup::Miss => "miss".to_owned(),
    }
}

#[test]
fn an_answer_is_fresh_as_long_as_its_server_said() {
    for (fields, last) in [
        (&["Cache-Control: max-age=60"][..], Some(59)),
        (&["cache-control: MAX-AGE=60"], Some(59)),
        (&["Cache-Control: max-age=60", "Age: 20"], Some(39)),
        (&["Cache-Control: max-age=60", "Age: 99999999999999999999999"], None),
        (&["Cache-Control: max-age=60", "Age: 18446744073709551615"], None),
        (&["Cache-Control: private, max-age=60"], Some(59)),
        (&["Cache-Control: s-maxage=60"], None),
        (&["Cache-Control: max-age=60, no-cache"], None),
        (&["Cache-Control: No-Cache", "Expires: Sun, 06 Nov 1994 09:49:37 GMT"], None),
        (&["Expires: Sun, 06 Nov 1994 08:50:37 GMT", "Date: Sun, 06 Nov 1994 08:49:37 GMT"], Some(59)),
        (&["Expires: 0"], None),
        (&["Pragma: no-cache", "Expires: Sun, 06 Nov 1994 09:49:37 GMT"], None),
        // A tenth of its age, which is 1,000 seconds.
        (&["Last-Modified: Sun, 06 Nov 1994 08:32:57 GMT"], Some(99)),
        // A tenth of three years would be months.
        (&["Last-Modified: Wed, 06 Nov 1991 08:49:37 GMT"], Some(86_399)),
        (&["ETag: \"1\""], None),
        (&[], None),
    ] {
        let opened = opened();
        assert!(opened.store(&get(&[]), 200, fields, "page", 0), "{fields:?}");
        let first_stale = last.map_or(0, |last| last + 1);
        if let Some(last) = last {
            assert_eq!(opened.seen(&get(&[]), last), "fresh page", "{fields:?}");
        }
        assert_eq!(opened.seen(&get(&[]), first_stale), "stale page", "{fields:?}");
    }
}

#[test]
fn the_callers_limit_counts_more_than_the_servers_word() {
    for fields in [&["Cache-Control: no-cache"][..], &["Cache-Control: max-age=3600"], &[]] {
        let opened = opened();
        opened.store(&get(&[]), 200, fields, "page", 0);
        assert_eq!(opened.seen_within(100, 99), "fresh page", "{fields:?}");
        assert_eq!(opened.seen_within(100, 100), "stale page", "{fields:?}");
        assert_eq!(opened.seen_within(0, 0), "stale page", "{fields:?}");
    }
}

#[test]
fn an_answer_from_the_future_is_stale() {
    let opened = opened();
    opened.store(&get(&[]), 200, &["Cache-Control: max-age=60"], "page", 1_000);
    assert_eq!(opened.seen(&get(&[]), 0), "stale page");
    assert_eq!(opened.seen_within(60, 0), "stale page");
    for time in [UNIX_EPOCH - Duration::from_secs(1 << 40), UNIX_EPOCH + Duration::from_secs(1 << 50)] {
        told(opened.cache.lookup(&opened.tenant, &get(&[]), None, time).unwrap());
    }
}

#[test]
fn what_may_not_be_stored_is_not() {
    let fresh = "Cache-Control: max-age=60";
    for (request, status, fields) in [
        (get(&[]), 200, &["Cache-Control: no-store"][..]),
        (get(&[]), 200, &["Cache-Control: max-age=60, NO-STORE"]),
        (get(&["Cache-Control: no-store"]), 200, &[fresh]),
        (get(&["Range: bytes=0-9"]), 200, &[fresh]),
        (get(&["If-None-Match: \"1\""]), 200, &[fresh]),
        (get(&["Authorization: Basic YTpi"]), 200, &[fresh]),
        (asked("GET", "http://user:pass@example.org/page", &[]), 200, &[fresh]),
        (asked("POST", PAGE, &[]), 200, &[fresh]),
        (asked("OPTIONS", PAGE, &[]), 200, &[fresh]),
        (get(&[]), 200, &[fresh, "Vary: *"]),
        (get(&[]), 206, &[fresh]),
        (get(&[]), 302, &[]),
        (get(&[]), 304, &[fresh]),
        (get(&[]), 429, &[fresh]),
        (get(&[]), 500, &[fresh]),
    ] {
        let opened = opened();
        assert!(!opened.store(&request, status, fields, "page", 0), "{status} {fields:?}");
        assert_eq!(opened.cache.pages().stats().unwrap().entries, 0);
    }
    for (request, status, fields) in [
        (asked("HEAD", PAGE, &[]), 200, &[fresh][..]),
        (get(&["Authorization: Basic YTpi"]), 200, &["Cache-Control: public"]),
        (get(&[]), 301, &[]),
        (get(&[]), 302, &[fresh]),
        (get(&[]), 404, &[]),
        (get(&[]), 410, &[]),
    ] {
        assert!(opened().store(&request, status, fields, "page", 0), "{status} {fields:?}");
    }
}

#[test]
fn requests_with_demands_of_their_own_pass_by() {
    let opened = opened();
    opened.store(&get(&[]), 200, &["Cache-Control: max-age=60"], "page", 0);
    for field in ["Range: bytes=0-", "If-None-Match: *", "Cache-Control: no-store"] {
        assert_eq!(opened.seen(&get(&[field]), 1), "miss", "{field}");
    }
    for field in ["Cache-Control: no-cache", "Pragma: no-cache", "Cache-Control: max-age=0"] {
        assert_eq!(opened.seen(&get(&[field]), 1), "stale page", "{field}");
    }
    assert_eq!(opened.seen(&asked("HEAD", PAGE, &[]), 1), "miss");
    assert_eq!(opened.seen(&get(&[]), 1), "fresh page");
}

#[test]
fn vary_and_credentials_tell_answers_apart() {
    let opened = opened();
    let fields = ["Cache-Control: public, max-age=60", "Vary: Accept-Language, Accept"];
    opened.store(&get(&["Accept-Language: de"]), 200, &fields, "deutsch", 0);
    opened.store(&get(&["Accept-Language: fr"]), 200, &fields, "francais", 1);
    opened.store(&get(&["Accept-Language: de", "Cookie: s=1"]), 200, &fields, "mine", 2);
    assert_eq!(opened.seen(&get(&["Accept-Language: de"]), 3), "fresh deutsch");
    assert_eq!(opened.seen(&get(&["Accept-Language: fr", "X-Other: 1"]), 3), "fresh francais");
    assert_eq!(opened.seen(&get(&["Accept-Language: de", "Cookie: s=1"]), 3), "fresh mine");
    for other in [
        &[][..],
        &["Accept-Language: de", "Cookie: s=2"],
        &["Accept-Language: de", "Authorization: Basic YTpi"],
        &["Accept-Language: de", "Accept-Language: fr"],
        &["Accept-Language: de", "Accept: text/html"],
    ] {
        assert_eq!(opened.seen(&get(other), 3), "miss", "{other:?}");
    }
}

#[test]
fn no_tenant_gets_the_answers_of_another() {
    let opened = opened();
    opened.store(&get(&[]), 200, &["Cache-Control: max-age=60"], "page", 0);
    let other: Tenant = "other".parse().unwrap();
    let seen = opened.cache.lookup(&other, &get(&[]), None, second(0)).unwrap();
    assert_eq!(told(seen), "miss");
}

#[test]
fn secrets_and_fields_of_one_connection_are_not_stored() {
    let opened = opened();
    let fields = [
        "Cache-Control: max-age=60",
        "Set-Cookie: session=1",
        "Connection: X-Hop, keep-alive",
        "X-Hop: 1",
        "Transfer-Encoding: chunked",
        "Link: </a>; rel=next",
        "Link: </b>; rel=prev",
        "X-Bytes: gr\u{fc}n",
    ];
    let request = get(&["Cookie: session=0"]);
    assert!(opened.store(&request, 200, &fields, "page", 0));
    let Lookup::Fresh(cached) = opened.lookup(&request, 1) else { panic!("it is there") };
    let mut names: Vec<_> = cached.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["cache-control", "link", "link", "x-bytes"]);
    assert_eq!(cached.headers["x-bytes"], "gr\u{fc}n");
    let vary = opened.cache.pages().variants(&opened.tenant, "GET", PAGE).unwrap();
    assert!(vary.iter().all(|vary| !vary.contains("session")), "{vary:?}");
}

#[test]
fn a_304_makes_a_stale_answer_fresh_with_its_fields() {
    let opened = opened();
    let fields = [
        "ETag: \"1\"",
        "Last-Modified: Sun, 06 Nov 1994 08:00:00 GMT",
        "Cache-Control: max-age=10",
        "Age: 5",
        "X-A: 1",
    ];
    opened.store(&get(&[]), 200, &fields, "page", 0);
    let Lookup::Stale { cached, conditions } = opened.lookup(&get(&[]), 10) else { panic!("it is stale") };
    assert_eq!(
        conditions,
        headers(&["If-None-Match: \"1\"", "If-Modified-Since: Sun, 06 Nov 1994 08:00:00 GMT"])
    );
    let not_modified =
        answer(304, &["ETag: W/\"1\"", "X-A: 2", "X-B: 3", "Content-Length: 0", "Set-Cookie: a=b"]);
    let fresh = opened
        .cache
        .revalidated(&opened.tenant, &get(&[]), cached, &not_modified, second(10))
        .unwrap()
        .unwrap();
    assert_eq!((fresh.status, &*fresh.body, fresh.stored), (StatusCode::OK, &b"page"[..], second(10)));
    let Lookup::Fresh(again) = opened.lookup(&get(&[]), 19) else { panic!("it is fresh") };
    assert_eq!(again.headers, fresh.headers);
    assert_eq!(again.headers["x-a"], "2");
    assert_eq!(again.headers["x-b"], "3");
    assert!(["age", "content-length", "set-cookie"].iter().all(|name| !again.headers.contains_key(*name)));
    assert_eq!(opened.seen(&get(&[]), 20), "stale page");
}

#[test]
fn a_304_for_another_answer_is_not_believed() {
    let opened = opened();
    opened.store(&get(&[]), 200, &["ETag: \"1\""], "page", 0);
    let Lookup::Stale { cached, .. } = opened.lookup(&get(&[]), 10) else { panic!("it is stale") };
    let not_modified = answer(304, &["ETag: \"2\""]);
    let other =
        opened.cache.revalidated(&opened.tenant, &get(&[]), cached, &not_modified, second(10)).unwrap();
    assert!(other.is_none());
    assert_eq!(opened.seen(&get(&[]), 10), "miss");
}

#[test]
fn a_304_that_forbids_storing_ends_it() {
    let opened = opened();
    opened.store(&get(&[]), 200, &["ETag: \"1\""], "page", 0);
    let Lookup::Stale { cached, .. } = opened.lookup(&get(&[]), 10) else { panic!("it is stale") };
    let not_modified = answer(304, &["Cache-Control: no-store"]);
    let last =
        opened.cache.revalidated(&opened.tenant, &get(&[]), cached, &not_modified, second(10)).unwrap();
    assert_eq!(&*last.unwrap().body, b"page");
    assert_eq!(opened.seen(&get(&[]), 10), "miss");
}

#[test]
fn an_answer_takes_the_place_of_those_before_it() {
    let opened = opened();
    let fresh = "Cache-Control: max-age=60";
    opened.store(&get(&[]), 200, &[fresh], "first", 0);
    opened.store(&get(&[]), 200, &[fresh, "Vary: Accept"], "second", 1);
    assert_eq!(opened.seen(&get(&[]), 2), "fresh second");
    assert_eq!(opened.cache.pages().stats().unwrap().entries, 1);
    // A server in trouble says nothing about the page.
    opened.store(&get(&[]), 503, &[], "trouble", 3);
    opened.store(&get(&[]), 429, &[], "slower", 3);
    assert_eq!(opened.seen(&get(&[]), 4), "fresh second");
    opened.store(&get(&[]), 200, &["Cache-Control: no-store"], "third", 5);
    assert_eq!(opened.seen(&get(&[]), 6), "miss");
}

#[test]
fn a_request_that_changes_the_page_makes_it_forgotten() {
    let opened = opened();
    for request in [get(&[]), asked("HEAD", PAGE, &[])] {
        opened.store(&request, 200, &["Cache-Control: max-age=60"], "page", 0);
    }
    opened.store(&asked("POST", PAGE, &[]), 403, &[], "no", 1);
    assert_eq!(opened.seen(&get(&[]), 2), "fresh page");
    opened.store(&asked("POST", PAGE, &[]), 303, &[], "done", 3);
    assert_eq!(opened.seen(&get(&[]), 4), "miss");
    assert_eq!(opened.seen(&asked("HEAD", PAGE, &[]), 4), "miss");
}

/// Values that mean something, nearly mean something, or are any bytes that a field may hold.
fn any_value() -> impl Strategy<Value = HeaderValue> {
    let fragments = [
        "max-age=",
        "MAX-AGE",
        "s-maxage=",
        "no-cache",
        "no-store=",
        "private=\"",
        "public",
        "must-revalidate",
        "immutable",
        "stale-while-revalidate=",
        "-1",
        "0",
        "60",
        "4294967296",
        "18446744073709551615",
        "\"",
        "W/\"1\"",
        "*",
        ",",
        ", ",
        "=",
        ";",
        "accept",
        "Cookie",
        "close",
        "113 - x",
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sat, 01 Jan 0000 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Thu, 01 Jan 1970 00:00:00 -2359",
    ];
    let part = prop_oneof![
        3 => proptest::sample::select(fragments.to_vec()).prop_map(|text| text.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..6),
    ];
    proptest::collection::vec(part, 0..6)
        .prop_filter_map("no header value", |parts| HeaderValue::from_bytes(&parts.concat()).ok())
}

fn any_fields() -> impl Strategy<Value = HeaderMap> {
    let names = [
        header::CACHE_CONTROL,
        header::AGE,
        header::DATE,
        header::EXPIRES,
        header::LAST_MODIFIED,
        header::ETAG,
        header::VARY,
        header::PRAGMA,
        header::WARNING,
        header::CONNECTION,
        header::COOKIE,
        header::ACCEPT,
    ];
    let field = (proptest::sample::select(names.to_vec()), any_value());
    proptest::collection::vec(field, 0..8).prop_map(HeaderMap::from_iter)
}

#[test]
fn no_fields_make_it_panic_or_forget_what_it_stored() {
    let opened = opened();
    proptest!(|(
        asking in any_fields(), answering in any_fields(), confirming in any_fields(), status in prop_oneof![3 => Just(200_u16), 1 => 100..=599_u16],
        times in [any::<u32>(), any::<u32>()],
    )| {
        opened.cache.pages().clear(None).unwrap();
        let [stored, now] = times.map(|time| UNIX_EPOCH + Duration::from_secs(u64::from(time)));
        let (mut request, mut response, mut not_modified) = (get(&[]), answer(status, &[]), answer(304, &[]));
        (request.headers, response.headers, not_modified.headers) = (asking, answering, confirming);
        let body = Bytes::from_static(b"page");
        let is_stored = opened.cache.store(&opened.tenant, &request, &response, &body, stored).unwrap();
        prop_assert_eq!(opened.cache.pages().stats().unwrap().entries, u64::from(is_stored));
        let found = opened.cache.lookup(&opened.tenant, &request, None, now).unwrap();
        prop_assert_eq!(is_stored, !matches!(found, Lookup::Miss));
        if let Lookup::Fresh(cached) | Lookup::Stale { cached, .. } = found {
            prop_assert_eq!(&cached.body, &body);
            let confirmed = opened.cache.revalidated(&opened.tenant, &request, cached, &not_modified, now).unwrap();
            prop_assert!(confirmed.is_none_or(|cached| cached.body == body));
        }
    });
}
