//! One request and the answer to it, on a plain socket.

use std::io::{self, BufReader, Read as _, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::Duration;

use crate::site::Shared;

/// Bytes of a request's head that are read.
const LONGEST_HEAD: u64 = 256 << 10;

/// Bytes of a request's body that are read.
const LONGEST_BODY: u64 = 1 << 20;

/// A request that the site has received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenRequest {
    /// The method.
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// The query without its question mark.
    pub query: Option<String>,
    /// The header fields, names in lower case, in their order.
    pub headers: Vec<(String, String)>,
}

impl SeenRequest {
    /// The value of a field, whose name is given in lower case; the first if there are several.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    /// Reads a request with its body. `None` at the end of the connection, and for what is no request.
    pub(crate) fn read(reader: &mut BufReader<&TcpStream>) -> io::Result<Option<Self>> {
        let mut head = reader.by_ref().take(LONGEST_HEAD);
        let Some(line) = read_line(&mut head)? else { return Ok(None) };
        let mut words = line.split(' ');
        let (Some(method), Some(target), Some(version)) = (words.next(), words.next(), words.next()) else {
            return Ok(None);
        };
        if !version.starts_with("HTTP/1.") {
            return Ok(None);
        }
        let mut headers = Vec::new();
        loop {
            let Some(line) = read_line(&mut head)? else { return Ok(None) };
            if line.is_empty() {
                break;
            }
            let Some((name, value)) = line.split_once(':') else { return Ok(None) };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        // As a proxy is asked: http://host:port/path.
        let target = target
            .strip_prefix("http://")
            .map_or(target, |rest| rest.find('/').and_then(|slash| rest.get(slash..)).unwrap_or("/"));
        let (path, query) =
            target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        let seen = Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.map(str::to_owned),
            headers,
        };
        let length = seen.header("content-length").and_then(|length| length.parse::<u64>().ok()).unwrap_or(0);
        io::copy(&mut reader.take(length.min(LONGEST_BODY)), &mut io::sink())?;
        Ok(Some(seen))
    }
}

fn read_line(reader: &mut impl io::BufRead) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line)?;
    let Some(line) = line.strip_suffix(b"\n") else { return Ok(None) };
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    Ok(Some(String::from_utf8_lossy(line).into_owned()))
}

/// A request that is being answered.
pub(crate) struct Exchange<'e> {
    pub(crate) request: SeenRequest,
    /// How often the path has been asked for, this time included.
    pub(crate) hit: usize,
    pub(crate) shared: &'e Shared,
    stream: &'e TcpStream,
    /// Whether another request may come on the connection.
    pub(crate) keeps_alive: bool,
}

impl<'e> Exchange<'e> {
    pub(crate) fn new(request: SeenRequest, hit: usize, shared: &'e Shared, stream: &'e TcpStream) -> Self {
        let keeps_alive =
            request.header("connection").is_none_or(|value| !value.eq_ignore_ascii_case("close"));
        Self { request, hit, shared, stream, keeps_alive }
    }

    /// A complete answer: the status, lines of the head that each end in `\r\n`, the body with its length.
    pub(crate) fn respond(&mut self, status: &str, lines: &str, body: &[u8]) -> io::Result<()> {
        let length = body.len();
        let mut answer = format!("HTTP/1.1 {status}\r\n{lines}Content-Length: {length}\r\n\r\n").into_bytes();
        if self.request.method != "HEAD" {
            answer.extend_from_slice(body);
        }
        self.stream.write_all(&answer)
    }

    /// A page with a status of 200.
    pub(crate) fn html(&mut self, page: &str) -> io::Result<()> {
        self.respond("200 OK", "Content-Type: text/html; charset=utf-8\r\n", page.as_bytes())
    }

    pub(crate) fn redirect(&mut self, status: &str, location: &str) -> io::Result<()> {
        self.respond(status, &format!("Location: {location}\r\n"), b"")
    }

    /// Sends bytes as they are. The connection is closed after the answer: nobody knows what they were.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.keeps_alive = false;
        self.stream.write_all(bytes)
    }

    /// Sends the head of an answer that ends with the connection.
    pub(crate) fn begin(&mut self, lines: &str) -> io::Result<()> {
        self.send(format!("HTTP/1.1 200 OK\r\n{lines}Connection: close\r\n\r\n").as_bytes())
    }

    /// Sends the same bytes until the other side or the site closes the connection.
    pub(crate) fn send_forever(&mut self, bytes: &[u8]) -> io::Result<()> {
        loop {
            self.send(bytes)?;
        }
    }

    /// Sends single bytes, so far apart.
    pub(crate) fn drip(&mut self, bytes: &[u8], pause: Duration) -> io::Result<()> {
        for byte in bytes {
            self.send(&[*byte])?;
            thread::sleep(pause);
        }
        Ok(())
    }

    /// Says nothing until the other side or the site closes the connection.
    pub(crate) fn wait(&mut self) -> io::Result<()> {
        self.keeps_alive = false;
        io::copy(&mut { self.stream }, &mut io::sink()).map(drop)
    }

    /// Closes the connection in the ordinary way.
    pub(crate) fn close(&mut self) -> io::Result<()> {
        self.keeps_alive = false;
        self.stream.shutdown(Shutdown::Both)
    }

    /// Breaks the connection off, so that the other side gets a reset.
    pub(crate) fn reset(&mut self) -> io::Result<()> {
        self.keeps_alive = false;
        Ok(rustix::net::sockopt::set_socket_linger(self.stream, Some(Duration::ZERO))?)
    }

    /// The rest of the path behind a prefix.
    pub(crate) fn below(&self, prefix: &str) -> &str {
        self.request.path.strip_prefix(prefix).unwrap_or_default()
    }
}

impl Write for Exchange<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.keeps_alive = false;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
