//! What is asked for, and what comes back.

use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE};
use http::{HeaderMap, HeaderName};
use riptide_types::{ContentKind, Tenant};
use url::Url;

use crate::fetcher::field;
use crate::{CookieJar, FetchError, Redirect};

/// A URL to fetch.
#[derive(Debug, Clone)]
pub struct FetchRequest {
    /// What to fetch.
    pub url: Url,
    /// Whose request it is.
    pub tenant: Tenant,
    /// Header fields to send. Those that could be secrets (`Authorization`, `Cookie`) go to the URL's own origin alone, wherever
    /// redirects lead.
    pub headers: HeaderMap,
    /// User name and password for the URL's own origin (RFC 7617).
    pub basic_auth: Option<(String, String)>,
    /// The cookies of the job that this request is a part of.
    pub cookies: CookieJar,
    /// Whether the site's robots.txt counts.
    pub robots: bool,
    /// What is wanted; of anything else no more than the head is read.
    pub kinds: Kinds,
    /// With a cache: how old an answer may be that is taken from it, whatever its server says; zero asks the server in any
    /// case. Without: as its server says.
    pub max_age: Option<Duration>,
    /// Whether the answer may be kept in the cache.
    pub store: bool,
}

impl FetchRequest {
    /// A plain request, with a cookie jar of its own, that keeps to robots.txt.
    #[must_use]
    pub fn new(url: Url) -> Self {
        Self {
            url,
            tenant: Tenant::default(),
            headers: HeaderMap::new(),
            basic_auth: None,
            cookies: CookieJar::default(),
            robots: true,
            kinds: Kinds::Documents,
            max_age: None,
            store: true,
        }
    }
}

/// Fields that could be secrets.
pub(crate) const SECRET: [HeaderName; 2] = [AUTHORIZATION, COOKIE];

impl FetchRequest {
    /// The header fields for the URL's own origin: those that are given, and the user name and password as one.
    ///
    /// # Errors
    /// [`FetchError::InvalidHeader`] if user name and password cannot be sent.
    pub fn own_fields(&self) -> Result<HeaderMap, FetchError> {
        let mut fields = self.headers.clone();
        if let Some((user, password)) = &self.basic_auth {
            let code = BASE64_STANDARD.encode(format!("{user}:{password}"));
            let mut value = field(&AUTHORIZATION, &format!("Basic {code}"))?;
            value.set_sensitive(true);
            fields.insert(AUTHORIZATION, value);
        }
        Ok(fields)
    }

    /// The same request for where a page sends its readers. Secrets stay behind if that is another origin.
    #[must_use]
    pub fn led_to(&self, url: Url) -> Self {
        let mut request = self.clone();
        if url.origin() != self.url.origin() {
            request.basic_auth = None;
            for name in SECRET {
                request.headers.remove(name);
            }
        }
        request.url = url;
        request
    }
}

/// What kinds of content are wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Kinds {
    /// What documents are made of: pages, feeds, PDF, text, and what does not say what it is.
    #[default]
    Documents,
    /// Anything.
    Any,
}

/// What the cache did for a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheState {
    /// There is none.
    Unused,
    /// It did not have the response.
    Miss {
        /// Whether it has it now.
        stored: bool,
    },
    /// It had the response, and the server said that it is still the same.
    Revalidated {
        /// When the server said so.
        stored: SystemTime,
    },
    /// It had the response; no server was asked.
    Hit {
        /// When it was stored, or last found to be still the same.
        stored: SystemTime,
    },
}

/// A response, with the way that led to it.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// Where it came from, after all redirects.
    pub url: Url,
    /// The status code (RFC 9110, section 15), whatever it is.
    pub status: u16,
    /// Such as `HTTP/1.1`.
    pub version: &'static str,
    /// The header fields as they came.
    pub headers: HeaderMap,
    /// The body, after decompression.
    pub body: Bytes,
    /// How many bytes the body had on the wire.
    pub received: u64,
    /// Why the body is not whole, if it is not.
    pub truncated: Option<String>,
    /// The steps that led here.
    pub redirects: Vec<Redirect>,
    /// The other end of the connection: the server, or the proxy.
    pub peer: Option<SocketAddr>,
    /// What the cache did for it.
    pub cache: CacheState,
    /// How long it took.
    pub timing: FetchTiming,
    /// How often it was tried.
    pub attempts: u32,
    /// What was wrong with the response and was mended.
    pub warnings: Vec<String>,
}

impl Fetched {
    /// The `Content-Type` as it came.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.headers.get(CONTENT_TYPE)?.to_str().ok()
    }

    /// What kind of content the body is.
    #[must_use]
    pub fn kind(&self) -> ContentKind {
        ContentKind::of(ContentKind::declared(self.content_type(), self.url.path()), &self.body)
    }

    /// The `charset` parameter of the `Content-Type` (RFC 9110, section 8.3.2).
    #[must_use]
    pub fn charset(&self) -> Option<String> {
        let parameters = self.content_type()?.split(';').skip(1);
        let mut charsets = parameters.filter_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').to_owned())
        });
        charsets.find(|charset| !charset.is_empty())
    }
}

/// How long a fetch took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FetchTiming {
    /// From the start of the last request to the end of its head: connection, TLS, and the server's thinking.
    pub head: Duration,
    /// Of everything: redirects, earlier attempts, waiting for a turn.
    pub total: Duration,
}

/// What a fetch may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FetchLimits {
    /// Time to resolve a name and connect to it.
    pub connect: Duration,
    /// Time from the start of a request to the end of the head, connection included.
    pub head_time: Duration,
    /// The longest pause in a body.
    pub silence: Duration,
    /// Time for an attempt with all its redirects, but without the waiting for a turn.
    pub total: Duration,
    /// Bytes of a response's head; at least 8 KiB.
    pub head: usize,
    /// Bytes of a body after decompression.
    pub body: usize,
    /// Redirects that are followed.
    pub redirects: usize,
}

impl Default for FetchLimits {
    /// 10 seconds to connect, 20 to the end of the head, pauses of 15, 60 in all; 64 KiB of head, 32 MiB of body; 10
    /// redirects.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            head_time: Duration::from_secs(20),
            silence: Duration::from_secs(15),
            total: Duration::from_secs(60),
            head: 64 * 1024,
            body: 32 * 1024 * 1024,
            redirects: 10,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_stay_behind_where_a_page_leads_to_another_origin() {
        let mut request = FetchRequest::new("https://a.example/".parse().unwrap());
        request.basic_auth = Some(("anna".to_owned(), "secret".to_owned()));
        request.headers.insert(COOKIE, "id=7".parse().unwrap());
        request.headers.insert("accept-language", "de".parse().unwrap());
        let own = request.led_to("https://a.example/next".parse().unwrap()).own_fields().unwrap();
        assert_eq!(own.len(), 3);
        assert_eq!(own[AUTHORIZATION], "Basic YW5uYTpzZWNyZXQ=");
        for other in ["https://b.example/", "http://a.example/", "https://a.example:444/"] {
            let fields = request.led_to(other.parse().unwrap()).own_fields().unwrap();
            assert_eq!(
                fields.keys().map(HeaderName::as_str).collect::<Vec<_>>(),
                ["accept-language"],
                "{other}"
            );
        }
    }
}
