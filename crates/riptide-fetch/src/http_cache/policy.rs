//! What a stored answer's fields say, as `http-cache-semantics` reads them.

use std::time::SystemTime;

use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, StatusCode, Uri, request};
use http_cache_semantics::{CacheOptions, CachePolicy, RequestLike, ResponseLike};

use super::{fields, vary};

/// The largest age that has a meaning (RFC 9111, section 1.2.2).
const LARGEST_AGE: u64 = 1 << 31;

/// A request with its directives in lower case.
pub(super) struct Asked<'r> {
    request: &'r request::Parts,
    headers: HeaderMap,
}

/// An answer with its directives in lower case and an age that can be counted with.
struct Answered {
    status: StatusCode,
    headers: HeaderMap,
}

impl<'r> Asked<'r> {
    pub(super) fn of(request: &'r request::Parts) -> Self {
        Self { request, headers: readable(&request.headers) }
    }
}

impl RequestLike for Asked<'_> {
    fn uri(&self) -> Uri {
        self.request.uri.clone()
    }

    fn is_same_uri(&self, other: &Uri) -> bool {
        self.request.uri == *other
    }

    fn method(&self) -> &Method {
        &self.request.method
    }

    fn headers(&self) -> &HeaderMap {
        &self.headers
    }
}

impl ResponseLike for Answered {
    fn status(&self) -> StatusCode {
        self.status
    }

    fn headers(&self) -> &HeaderMap {
        &self.headers
    }
}

/// The policy of an answer to a request, in a private cache. That the answer suits the request has been found out before.
pub(super) fn of(
    request: &request::Parts,
    status: StatusCode,
    headers: &HeaderMap,
    stored: SystemTime,
) -> CachePolicy {
    let options = CacheOptions { shared: false, ..CacheOptions::default() };
    let answered = Answered { status, headers: readable(headers) };
    CachePolicy::new_options(&Asked::of(request), &answered, stored, options)
}

/// Whether an answer may be stored (sections 3 and 3.5), and could be found again (section 4.1).
pub(super) fn may_store(
    request: &request::Parts,
    status: StatusCode,
    headers: &HeaderMap,
    now: SystemTime,
) -> bool {
    let shared = ["public", "must-revalidate", "s-maxage"];
    let may_be_shared = || shared.iter().any(|directive| fields::has_directive(headers, directive));
    of(request, status, headers, now).is_storable()
        && vary::key(headers, &request.headers).is_some()
        && (!request.headers.contains_key(header::AUTHORIZATION) || may_be_shared())
}

/// Directives have no case (section 5.2), and bytes that are no ASCII must not hide them. A number that is too large for its
/// meaning is taken for the largest that has one.
fn readable(headers: &HeaderMap) -> HeaderMap {
    let mut readable = headers.clone();
    readable.remove(header::CACHE_CONTROL);
    for value in headers.get_all(header::CACHE_CONTROL) {
        let plain = |byte: &u8| if byte.is_ascii() { byte.to_ascii_lowercase() } else { b'?' };
        let bytes: Vec<u8> = value.as_bytes().iter().map(plain).collect();
        let value = HeaderValue::from_bytes(&bytes).unwrap_or_else(|_| HeaderValue::from_static("no-store"));
        readable.append(header::CACHE_CONTROL, value);
    }
    let age = headers.get(header::AGE).map(|age| age.to_str().unwrap_or_default().trim().parse::<u128>());
    match age {
        Some(Ok(age)) => {
            let age = u64::try_from(age).map_or(LARGEST_AGE, |age| age.min(LARGEST_AGE));
            readable.insert(header::AGE, HeaderValue::from(age));
        }
        Some(Err(_)) => drop(readable.remove(header::AGE)),
        None => {}
    }
    readable
}
