//! The only way out of a browser: a SOCKS 5 proxy (RFC 1928) on the loopback interface, one for each page.
//!
//! Chromium asks it for names and never resolves any itself. Each request passes the guard and is dialled at the address
//! that was checked.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use riptide_fetch::{DialError, Dialer, Refused};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};

use crate::rendered::RefusedRequest;

/// Connections that one page may have at a time.
const MOST_CONNECTIONS: usize = 256;
/// How long Chromium may take to say where it wants to go.
const GREETING: Duration = Duration::from_secs(10);
/// Failed requests that are remembered.
const MOST_FAILURES: usize = 100;
/// Bytes that are copied at a time.
const PIECE: usize = 16 * 1024;

const VERSION: u8 = 5;
const NO_AUTHENTICATION: u8 = 0;
const CONNECT: u8 = 1;
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// How a request ended, as SOCKS counts it.
#[derive(Debug, Clone, Copy)]
#[repr(u8)]
enum Reply {
    Succeeded = 0,
    NotAllowed = 2,
    HostUnreachable = 4,
    CommandNotSupported = 7,
}

/// One page's proxy. Dropping it ends its connections.
#[derive(Debug)]
pub(crate) struct Proxy {
    address: SocketAddr,
    ledger: Arc<Ledger>,
    listening: JoinHandle<()>,
}

/// What a page's connections did.
#[derive(Debug)]
pub(crate) struct Ledger {
    limit: u64,
    moved: AtomicU64,
    over: AtomicBool,
    failures: Mutex<Failures>,
}

#[derive(Debug, Default)]
struct Failures {
    /// By `host:port`.
    dials: Vec<(String, DialError)>,
    refused: Vec<RefusedRequest>,
}

impl Proxy {
    /// Listens at a port of its own. `limit` is how many bytes may go through in both directions together.
    pub(crate) async fn start(dialer: Dialer, limit: u64) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let ledger = Arc::new(Ledger::new(limit));
        let listening = tokio::spawn(listen(listener, dialer, Arc::clone(&ledger)));
        Ok(Self { address, ledger, listening })
    }

    /// As Chromium wants it.
    pub(crate) fn url(&self) -> String {
        format!("socks5://{}", self.address)
    }

    pub(crate) fn ledger(&self) -> &Arc<Ledger> {
        &self.ledger
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Ledger {
    /// Nothing has been moved yet; `limit` bytes may be.
    pub(crate) fn new(limit: u64) -> Self {
        Self { limit, moved: AtomicU64::new(0), over: AtomicBool::new(false), failures: Mutex::default() }
    }

    /// Bytes that went through.
    pub(crate) fn moved(&self) -> u64 {
        self.moved.load(Ordering::Relaxed)
    }

    /// The limit, if the page went over it.
    pub(crate) fn exceeded(&self) -> Option<u64> {
        self.over.load(Ordering::Relaxed).then_some(self.limit)
    }

    /// What the guard did not let through.
    pub(crate) fn refused(&self) -> Vec<RefusedRequest> {
        self.failures().refused.clone()
    }

    /// Why there is no connection to `host:port`, if one was asked for in vain.
    pub(crate) fn failure(&self, authority: &str) -> Option<DialError> {
        let failures = self.failures();
        let failed = failures.dials.iter().rev().find(|(failed, _)| failed == authority);
        failed.map(|(_, error)| error.clone())
    }

    /// Takes note of a request that is not let through; `what` is its URL or authority.
    pub(crate) fn refuse(&self, what: String, refused: Refused) {
        let mut failures = self.failures();
        let known = failures.refused.iter().any(|request| request.target == what);
        if !known && failures.refused.len() < MOST_FAILURES {
            failures.refused.push(RefusedRequest { target: what, refused });
        }
    }

    fn fail(&self, authority: String, error: DialError) {
        if let DialError::Refused(refused) = &error {
            self.refuse(authority.clone(), refused.clone());
        }
        let mut failures = self.failures();
        if failures.dials.len() < MOST_FAILURES {
            failures.dials.push((authority, error));
        }
    }

    fn failures(&self) -> MutexGuard<'_, Failures> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Books bytes; `false` when there are more than allowed.
    fn book(&self, bytes: usize) -> bool {
        let before = self.moved.fetch_add(bytes as u64, Ordering::Relaxed);
        let within = before.saturating_add(bytes as u64) <= self.limit;
        if !within {
            self.over.store(true, Ordering::Relaxed);
        }
        within
    }
}

async fn listen(listener: TcpListener, dialer: Dialer, ledger: Arc<Ledger>) {
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
        while connections.try_join_next().is_some() {}
        let Ok((stream, _)) = listener.accept().await else { return };
        let (dialer, ledger) = (dialer.clone(), Arc::clone(&ledger));
        connections.spawn(async move {
            // What goes wrong with one connection shows in the page, and concerns no other.
            let _ = serve(stream, &dialer, &ledger).await;
            drop(permit);
        });
    }
}

/// One connection, from the greeting to its end.
async fn serve(mut browser: TcpStream, dialer: &Dialer, ledger: &Ledger) -> io::Result<()> {
    browser.set_nodelay(true)?;
    let asked = tokio::time::timeout(GREETING, asked_for(&mut browser)).await.map_err(io::Error::from)??;
    let Some(authority) = asked else { return reply(&mut browser, Reply::CommandNotSupported).await };
    let dialled = match dialer.guard().check_authority(&authority) {
        Ok(target) => dialer.dial(&target).await,
        Err(refused) => Err(refused.into()),
    };
    match dialled {
        Ok(site) => {
            reply(&mut browser, Reply::Succeeded).await?;
            copy_both_ways(browser, site, ledger).await
        }
        Err(error) => {
            let answer = match &error {
                DialError::Refused(_) => Reply::NotAllowed,
                _ => Reply::HostUnreachable,
            };
            // Noted first: whoever sees the page fail finds the reason.
            ledger.fail(authority, error);
            reply(&mut browser, answer).await
        }
    }
}

/// `host:port`; `None` if it is something else than a connection that is wanted.
async fn asked_for(browser: &mut TcpStream) -> io::Result<Option<String>> {
    let version = browser.read_u8().await?;
    let methods = browser.read_u8().await?;
    let mut offered = vec![0; usize::from(methods)];
    browser.read_exact(&mut offered).await?;
    if version != VERSION || !offered.contains(&NO_AUTHENTICATION) {
        return Err(io::ErrorKind::InvalidData.into());
    }
    browser.write_all(&[VERSION, NO_AUTHENTICATION]).await?;
    let [version, command, _, kind] = array::<4>(browser).await?;
    if version != VERSION {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let host = match kind {
        IPV4 => Ipv4Addr::from(array::<4>(browser).await?).to_string(),
        IPV6 => bracketed(&Ipv6Addr::from(array::<16>(browser).await?).to_string()),
        NAME => {
            let mut name = vec![0; usize::from(browser.read_u8().await?)];
            browser.read_exact(&mut name).await?;
            bracketed(&String::from_utf8(name).map_err(|_| io::ErrorKind::InvalidData)?)
        }
        _ => return Err(io::ErrorKind::InvalidData.into()),
    };
    let port = browser.read_u16().await?;
    Ok((command == CONNECT).then(|| format!("{host}:{port}")))
}

/// An IPv6 address as an authority holds it (RFC 3986, section 3.2.2).
fn bracketed(host: &str) -> String {
    if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host.to_owned() }
}

async fn array<const N: usize>(browser: &mut TcpStream) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    browser.read_exact(&mut bytes).await?;
    Ok(bytes)
}

/// The address from which was dialled is nobody's business.
async fn reply(browser: &mut TcpStream, reply: Reply) -> io::Result<()> {
    browser.write_all(&[VERSION, reply as u8, 0, IPV4, 0, 0, 0, 0, 0, 0]).await
}

async fn copy_both_ways(browser: TcpStream, site: TcpStream, ledger: &Ledger) -> io::Result<()> {
    let ((from_browser, to_browser), (from_site, to_site)) = (browser.into_split(), site.into_split());
    tokio::try_join!(copy(from_browser, to_site, ledger), copy(from_site, to_browser, ledger))?;
    Ok(())
}

async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    ledger: &Ledger,
) -> io::Result<()> {
    let mut piece = vec![0; PIECE];
    loop {
        let size = from.read(&mut piece).await?;
        if size == 0 {
            return to.shutdown().await;
        }
        if !ledger.book(size) {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        let (read, _) = piece.split_at_checked(size).unwrap_or((&piece, &[]));
        to.write_all(read).await?;
    }
}
