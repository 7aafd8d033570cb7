//! A site on the loopback interface, made of pages that each test writes itself.

use std::collections::HashMap;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What the site answers to one path.
#[derive(Clone, Default)]
pub(crate) struct Reply {
    /// 0: the connection is closed without a word.
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    /// Sends the head and then this long nothing.
    pub(crate) stalls: bool,
}

impl Reply {
    pub(crate) fn html(body: impl Into<String>) -> Self {
        Self::of("text/html; charset=utf-8", body.into())
    }

    pub(crate) fn of(kind: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("Content-Type", kind.to_owned())];
        Self { status: 200, headers, body: body.into(), stalls: false }
    }

    pub(crate) fn redirect(status: u16, to: &str) -> Self {
        Self { status, headers: vec![("Location", to.to_owned())], ..Self::default() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn stalling(mut self) -> Self {
        self.stalls = true;
        self
    }
}

/// A request as the site saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) headers: HashMap<String, String>,
}

/// A running site. It answers until the process ends.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    pages: Arc<Mutex<HashMap<String, Reply>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
    connections: Arc<AtomicUsize>,
}

impl Site {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let site = Self {
            address: listener.local_addr().unwrap(),
            pages: Arc::default(),
            seen: Arc::default(),
            connections: Arc::default(),
        };
        let served = site.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                served.connections.fetch_add(1, Ordering::SeqCst);
                let site = served.clone();
                thread::spawn(move || site.serve(stream));
            }
        });
        site
    }

    pub(crate) fn page(&self, path: &str, reply: Reply) -> &Self {
        self.pages.lock().unwrap().insert(path.to_owned(), reply);
        self
    }

    pub(crate) fn html(&self, path: &str, body: &str) -> &Self {
        self.page(path, Reply::html(body))
    }

    pub(crate) fn url(&self, path: &str) -> url::Url {
        format!("http://{}{path}", self.address).parse().unwrap()
    }

    /// How many connections anybody has opened.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn seen(&self, path: &str) -> Vec<Seen> {
        self.seen.lock().unwrap().iter().filter(|seen| seen.path == path).cloned().collect()
    }

    fn serve(&self, stream: TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        let mut first = String::new();
        reader.read_line(&mut first).ok()?;
        let path = first.split(' ').nth(1)?.to_owned();
        let mut headers = HashMap::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            headers.insert(name.to_lowercase(), value.to_owned());
        }
        if let Some(length) = headers.get("content-length") {
            io::copy(&mut reader.by_ref().take(length.parse().ok()?), &mut io::sink()).ok()?;
        }
        self.seen.lock().unwrap().push(Seen { path: path.clone(), headers });
        let pages = self.pages.lock().unwrap();
        let bare = path.split('?').next()?;
        let not_found = || Reply { status: 404, ..Reply::html("<p>nothing here") };
        let reply = pages.get(&path).or_else(|| pages.get(bare)).cloned().unwrap_or_else(not_found);
        drop(pages);
        answer(stream, &reply).ok()
    }
}

fn answer(mut stream: TcpStream, reply: &Reply) -> io::Result<()> {
    if reply.status == 0 {
        return Ok(());
    }
    let mut head = format!("HTTP/1.1 {} X\r\nConnection: close\r\n", reply.status);
    if !reply.stalls {
        head += &format!("Content-Length: {}\r\n", reply.body.len());
    }
    for (name, value) in &reply.headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += "\r\n";
    stream.write_all(head.as_bytes())?;
    stream.write_all(&reply.body)?;
    stream.flush()?;
    if reply.stalls {
        // Until the other side has had enough.
        let _ = stream.set_read_timeout(Some(Duration::from_secs(60)));
        let _ = stream.read(&mut [0; 1]);
    }
    Ok(())
}
