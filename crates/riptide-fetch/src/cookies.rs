//! Cookies of one job of one tenant (RFC 6265).

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use cookie_store::{CookieStore, RawCookie};
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use url::Url;

/// How many cookies a jar keeps; what comes after is left out.
const MOST_COOKIES: usize = 1000;

/// The longest `Set-Cookie` that is kept, in bytes: what RFC 6265, section 6.1, asks for.
const LONGEST: usize = 4096;

/// The cookies that were set in the course of a job. Make one for each job of each tenant; clones are the same jar.
#[derive(Clone, Default)]
pub struct CookieJar(Arc<Mutex<CookieStore>>);

impl fmt::Debug for CookieJar {
    /// Without the cookies: they are secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CookieJar")
    }
}

impl CookieJar {
    /// Keeps what a response sets.
    pub(crate) fn keep(&self, url: &Url, headers: &HeaderMap) {
        for field in headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            self.set(url, field);
        }
    }

    /// Keeps a cookie that a response from `url` would set by a field `Set-Cookie` (RFC 6265, section 4.1). One for all of a
    /// public suffix, such as `co.uk`, or for another host, or of more than 4096 bytes, is left out.
    pub fn set(&self, url: &Url, field: &str) {
        let cookie = Some(field).filter(|field| field.len() <= LONGEST);
        let Some(mut cookie) = cookie.and_then(|field| RawCookie::parse(field.to_owned()).ok()) else {
            return;
        };
        if let Some(domain) = public_suffix(&cookie) {
            // A host that is one itself keeps its cookies to itself (RFC 6265, section 5.3).
            if url.host_str() != Some(&domain) {
                return;
            }
            cookie.unset_domain();
        }
        let mut store = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if store.iter_any().count() < MOST_COOKIES {
            // What the store refuses is not for this host.
            let _ = store.insert_raw(&cookie, url);
        }
    }

    /// Adds the cookies for `url` to the header fields of a request.
    pub fn add_to(&self, url: &Url, headers: &mut HeaderMap) {
        let store = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pairs: Vec<String> =
            store.get_request_values(url).map(|(name, value)| format!("{name}={value}")).collect();
        drop(store);
        if let Ok(value) = HeaderValue::try_from(pairs.join("; "))
            && !pairs.is_empty()
        {
            headers.append(COOKIE, value);
        }
    }
}

/// The domain that a cookie is for, if that is a public suffix.
fn public_suffix(cookie: &RawCookie<'_>) -> Option<String> {
    let domain = cookie.domain()?.trim_start_matches('.');
    let domain = url::Host::parse(domain).map_or_else(|_| domain.to_owned(), |host| host.to_string());
    (psl::suffix_str(&domain) == Some(&*domain)).then_some(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(jar: &CookieJar, url: &str) -> String {
        let mut headers = HeaderMap::new();
        jar.add_to(&Url::parse(url).unwrap(), &mut headers);
        headers.get(COOKIE).map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
    }

    fn keep(jar: &CookieJar, url: &str, cookie: &str) {
        let headers = HeaderMap::from_iter([(SET_COOKIE, cookie.parse().unwrap())]);
        jar.keep(&Url::parse(url).unwrap(), &headers);
    }

    #[test]
    fn a_cookie_goes_back_to_its_host_and_path_alone() {
        let jar = CookieJar::default();
        keep(&jar, "https://a.example/shop/", "id=7; Path=/shop; Secure");
        assert_eq!(sent(&jar, "https://a.example/shop/cart"), "id=7");
        for other in [
            "https://a.example/",
            "http://a.example/shop/cart",
            "https://b.example/shop/",
            "https://x.a.example/shop",
        ] {
            assert_eq!(sent(&jar, other), "", "{other}");
        }
    }

    #[test]
    fn a_cookie_for_a_public_suffix_is_left_out() {
        let jar = CookieJar::default();
        keep(&jar, "https://shop.co.uk/", "id=7; Domain=co.uk");
        keep(&jar, "https://www.shop.co.uk/", "kind=1; Domain=shop.co.uk");
        assert_eq!(sent(&jar, "https://other.co.uk/"), "");
        assert_eq!(sent(&jar, "https://shop.co.uk/"), "kind=1");
        keep(&jar, "https://github.io/", "own=1; Domain=github.io");
        assert_eq!(sent(&jar, "https://other.github.io/"), "");
        assert_eq!(sent(&jar, "https://github.io/"), "own=1");
    }

    #[test]
    fn neither_many_nor_huge_cookies_fill_the_memory() {
        let jar = CookieJar::default();
        keep(&jar, "https://a.example/", &format!("big={}", "x".repeat(LONGEST)));
        for number in 0..2 * MOST_COOKIES {
            keep(&jar, "https://a.example/", &format!("c{number}=1"));
        }
        assert_eq!(sent(&jar, "https://a.example/").split("; ").count(), MOST_COOKIES);
    }
}
