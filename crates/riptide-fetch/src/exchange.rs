//! One request and its response, over HTTP/1.1 or HTTP/2.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, Request, StatusCode, Uri, Version};
use http_body_util::Empty;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpInfo;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::crypto::ring;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tower_service::Service;
use url::Url;

use crate::body::{self, Body, Wanted, root_cause};
use crate::{DialError, Dialer, FetchError, FetchLimits, Kinds};
use riptide_types::ContentKind;

/// How many connections to a host are kept when nothing is under way, and how long.
const IDLE_CONNECTIONS: usize = 4;
const IDLE_TIME: Duration = Duration::from_secs(15);

/// How many header fields a response may have.
const MOST_FIELDS: usize = 256;

/// Sends requests over connections that its dialer opens. Clones share them.
#[derive(Clone)]
pub(crate) struct Exchange {
    client: Client<HttpsConnector<Connector>, Empty<Bytes>>,
    limits: FetchLimits,
}

/// A response with its body.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    pub(crate) version: Version,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    /// The other end of the connection: the server, or the proxy.
    pub(crate) peer: Option<SocketAddr>,
    /// From the start of the request to the end of the head.
    pub(crate) head_after: Duration,
}

impl Exchange {
    pub(crate) fn new(dialer: Dialer, limits: FetchLimits) -> Result<Self, FetchError> {
        // A machine without certificates of its own gets Mozilla's.
        let builder =
            match HttpsConnectorBuilder::new().with_provider_and_native_roots(ring::default_provider()) {
                Ok(with_roots) => with_roots,
                Err(_) => HttpsConnectorBuilder::new()
                    .with_provider_and_webpki_roots(ring::default_provider())
                    .map_err(|error| FetchError::Tls { problem: error.to_string() })?,
            };
        let connector = builder.https_or_http().enable_all_versions().wrap_connector(Connector { dialer });
        let client = Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIME)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .http1_max_buf_size(limits.head.max(8 * 1024))
            .http1_max_headers(MOST_FIELDS)
            .http1_ignore_invalid_headers_in_responses(true)
            .http1_allow_obsolete_multiline_headers_in_responses(true)
            .http1_allow_spaces_after_header_name_in_responses(true)
            .http2_max_header_list_size(u32::try_from(limits.head).unwrap_or(u32::MAX))
            .build(connector);
        Ok(Self { client, limits })
    }

    /// Sends a `GET` and reads the response, which is to be whole by `deadline`.
    pub(crate) async fn get(
        &self,
        url: &Url,
        headers: HeaderMap,
        deadline: Instant,
        wanted: Wish,
    ) -> Result<Response, FetchError> {
        let exchange = self.exchange(url, headers, wanted);
        let late = FetchError::Deadline { limit: self.limits.total };
        timeout_at(deadline, exchange).await.unwrap_or(Err(late))
    }

    async fn exchange(&self, url: &Url, headers: HeaderMap, wanted: Wish) -> Result<Response, FetchError> {
        let mut request = Request::new(Empty::new());
        *request.method_mut() = Method::GET;
        *request.uri_mut() = uri(url)?;
        *request.headers_mut() = headers;
        let started = Instant::now();
        let head = timeout(self.limits.head_time, self.client.request(request)).await;
        let response = head
            .map_err(|_| FetchError::HeadTimeout { limit: self.limits.head_time })?
            .map_err(|error| self.classified(&error))?;
        let head_after = started.elapsed();
        let (head, body) = response.into_parts();
        if wanted.kinds == Kinds::Documents && head.status.is_success() {
            refuse_what_is_no_document(url, &head.headers)?;
        }
        Ok(Response {
            status: head.status,
            version: head.version,
            peer: head.extensions.get::<HttpInfo>().map(HttpInfo::remote_addr),
            body: body::read(&head.headers, body, self.limits.silence, wanted.body).await?,
            headers: head.headers,
            head_after,
        })
    }

    /// What a failed request comes to.
    fn classified(&self, error: &Error) -> FetchError {
        let causes = || std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
        if let Some(dial) = causes().find_map(|cause| cause.downcast_ref::<DialError>()) {
            return FetchError::Dial(dial.clone());
        }
        // An `io::Error` shows the source of what it wraps, not that itself.
        let wrapped = || causes().filter_map(|cause| cause.downcast_ref::<io::Error>()?.get_ref());
        if let Some(dial) = wrapped().find_map(|cause| cause.downcast_ref::<DialError>()) {
            return FetchError::Dial(dial.clone());
        }
        if let Some(tls) = wrapped().find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
            return FetchError::Tls { problem: tls.to_string() };
        }
        if causes()
            .any(|cause| cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse_too_large))
        {
            return FetchError::HeadTooLarge { limit: self.limits.head };
        }
        if error.is_connect() {
            return FetchError::Tls { problem: root_cause(error) };
        }
        let problem = root_cause(error);
        let is_lost =
            |error: &hyper::Error| error.is_incomplete_message() || error.is_closed() || error.is_canceled();
        let is_reset = causes().any(|cause| cause.downcast_ref::<io::Error>().is_some());
        if is_reset || causes().any(|cause| cause.downcast_ref::<hyper::Error>().is_some_and(is_lost)) {
            return FetchError::Disconnected { problem };
        }
        FetchError::Protocol { problem }
    }
}

/// What is wanted of a response.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish {
    pub(crate) kinds: Kinds,
    pub(crate) body: Wanted,
}

/// Spares the bytes of films and archives. What says nothing of itself is looked at.
fn refuse_what_is_no_document(url: &Url, headers: &HeaderMap) -> Result<(), FetchError> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    match ContentKind::declared(content_type, url.path()) {
        Some(ContentKind::Image | ContentKind::Other) => Err(FetchError::Unsupported {
            content_type: content_type.unwrap_or_default().chars().take(100).collect(),
        }),
        _ => Ok(()),
    }
}

/// The URL as it stands in a request, without its fragment.
pub(crate) fn uri(url: &Url) -> Result<Uri, FetchError> {
    let mut url = url.clone();
    url.set_fragment(None);
    Uri::try_from(url.as_str()).map_err(|error| FetchError::InvalidRedirect {
        location: url.as_str().chars().take(200).collect(),
        problem: error.to_string(),
    })
}

/// Opens the connections of a client: what its guard does not allow is not dialled.
#[derive(Clone)]
struct Connector {
    dialer: Dialer,
}

impl Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let dialer = self.dialer.clone();
        Box::pin(async move {
            let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
            let authority = format!("{}:{port}", uri.host().unwrap_or_default());
            let target = dialer.guard().check_authority(&authority).map_err(DialError::from);
            let dialled = match target {
                Ok(target) => dialer.dial(&target).await,
                Err(refused) => Err(refused),
            };
            dialled.map(TokioIo::new).map_err(io::Error::other)
        })
    }
}
