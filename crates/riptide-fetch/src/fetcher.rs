//! From a URL to a response.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use backon::{BackoffBuilder, ExponentialBuilder};
use http::header::{
    ACCEPT, ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, DATE, HOST, HeaderName, PROXY_AUTHORIZATION,
    RETRY_AFTER, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, USER_AGENT,
};
use http::{HeaderMap, HeaderValue};
use riptide_types::Failure;
use tokio::time::{Instant, sleep};
use url::Url;

use crate::answer::{Answer, Recall, from_server};
use crate::body::Wanted;
use crate::exchange::{Exchange, Response, Wish};
use crate::politeness::{Turn, Turns};
use crate::redirect::{Way, location};
use crate::request::SECRET;
use crate::robots_cache::RobotsCache;
use crate::{
    Dialer, FetchError, FetchLimits, FetchRequest, FetchTiming, Fetched, Guard, HttpCache, Policy,
    Politeness, ProductToken, Proxy, Resolver,
};

/// The settings of a [`Fetcher`].
#[derive(Debug, Clone)]
pub struct FetchConfig {
    /// What may be dialled.
    pub policy: Policy,
    /// Who finds the addresses of names.
    pub resolver: Resolver,
    /// What every connection goes through, if anything.
    pub proxy: Option<Proxy>,
    /// How the fetcher calls itself, in the `User-Agent` field. Site owners look here for whom to write to.
    pub user_agent: String,
    /// The name that rules of robots.txt are looked up by.
    pub product_token: ProductToken,
    /// What a fetch may cost.
    pub limits: FetchLimits,
    /// How hosts are spared.
    pub politeness: Politeness,
    /// Where responses are kept that need not be fetched again, if anywhere.
    pub cache: Option<Arc<HttpCache>>,
    /// How often a request is tried again that failed for a reason that may pass.
    pub retries: u32,
}

impl Default for FetchConfig {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            resolver: Resolver::default(),
            proxy: None,
            user_agent: default_user_agent(None),
            product_token: ProductToken::default(),
            limits: FetchLimits::default(),
            politeness: Politeness::default(),
            cache: None,
            retries: 2,
        }
    }
}

/// The name and version of RipTide, and `contact`, a URL or address where its operator can be reached.
#[must_use]
pub fn default_user_agent(contact: Option<&str>) -> String {
    let name = concat!("RipTide/", env!("CARGO_PKG_VERSION"));
    contact.map_or_else(|| name.to_owned(), |contact| format!("{name} (+{contact})"))
}

/// Fetches URLs: guarded, politely, within limits. One is enough for a process.
pub struct Fetcher {
    exchange: Exchange,
    dialer: Dialer,
    robots: RobotsCache,
    turns: Turns,
    fields: HeaderMap,
    config: FetchConfig,
}

/// What of a request's header fields belongs to its transport, not to who asks.
const RESERVED: [HeaderName; 9] = [
    HOST,
    CONTENT_LENGTH,
    TRANSFER_ENCODING,
    CONNECTION,
    TE,
    TRAILER,
    UPGRADE,
    ACCEPT_ENCODING,
    PROXY_AUTHORIZATION,
];

impl Fetcher {
    /// A fetcher with these settings.
    ///
    /// # Errors
    /// [`FetchError::InvalidHeader`] for a user agent that cannot be sent, [`FetchError::Tls`] when there is no TLS.
    pub fn new(config: FetchConfig) -> Result<Self, FetchError> {
        let guard = Guard::new(config.policy.clone());
        let dialer = Dialer::new(guard, config.resolver.clone(), config.proxy.clone(), config.limits.connect);
        let fields = [
            (USER_AGENT, config.user_agent.as_str()),
            (ACCEPT, "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
            (ACCEPT_ENCODING, "gzip, deflate, br, zstd"),
        ];
        let fields: Result<HeaderMap, FetchError> =
            fields.into_iter().map(|(name, value)| Ok((name.clone(), field(&name, value)?))).collect();
        Ok(Self {
            exchange: Exchange::new(dialer.clone(), config.limits)?,
            dialer,
            robots: RobotsCache::default(),
            turns: Turns::new(config.politeness),
            fields: fields?,
            config,
        })
    }

    /// What opens its connections: whoever else goes out, goes out by this.
    #[must_use]
    pub fn dialer(&self) -> &Dialer {
        &self.dialer
    }

    /// Waits for a turn at the host of a URL that somebody else is about to load, such as a browser: by the same guard, the
    /// same rules of its site, and the same politeness. The turn is over when it is dropped.
    ///
    /// # Errors
    /// As [`Fetcher::fetch`], for what comes before the request itself.
    pub async fn admit(&self, request: &FetchRequest) -> Result<Turn, FetchError> {
        self.dialer.guard().check_url(&request.url)?;
        let crawl_delay = self.permission(request, &request.url).await?;
        Ok(self.turns.wait_for(&host_key(&request.url), crawl_delay).await)
    }

    /// Whether the site of a URL that a request led to, such as by a script, wants it to be fetched.
    ///
    /// # Errors
    /// [`FetchError::RobotsDisallowed`], and whatever keeps its robots.txt from being read.
    pub async fn may_fetch(&self, request: &FetchRequest, url: &Url) -> Result<(), FetchError> {
        self.permission(request, url).await.map(drop)
    }

    /// Fetches a URL. A status such as 404 is no error. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn fetch(&self, request: &FetchRequest) -> Result<Fetched, FetchError> {
        let started = Instant::now();
        let mut pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(500))
            .with_max_delay(self.config.politeness.longest_wait)
            .with_max_times(usize::try_from(self.config.retries).unwrap_or(usize::MAX))
            .with_jitter()
            .build();
        let mut attempts = 0;
        loop {
            attempts += 1;
            let result = self.attempt(request).await;
            let again = worth_another_try(&result).and_then(|asked| Some((asked, pauses.next()?)));
            let patient = again.filter(|(asked, _)| *asked <= self.config.politeness.longest_wait);
            let Some((asked, pause)) = patient else {
                return result.map(|fetched| {
                    let timing = FetchTiming { total: started.elapsed(), ..fetched.timing };
                    Fetched { timing, attempts, ..fetched }
                });
            };
            if asked > Duration::ZERO {
                self.turns.hold(&host_key(&request.url), asked);
            }
            sleep(asked.max(pause)).await;
        }
    }

    /// Follows a URL to its end once.
    async fn attempt(&self, request: &FetchRequest) -> Result<Fetched, FetchError> {
        let mut way = Way::from(request.url.clone(), self.config.limits.redirects);
        let mut left = self.config.limits.total;
        loop {
            let hop = self.hop(request, &way.url, &mut left).await;
            let answer = hop.map_err(|error| way.failed(error))?;
            let Response { status, headers, .. } = &answer.response;
            request.cookies.keep(&way.url, headers);
            match location(&way.url, *status, headers)? {
                Some(location) => way.go_on(*status, location)?,
                None => return Ok(fetched(way, answer)),
            }
        }
    }

    /// One hop, if guard and site allow it.
    async fn hop(
        &self,
        request: &FetchRequest,
        url: &Url,
        left: &mut Duration,
    ) -> Result<Answer, FetchError> {
        self.dialer.guard().check_url(url)?;
        let crawl_delay = self.permission(request, url).await?;
        self.answer(request, url, crawl_delay, left).await
    }

    /// The answer of one hop. What it takes, but for the waiting for a turn, is taken from what is `left`.
    async fn answer(
        &self,
        request: &FetchRequest,
        url: &Url,
        crawl_delay: Option<Duration>,
        left: &mut Duration,
    ) -> Result<Answer, FetchError> {
        let fields = self.fields(request, url)?;
        let recall = match &self.config.cache {
            Some(cache) => Some(Recall::of(cache, request, url, &fields).await?),
            None => None,
        };
        if let Some(answer) = recall.as_ref().and_then(Recall::fresh) {
            return Ok(answer);
        }
        let _turn = self.turns.wait_for(&host_key(url), crawl_delay).await;
        let started = Instant::now();
        let deadline = started + *left;
        let wanted = Wish { kinds: request.kinds, body: Wanted::All(self.config.limits.body) };
        let answer = match recall {
            Some(recall) => recall.ask(&self.exchange, url, deadline, wanted).await,
            None => from_server(&self.exchange, url, fields, deadline, wanted).await,
        };
        *left = left.saturating_sub(started.elapsed());
        answer
    }

    /// Whether the site wants this page to be fetched, and how long it wants to be left alone in between.
    async fn permission(&self, request: &FetchRequest, url: &Url) -> Result<Option<Duration>, FetchError> {
        if !request.robots {
            return Ok(None);
        }
        let guard = self.dialer.guard();
        let limit = self.config.limits.total;
        let rules = self.robots.rules(&self.exchange, guard, url, &self.fields, limit).await?;
        let agent = &self.config.product_token;
        let path =
            url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        if !rules.allows(agent, &path) {
            return Err(FetchError::RobotsDisallowed { agent: agent.name().to_owned() });
        }
        Ok(rules.crawl_delay(agent))
    }

    /// The header fields of a request for `url`, which may be a step on the way of `request`.
    fn fields(&self, request: &FetchRequest, url: &Url) -> Result<HeaderMap, FetchError> {
        let is_own_origin = url.origin() == request.url.origin();
        let mut fields = self.fields.clone();
        for (name, value) in &request.own_fields()? {
            if RESERVED.contains(name) {
                return Err(FetchError::InvalidHeader {
                    name: name.to_string(),
                    problem: "the connection needs it for itself".to_owned(),
                });
            }
            if is_own_origin || !SECRET.contains(name) {
                fields.insert(name.clone(), value.clone());
            }
        }
        request.cookies.add_to(url, &mut fields);
        Ok(fields)
    }
}

pub(crate) fn field(name: &HeaderName, value: &str) -> Result<HeaderValue, FetchError> {
    HeaderValue::try_from(value)
        .map_err(|error| FetchError::InvalidHeader { name: name.to_string(), problem: error.to_string() })
}

/// What takes turns: a host and a port.
fn host_key(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default())
}

fn fetched(way: Way, Answer { response, cache }: Answer) -> Fetched {
    let Response { status, version, headers, body, peer, head_after } = response;
    Fetched {
        url: way.url,
        status: status.as_u16(),
        version: match version {
            http::Version::HTTP_10 => "HTTP/1.0",
            http::Version::HTTP_11 => "HTTP/1.1",
            http::Version::HTTP_2 => "HTTP/2",
            _ => "HTTP",
        },
        headers,
        body: body.bytes,
        received: body.received,
        truncated: body
            .truncated
            .or_else(|| (status.as_u16() == 206).then(|| "the server sent a part of it".to_owned())),
        redirects: way.redirects,
        peer,
        cache,
        timing: FetchTiming { head: head_after, total: head_after },
        attempts: 1,
        warnings: body.warnings,
    }
}

/// Whether a status tells of something that may pass: a server that is overloaded, or a proxy in front of one that is away.
#[must_use]
pub fn is_passing_status(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504 | 522 | 524)
}

/// Whether another try may turn out better, and how long the server wants to be left alone before it.
fn worth_another_try(result: &Result<Fetched, FetchError>) -> Option<Duration> {
    match result {
        // The rules of a site are asked for again by themselves, later.
        Err(error) if matches!(error.cause(), FetchError::RobotsUnreachable { .. }) => None,
        Err(error) => error.retryable().then_some(Duration::ZERO),
        Ok(fetched) if is_passing_status(fetched.status) => {
            Some(retry_after(&fetched.headers).unwrap_or_default())
        }
        Ok(fetched) => fetched.truncated.as_ref().map(|_| Duration::ZERO),
    }
}

/// How long a server wants to be left alone (RFC 9110, section 10.2.3): seconds, or a date, counted from the server's own
/// clock where it tells that.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = |name: HeaderName| httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok();
    let now = date(DATE).unwrap_or_else(SystemTime::now);
    Some(date(RETRY_AFTER)?.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_tells_when_to_come_again_in_seconds_or_by_its_own_clock() {
        let headers = |fields: &[(HeaderName, &'static str)]| -> HeaderMap {
            fields.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
        };
        assert_eq!(retry_after(&headers(&[(RETRY_AFTER, " 7 ")])), Some(Duration::from_secs(7)));
        let date = [(DATE, "Sun, 06 Nov 1994 08:49:37 GMT"), (RETRY_AFTER, "Sun, 06 Nov 1994 08:50:37 GMT")];
        assert_eq!(retry_after(&headers(&date)), Some(Duration::from_secs(60)));
        assert_eq!(retry_after(&headers(&[(RETRY_AFTER, "soon")])), None);
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
