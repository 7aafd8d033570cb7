//! One hop of a fetch: from the cache where it has the answer, from the server where it has not.

use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderMap, Method, Request, StatusCode, request, response};
use tokio::task::spawn_blocking;
use tokio::time::Instant;
use url::Url;

use crate::body::Body;
use crate::exchange::{Exchange, Response, Wish, uri};
use crate::http_cache::{CachedResponse, HttpCache, Lookup};
use crate::{CacheState, FetchError, FetchRequest};
use riptide_store::StoreError;

/// A response, and where it came from.
pub(crate) struct Answer {
    pub(crate) response: Response,
    pub(crate) cache: CacheState,
}

/// A hop that the cache has no use for, or is not there for.
pub(crate) async fn from_server(
    exchange: &Exchange,
    url: &Url,
    fields: HeaderMap,
    deadline: Instant,
    wanted: Wish,
) -> Result<Answer, FetchError> {
    let response = exchange.get(url, fields, deadline, wanted).await?;
    Ok(Answer { response, cache: CacheState::Unused })
}

/// A hop's way through the cache.
pub(crate) struct Recall {
    cache: Arc<HttpCache>,
    request: FetchRequest,
    parts: request::Parts,
    found: Lookup,
    warnings: Vec<String>,
}

impl Recall {
    /// Looks the URL up. A cache that is out of order is as good as an empty one, but is told of.
    pub(crate) async fn of(
        cache: &Arc<HttpCache>,
        request: &FetchRequest,
        url: &Url,
        fields: &HeaderMap,
    ) -> Result<Self, FetchError> {
        let mut asked = Request::new(());
        *asked.method_mut() = Method::GET;
        *asked.uri_mut() = uri(url)?;
        *asked.headers_mut() = fields.clone();
        let (parts, ()) = asked.into_parts();
        let mut recall = Self {
            cache: Arc::clone(cache),
            request: request.clone(),
            parts,
            found: Lookup::Miss,
            warnings: Vec::new(),
        };
        let now = SystemTime::now();
        let found = recall
            .blocking(move |cache, request, parts| cache.lookup(&request.tenant, parts, request.max_age, now))
            .await;
        recall.found = found.unwrap_or(Lookup::Miss);
        Ok(recall)
    }

    /// The answer, if no server has to be asked.
    pub(crate) fn fresh(&self) -> Option<Answer> {
        let Lookup::Fresh(cached) = &self.found else { return None };
        Some(Answer {
            response: remembered(cached, &self.warnings),
            cache: CacheState::Hit { stored: cached.stored },
        })
    }

    /// Asks the server, for no more than whether a stale answer is still the same where there is one, and remembers what it
    /// says.
    pub(crate) async fn ask(
        mut self,
        exchange: &Exchange,
        url: &Url,
        deadline: Instant,
        wanted: Wish,
    ) -> Result<Answer, FetchError> {
        let found = std::mem::replace(&mut self.found, Lookup::Miss);
        if let Lookup::Stale { cached, conditions } = found
            && !conditions.is_empty()
        {
            let mut fields = self.parts.headers.clone();
            fields.extend(conditions);
            let response = exchange.get(url, fields, deadline, wanted).await?;
            if response.status != StatusCode::NOT_MODIFIED {
                return Ok(self.remember(response).await);
            }
            if let Some(answer) = self.confirm(cached, response).await {
                return Ok(answer);
            }
        }
        let response = exchange.get(url, self.parts.headers.clone(), deadline, wanted).await?;
        Ok(self.remember(response).await)
    }

    /// What a 304 makes of a stale answer; nothing if it speaks of another one.
    async fn confirm(&mut self, cached: CachedResponse, response: Response) -> Option<Answer> {
        let (spare, not_modified, now) = (cached.clone(), parts_of(&response), SystemTime::now());
        let confirmed = self
            .blocking(move |cache, request, parts| {
                cache.revalidated(&request.tenant, parts, cached, &not_modified, now)
            })
            .await;
        // When the cache cannot be written the answer is good all the same.
        let cached = confirmed.unwrap_or(Some(spare))?;
        let own = remembered(&cached, &self.warnings);
        let response = Response {
            peer: response.peer,
            version: response.version,
            head_after: response.head_after,
            ..own
        };
        Some(Answer { response, cache: CacheState::Revalidated { stored: cached.stored } })
    }

    async fn remember(mut self, response: Response) -> Answer {
        let mut stored = false;
        if self.request.store && response.body.truncated.is_none() {
            let (parts, body, now) = (parts_of(&response), response.body.bytes.clone(), SystemTime::now());
            let kept = self
                .blocking(move |cache, request, asked| {
                    cache.store(&request.tenant, asked, &parts, &body, now)
                })
                .await;
            stored = kept.unwrap_or(false);
        }
        let mut response = response;
        response.body.warnings.append(&mut self.warnings);
        Answer { response, cache: CacheState::Miss { stored } }
    }

    /// Runs a step of the cache on a thread for blocking work.
    async fn blocking<T: Send + 'static>(
        &mut self,
        step: impl FnOnce(&HttpCache, &FetchRequest, &request::Parts) -> Result<T, StoreError> + Send + 'static,
    ) -> Option<T> {
        let (cache, request, parts) = (Arc::clone(&self.cache), self.request.clone(), self.parts.clone());
        let done = spawn_blocking(move || step(&cache, &request, &parts)).await;
        match done {
            Ok(Ok(value)) => Some(value),
            Ok(Err(error)) => {
                self.warnings.push(format!("the cache of pages cannot be used: {error}"));
                None
            }
            // The runtime ends, and with it whoever waits for this.
            Err(_) => None,
        }
    }
}

/// The head of a response whose body has been unpacked.
fn parts_of(response: &Response) -> response::Parts {
    let (mut parts, ()) = http::Response::new(()).into_parts();
    parts.status = response.status;
    parts.version = response.version;
    parts.headers = response.headers.clone();
    parts.headers.remove(CONTENT_ENCODING);
    parts.headers.remove(CONTENT_LENGTH);
    parts
}

fn remembered(cached: &CachedResponse, warnings: &[String]) -> Response {
    Response {
        status: cached.status,
        version: http::Version::HTTP_11,
        headers: cached.headers.clone(),
        body: Body { bytes: Bytes::clone(&cached.body), warnings: warnings.to_vec(), ..Body::default() },
        peer: None,
        head_after: std::time::Duration::ZERO,
    }
}
