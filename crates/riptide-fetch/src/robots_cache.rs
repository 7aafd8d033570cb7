//! What sites ask of crawlers, remembered.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::HeaderMap;
use tokio::time::Instant;
use url::Url;

use crate::body::Wanted;
use crate::exchange::{Exchange, Response, Wish};
use crate::redirect::{Way, location};
use crate::robots::SIZE_LIMIT;
use crate::{FetchError, Guard, Kinds, Robots};

/// How long a file is good for (RFC 9309, section 2.4).
const GOOD_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// How long to leave a site alone whose file could not be had, before it is asked again.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// How many sites are remembered.
const REMEMBERED: usize = 4096;

/// Redirects that are followed to a file (RFC 9309, section 2.3.1.2).
const REDIRECTS: usize = 5;

/// The rules of the sites that were asked for lately.
#[derive(Default)]
pub(crate) struct RobotsCache {
    sites: Mutex<HashMap<String, Arc<Site>>>,
}

/// Who asks for the file first holds the lock; the others wait for the answer.
type Site = tokio::sync::Mutex<Option<Known>>;

#[derive(Clone)]
struct Known {
    rules: Result<Arc<Robots>, FetchError>,
    until: Instant,
}

impl RobotsCache {
    /// The rules of the site that `url` belongs to.
    pub(crate) async fn rules(
        &self,
        exchange: &Exchange,
        guard: &Guard,
        url: &Url,
        headers: &HeaderMap,
        limit: Duration,
    ) -> Result<Arc<Robots>, FetchError> {
        let site = self.site(&url.origin().ascii_serialization());
        let mut known = site.lock().await;
        if let Some(known) = known.as_ref().filter(|known| known.until > Instant::now()) {
            return known.rules.clone();
        }
        let rules = ask(exchange, guard, url, headers, Instant::now() + limit).await.map(Arc::new);
        let good_for = if rules.is_ok() { GOOD_FOR } else { ASK_AGAIN_AFTER };
        *known = Some(Known { rules: rules.clone(), until: Instant::now() + good_for });
        rules
    }

    fn site(&self, origin: &str) -> Arc<Site> {
        let mut sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        if sites.len() >= REMEMBERED && !sites.contains_key(origin) {
            // Those that somebody waits for stay.
            sites.retain(|_, site| Arc::strong_count(site) > 1);
        }
        Arc::clone(sites.entry(origin.to_owned()).or_default())
    }
}

/// Asks the site.
async fn ask(
    exchange: &Exchange,
    guard: &Guard,
    url: &Url,
    headers: &HeaderMap,
    deadline: Instant,
) -> Result<Robots, FetchError> {
    let unreachable = |problem: String| FetchError::RobotsUnreachable { problem };
    let file = url.join("/robots.txt").map_err(|error| unreachable(error.to_string()))?;
    let mut way = Way::from(file, REDIRECTS);
    way.url.set_fragment(None);
    loop {
        // An address that must not be dialled is no answer, so the site's wishes stay unknown.
        guard.check_url(&way.url).map_err(|refused| way.failed(refused.into()))?;
        let response = exchange
            .get(
                &way.url,
                headers.clone(),
                deadline,
                Wish { kinds: Kinds::Any, body: Wanted::First(SIZE_LIMIT) },
            )
            .await;
        let Response { status, headers: answered, body, .. } = match response {
            // Who cannot be reached for the file cannot be reached for the page either.
            Err(error @ (FetchError::Dial(_) | FetchError::Tls { .. })) => return Err(way.failed(error)),
            Err(error) => return Err(unreachable(error.to_string())),
            Ok(response) => response,
        };
        match location(&way.url, status, &answered) {
            Ok(Some(location)) if way.go_on(status, location.clone()).is_ok() => {}
            _ if status.as_u16() == 429 || status.is_server_error() => {
                return Err(unreachable(format!("status {}", status.as_u16())));
            }
            _ => return Ok(Robots::from_status(status.as_u16(), &body.bytes)),
        }
    }
}
