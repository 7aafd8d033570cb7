//! The rules of HTTP caching, RFC 9111, over the page cache.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::header::{self, HeaderMap};
use http::{Method, StatusCode, request, response};
use http_cache_semantics::BeforeRequest;
use riptide_store::{PageCache, PageKey, PageResponse, Placement, StoreError};
use riptide_types::Tenant;

mod fields;
mod policy;
mod vary;

/// Answers that need not be fetched again: a private cache (RFC 9111) for each tenant.
///
/// Where the standard leaves a choice, it chooses what suits a program that reads pages for whoever asks:
/// - Answers to requests with other credentials (`Authorization`, `Cookie`) are other answers, as if `Vary` named these fields.
///   Answers to requests with `Authorization` are stored only where a shared cache might (section 3.5).
/// - `Set-Cookie` is left out of what is stored, the answer is not (section 7.3): a cookie belongs to the session that it was
///   given to.
/// - Partial answers are neither stored nor used, and requests with a range or with conditions of their own pass by.
/// - A lifetime that nobody stated (section 4.2.2) ends after a day at the latest.
///
/// Every call reads or writes the store's file: async code makes it on a thread for blocking work.
#[derive(Debug, Clone)]
pub struct HttpCache {
    pages: PageCache,
}

/// What the cache knows about a request.
#[derive(Debug)]
pub enum Lookup {
    /// An answer that can be used as it is.
    Fresh(CachedResponse),
    /// An answer that can be used if the server says that it is still the same.
    Stale {
        /// The answer.
        cached: CachedResponse,
        /// The fields to add to the request, such as `If-None-Match`, so that the server can say so with a 304; then comes
        /// [`HttpCache::revalidated`]. Empty if the answer names nothing to compare: then the page must be fetched anew.
        conditions: HeaderMap,
    },
    /// Nothing.
    Miss,
}

/// An answer from the cache.
#[derive(Debug, Clone)]
pub struct CachedResponse {
    /// The status code.
    pub status: StatusCode,
    /// The fields, without those that concern one connection or one session alone.
    pub headers: HeaderMap,
    /// The body, as it was given to [`HttpCache::store`].
    pub body: Bytes,
    /// When it was fetched, or last found to be still the same.
    pub stored: SystemTime,
    /// Which of the answers to its URL it is.
    vary: String,
}

/// How long an answer is fresh at most if its server did not say (RFC 9111, section 4.2.2).
const LONGEST_HEURISTIC: Duration = Duration::from_secs(24 * 60 * 60);

/// Ends what dates can be written: 9999-12-31T00:00:00Z, in seconds.
const LAST_DAY: Duration = Duration::from_secs(253_402_214_400);

impl HttpCache {
    /// Applies the rules to a page cache.
    #[must_use]
    pub fn new(pages: PageCache) -> Self {
        Self { pages }
    }

    /// Where the answers are kept, for statistics and clearing.
    #[must_use]
    pub fn pages(&self) -> &PageCache {
        &self.pages
    }

    /// What there is for a request, whose URI must be absolute.
    ///
    /// With `max_age`, an answer is fresh if it was stored less than that ago, and stale otherwise, whatever its server said;
    /// so zero asks the server in any case. Without it, the server's word counts (sections 4 and 5).
    ///
    /// # Errors
    /// See [`StoreError`]. The page can be fetched all the same.
    pub fn lookup(
        &self,
        tenant: &Tenant,
        request: &request::Parts,
        max_age: Option<Duration>,
        now: SystemTime,
    ) -> Result<Lookup, StoreError> {
        let now = writable(now);
        if !concerns_cache(request) || fields::has_directive(&request.headers, "no-store") {
            return Ok(Lookup::Miss);
        }
        let Some(cached) = self.newest_match(tenant, request, now)? else { return Ok(Lookup::Miss) };
        let fresh = match max_age {
            Some(limit) => now.duration_since(cached.stored).is_ok_and(|age| age < limit),
            None => is_fresh(request, &cached, now),
        };
        if fresh {
            return Ok(Lookup::Fresh(cached));
        }
        let conditions = fields::conditions(&cached.headers);
        Ok(Lookup::Stale { cached, conditions })
    }

    /// Stores an answer if that is allowed (section 3). Whether it is now in the cache.
    ///
    /// The body must be complete (section 3.3). A caller that has decoded it takes `Content-Encoding` and `Content-Length`
    /// out of the fields. What was stored before makes room even if the new answer may not be stored; and a successful
    /// request that is not safe, such as a POST, invalidates what is known about its URL (section 4.4).
    ///
    /// # Errors
    /// See [`StoreError`]. The answer can be used all the same.
    pub fn store(
        &self,
        tenant: &Tenant,
        request: &request::Parts,
        response: &response::Parts,
        body: &Bytes,
        now: SystemTime,
    ) -> Result<bool, StoreError> {
        let is_answer = response.status.is_success() || response.status.is_redirection();
        if !request.method.is_safe() {
            if is_answer {
                self.pages.remove_url(tenant, &request.uri.to_string())?;
            }
            return Ok(false);
        }
        if !concerns_cache(request) || response.status == StatusCode::NOT_MODIFIED {
            return Ok(false);
        }
        let may_store = policy::may_store(request, response.status, &response.headers, now);
        if may_store || is_answer {
            self.forget(tenant, request)?;
        }
        let Some(vary) = vary::key(&response.headers, &request.headers).filter(|_| may_store) else {
            return Ok(false);
        };
        let stored = PageResponse {
            status: response.status.as_u16(),
            headers: fields::written(&fields::kept(&response.headers)),
            body: body.to_vec(),
        };
        let url = request.uri.to_string();
        let placement = self.pages.put(&key(tenant, request, &url, &vary), &stored, writable(now))?;
        Ok(matches!(placement, Placement::Stored { .. }))
    }

    /// Takes in that the server answered 304 (Not Modified) to a request with the [conditions](Lookup::Stale): the answer
    /// with its fields brought up to date (sections 3.2 and 4.3.4), fresh again.
    ///
    /// `None` if the 304 speaks of another answer than the stored one, which is then forgotten: the page must be fetched
    /// without the conditions.
    ///
    /// # Errors
    /// See [`StoreError`]. The stale answer can be used all the same.
    pub fn revalidated(
        &self,
        tenant: &Tenant,
        request: &request::Parts,
        cached: CachedResponse,
        not_modified: &response::Parts,
        now: SystemTime,
    ) -> Result<Option<CachedResponse>, StoreError> {
        let now = writable(now);
        let url = request.uri.to_string();
        let key = key(tenant, request, &url, &cached.vary);
        if !fields::same_answer(&cached.headers, &not_modified.headers) {
            self.pages.remove(&key)?;
            return Ok(None);
        }
        let headers = fields::updated(&cached.headers, &not_modified.headers);
        if policy::may_store(request, cached.status, &headers, now) {
            self.pages.refresh(&key, &fields::written(&headers), now)?;
        } else {
            self.pages.remove(&key)?;
        }
        Ok(Some(CachedResponse { headers, stored: now, ..cached }))
    }

    /// The answer that was stored last of those that the request may get (section 4.1).
    fn newest_match(
        &self,
        tenant: &Tenant,
        request: &request::Parts,
        now: SystemTime,
    ) -> Result<Option<CachedResponse>, StoreError> {
        let url = request.uri.to_string();
        for vary in self.matches(tenant, request, &url)? {
            let Some(page) = self.pages.get(&key(tenant, request, &url, &vary), now)? else { continue };
            let status = StatusCode::from_u16(page.response.status);
            if let (Ok(status), Some(headers)) = (status, fields::read(&page.response.headers)) {
                let body = page.response.body.into();
                return Ok(Some(CachedResponse { status, headers, body, stored: page.stored, vary }));
            }
        }
        Ok(None)
    }

    /// Forgets all that the request might have got.
    fn forget(&self, tenant: &Tenant, request: &request::Parts) -> Result<(), StoreError> {
        let url = request.uri.to_string();
        for vary in self.matches(tenant, request, &url)? {
            self.pages.remove(&key(tenant, request, &url, &vary))?;
        }
        Ok(())
    }

    fn matches(
        &self,
        tenant: &Tenant,
        request: &request::Parts,
        url: &str,
    ) -> Result<Vec<String>, StoreError> {
        let mut variants = self.pages.variants(tenant, request.method.as_str(), url)?;
        variants.retain(|vary| vary::matches(vary, &request.headers));
        Ok(variants)
    }
}

fn key<'k>(tenant: &'k Tenant, request: &'k request::Parts, url: &'k str, vary: &'k str) -> PageKey<'k> {
    PageKey { tenant, method: request.method.as_str(), url, vary }
}

/// Whether the cache can know answers to such a request at all. A URL with credentials in it would put them into the store.
fn concerns_cache(request: &request::Parts) -> bool {
    let own_conditions = [
        header::RANGE,
        header::IF_RANGE,
        header::IF_MATCH,
        header::IF_NONE_MATCH,
        header::IF_MODIFIED_SINCE,
        header::IF_UNMODIFIED_SINCE,
    ];
    matches!(request.method, Method::GET | Method::HEAD)
        && !request.uri.authority().is_some_and(|authority| authority.as_str().contains('@'))
        && !own_conditions.iter().any(|name| request.headers.contains_key(name))
}

/// Whether an answer can be used without asking the server (section 4). One from the future was stored by a clock that was
/// wrong, so that its age is unknown.
fn is_fresh(request: &request::Parts, cached: &CachedResponse, now: SystemTime) -> bool {
    let Ok(age) = now.duration_since(cached.stored) else { return false };
    let stated =
        cached.headers.contains_key(header::EXPIRES) || fields::has_directive(&cached.headers, "max-age");
    let policy = policy::of(request, cached.status, &cached.headers, cached.stored);
    (stated || age < LONGEST_HEURISTIC)
        && matches!(policy.before_request(&policy::Asked::of(request), now), BeforeRequest::Fresh(_))
}

/// The nearest time that a date of HTTP can tell.
fn writable(time: SystemTime) -> SystemTime {
    time.clamp(UNIX_EPOCH, UNIX_EPOCH.checked_add(LAST_DAY).unwrap_or(UNIX_EPOCH))
}

#[cfg(test)]
mod tests;
