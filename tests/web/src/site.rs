use std::collections::HashMap;
use std::io::{self, BufReader};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use crate::endpoints;
use crate::exchange::{Exchange, SeenRequest};
use crate::robots::RobotsFile;

/// Requests that a site remembers.
const MOST_SEEN: usize = 100_000;

/// Stack of the thread of a connection: they are many, and do little.
const STACK: usize = 512 << 10;

/// A running site. It closes its port and all connections when it is dropped.
#[derive(Debug)]
pub struct Site {
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

/// How a site is to be.
#[derive(Debug, Clone, Default)]
pub struct SiteBuilder {
    port: u16,
    robots: RobotsFile,
    own: HashMap<String, Own>,
}

/// What is served at a path that only this site has.
#[derive(Debug, Clone)]
enum Own {
    Page(String),
    Redirect(String),
}

/// What the threads of a site share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) address: SocketAddr,
    robots: RobotsFile,
    own: HashMap<String, Own>,
    closed: AtomicBool,
    answering: AtomicUsize,
    most_at_once: AtomicUsize,
    log: Mutex<Log>,
    connections: Mutex<HashMap<u64, TcpStream>>,
}

#[derive(Debug, Default)]
struct Log {
    hits: HashMap<String, usize>,
    seen: Vec<SeenRequest>,
}

impl SiteBuilder {
    /// The port of 127.0.0.1 to listen on; 0, the default, takes a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// What to answer to `/robots.txt`; by default there is none.
    #[must_use]
    pub fn robots(mut self, robots: RobotsFile) -> Self {
        self.robots = robots;
        self
    }

    /// A page of its own, beside the endpoints that all sites have.
    #[must_use]
    pub fn page(mut self, path: impl Into<String>, html: impl Into<String>) -> Self {
        self.own.insert(path.into(), Own::Page(html.into()));
        self
    }

    /// A redirect of its own, by status 302, to a location that is sent as it is.
    #[must_use]
    pub fn redirect(mut self, path: impl Into<String>, location: impl Into<String>) -> Self {
        self.own.insert(path.into(), Own::Redirect(location.into()));
        self
    }

    /// Starts the site.
    ///
    /// # Errors
    /// If the port cannot be had, or no thread.
    pub fn start(self) -> io::Result<Site> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port))?;
        let shared = Arc::new(Shared {
            address: listener.local_addr()?,
            robots: self.robots,
            own: self.own,
            closed: AtomicBool::new(false),
            answering: AtomicUsize::new(0),
            most_at_once: AtomicUsize::new(0),
            log: Mutex::default(),
            connections: Mutex::default(),
        });
        let serving = Arc::clone(&shared);
        let acceptor =
            thread::Builder::new().name("test site".to_owned()).spawn(move || accept(&listener, &serving))?;
        Ok(Site { shared, acceptor: Some(acceptor) })
    }
}

impl Site {
    /// Starts a site on a free port of 127.0.0.1, without robots.txt.
    ///
    /// # Errors
    /// If there is no port or no thread to be had.
    pub fn start() -> io::Result<Self> {
        Self::builder().start()
    }

    /// A site that is to be configured.
    #[must_use]
    pub fn builder() -> SiteBuilder {
        SiteBuilder::default()
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.shared.address
    }

    /// The URL of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.shared.address)
    }

    /// How often a path was asked for, whatever the query.
    #[must_use]
    pub fn hits(&self, path: &str) -> usize {
        locked(&self.shared.log).hits.get(path).copied().unwrap_or(0)
    }

    /// The requests for a path, in the order in which they came. The site remembers the first 100,000 of all.
    #[must_use]
    pub fn requests(&self, path: &str) -> Vec<SeenRequest> {
        locked(&self.shared.log).seen.iter().filter(|request| request.path == path).cloned().collect()
    }

    /// How many connections are open.
    #[must_use]
    pub fn connections(&self) -> usize {
        locked(&self.shared.connections).len()
    }

    /// The most requests that were being answered at one time.
    #[must_use]
    pub fn most_at_once(&self) -> usize {
        self.shared.most_at_once.load(Ordering::Relaxed)
    }

    /// Forgets all requests, so that paths which fail at first fail again.
    pub fn forget(&self) {
        *locked(&self.shared.log) = Log::default();
        self.shared.most_at_once.store(0, Ordering::Relaxed);
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::SeqCst);
        // Whoever waits for a connection gets one, and sees that it was the last.
        let woken = TcpStream::connect(self.shared.address);
        for stream in locked(&self.shared.connections).values() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        if let (Some(acceptor), Ok(_)) = (self.acceptor.take(), woken) {
            let _ = acceptor.join();
        }
    }
}

impl Shared {
    /// Notes a request; answers how often its path was asked for.
    fn note(&self, request: &SeenRequest) -> usize {
        let mut log = locked(&self.log);
        if log.seen.len() < MOST_SEEN {
            log.seen.push(request.clone());
        }
        let hits = log.hits.entry(request.path.clone()).or_default();
        *hits += 1;
        *hits
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for (number, stream) in (0_u64..).zip(listener.incoming()) {
        if shared.closed.load(Ordering::SeqCst) {
            return;
        }
        let Ok((stream, kept)) = stream.and_then(|stream| Ok((stream.try_clone()?, stream))) else {
            continue;
        };
        locked(&shared.connections).insert(number, kept);
        // Closed in between: nobody else would shut it down.
        if shared.closed.load(Ordering::SeqCst) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        let serving = Arc::clone(shared);
        let thread = thread::Builder::new().stack_size(STACK).spawn(move || {
            // An error means that the other side is gone, which is what most of the answers are for.
            let _ = converse(&stream, &serving);
            locked(&serving.connections).remove(&number);
        });
        if thread.is_err() {
            locked(&shared.connections).remove(&number);
        }
    }
}

/// Answers the requests of a connection.
fn converse(stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    while let Some(request) = SeenRequest::read(&mut reader)? {
        let hit = shared.note(&request);
        let mut exchange = Exchange::new(request, hit, shared, stream);
        let now = shared.answering.fetch_add(1, Ordering::Relaxed) + 1;
        shared.most_at_once.fetch_max(now, Ordering::Relaxed);
        let outcome = answer(&mut exchange);
        shared.answering.fetch_sub(1, Ordering::Relaxed);
        outcome?;
        if !exchange.keeps_alive {
            break;
        }
    }
    Ok(())
}

fn answer(exchange: &mut Exchange<'_>) -> io::Result<()> {
    if exchange.request.path == "/robots.txt" {
        let shared = exchange.shared;
        return shared.robots.serve(exchange);
    }
    match exchange.shared.own.get(&exchange.request.path) {
        Some(Own::Page(html)) => exchange.html(html),
        Some(Own::Redirect(location)) => exchange.redirect("302 Found", location),
        None => endpoints::answer(exchange),
    }
}
