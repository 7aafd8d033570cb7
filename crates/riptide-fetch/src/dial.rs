//! Connections to the outside: the only place that opens any.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use http::{HeaderValue, Uri};
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::rt::TokioIo;
use riptide_types::{Failure, Phase};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_service::Service;

use crate::proxy::Protocol;
use crate::{Guard, Pinned, Proxy, Refused, Resolver, Target};

/// How many addresses of a host are tried: a name with more of them is no more reachable, and a stranger could make us
/// knock at thousands.
const MOST_ADDRESSES: usize = 6;

/// How long one address is tried alone before the next one is tried beside it (RFC 8305, section 5).
const HEAD_START: Duration = Duration::from_millis(250);

/// Opens TCP connections to what its guard allows. Clones share their resolver.
#[derive(Clone, Debug)]
pub struct Dialer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    guard: Guard,
    resolver: Resolver,
    proxy: Option<Proxy>,
    limit: Duration,
}

/// Why there is no connection.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum DialError {
    /// The guard does not allow it, or the name leads nowhere.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Nobody answers at any of the addresses.
    #[error("no connection to the host: {message}")]
    Unreachable {
        /// What the operating system says of the last address that was tried.
        message: String,
    },
    /// There was no connection in time.
    #[error("no connection to the host within {} ms", limit.as_millis())]
    TimedOut {
        /// The limit.
        limit: Duration,
    },
    /// The proxy does not let the connection through.
    #[error("the proxy gives no connection: {message}")]
    Proxy {
        /// What it answers.
        message: String,
    },
}

impl Failure for DialError {
    fn code(&self) -> &'static str {
        match self {
            Self::Refused(refused) => refused.code(),
            Self::Unreachable { .. } => "connection-failed",
            Self::TimedOut { .. } => "connection-timeout",
            Self::Proxy { .. } => "proxy-failed",
        }
    }

    fn phase(&self) -> Phase {
        Phase::Fetch
    }

    fn retryable(&self) -> bool {
        match self {
            Self::Refused(refused) => refused.retryable(),
            Self::Unreachable { .. } | Self::TimedOut { .. } | Self::Proxy { .. } => true,
        }
    }

    fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused(refused) if refused.is_refusal())
    }
}

impl Dialer {
    /// Connections that `guard` allows, to addresses that `resolver` finds, through `proxy` if there is one. `limit` is the
    /// time for everything: resolving, connecting, and the proxy's answer.
    #[must_use]
    pub fn new(guard: Guard, resolver: Resolver, proxy: Option<Proxy>, limit: Duration) -> Self {
        Self(Arc::new(Inner { guard, resolver, proxy, limit }))
    }

    /// The guard that every connection passes.
    #[must_use]
    pub fn guard(&self) -> &Guard {
        &self.0.guard
    }

    /// A connection to one of the target's addresses, each of which the guard has checked.
    ///
    /// # Errors
    ///
    /// See [`DialError`].
    pub async fn dial(&self, target: &Target) -> Result<TcpStream, DialError> {
        let limit = self.0.limit;
        timeout(limit, self.connect(target)).await.unwrap_or(Err(DialError::TimedOut { limit }))
    }

    async fn connect(&self, target: &Target) -> Result<TcpStream, DialError> {
        let Inner { guard, resolver, proxy, .. } = &*self.0;
        let pinned = guard.resolve(target, resolver).await?;
        match proxy {
            None => to_first_of(&pinned).await,
            Some(proxy) => {
                let entry = guard.resolve(&guard.check_authority(&proxy.authority)?, resolver).await?;
                through(proxy, entry, &pinned).await
            }
        }
    }
}

/// A connection to the address that answers first, the earlier ones having a head start.
async fn to_first_of(pinned: &Pinned) -> Result<TcpStream, DialError> {
    let mut waiting = pinned.addresses().iter().copied().take(MOST_ADDRESSES);
    let mut attempts: FuturesUnordered<_> = waiting.next().map(TcpStream::connect).into_iter().collect();
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    loop {
        let ended = if waiting.len() == 0 {
            attempts.next().await
        } else {
            timeout(HEAD_START, attempts.next()).await.unwrap_or(None)
        };
        match ended {
            Some(Ok(stream)) => return Ok(with_small_writes_sent(stream)),
            Some(Err(error)) => last = error,
            None if waiting.len() == 0 => return Err(DialError::Unreachable { message: last.to_string() }),
            None => {}
        }
        attempts.extend(waiting.next().map(TcpStream::connect));
    }
}

/// Requests leave as soon as they are written.
fn with_small_writes_sent(stream: TcpStream) -> TcpStream {
    // A stream that cannot be told so works all the same.
    let _ = stream.set_nodelay(true);
    stream
}

/// A tunnel through the proxy at `entry` to the addresses of `destination`, one after the other.
async fn through(proxy: &Proxy, entry: Pinned, destination: &Pinned) -> Result<TcpStream, DialError> {
    let mut last = String::new();
    for address in destination.addresses().iter().take(MOST_ADDRESSES) {
        match tunnel(proxy, Entry(entry.clone()), *address).await {
            Ok(stream) => return Ok(stream.into_inner()),
            Err(message) => last = message,
        }
    }
    Err(DialError::Proxy { message: last })
}

async fn tunnel(proxy: &Proxy, entry: Entry, to: SocketAddr) -> Result<TokioIo<TcpStream>, String> {
    let at =
        |authority: &str| format!("http://{authority}").parse::<Uri>().map_err(|error| error.to_string());
    let (at_proxy, to) = (at(&proxy.authority)?, at(&to.to_string())?);
    let credentials = proxy.credentials.clone();
    match proxy.protocol {
        Protocol::Http => {
            let mut tunnel = Tunnel::new(at_proxy, entry);
            if let Some((user, password)) = credentials {
                let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")));
                tunnel = tunnel.with_auth(HeaderValue::try_from(basic).map_err(|error| error.to_string())?);
            }
            tunnel.call(to).await.map_err(|error| error.to_string())
        }
        Protocol::Socks5 => {
            let mut tunnel = SocksV5::new(at_proxy, entry);
            if let Some((user, password)) = credentials {
                tunnel = tunnel.with_auth(user, password);
            }
            tunnel.call(to).await.map_err(|error| error.to_string())
        }
    }
}

/// The way to a proxy whose addresses have been checked; the URI that it is asked for says nothing that these do not.
#[derive(Clone)]
struct Entry(Pinned);

impl Service<Uri> for Entry {
    type Response = TokioIo<TcpStream>;
    type Error = DialError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, DialError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), DialError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let pinned = self.0.clone();
        Box::pin(async move { Ok(TokioIo::new(to_first_of(&pinned).await?)) })
    }
}
