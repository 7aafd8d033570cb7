//! Statuses other than 200, and those that pass.

use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

use super::Endpoint;
use super::slow::half;
use crate::article::{ARTICLE, ARTICLE_PHRASE};
use crate::endpoint::Expected::{Page, Status, Truncated};
use crate::endpoint::run;
use crate::exchange::Exchange;

const HTML: &str = "Content-Type: text/html; charset=utf-8\r\n";

/// How often a flapping path fails before it works, each time anew.
const FAILURES: usize = 2;

pub(super) const ENDPOINTS: [Endpoint; 23] = [
    run("/status/204", "204 (No Content)", Status(204), |exchange| {
        exchange.send(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
    }),
    run("/status/206", "206 (Partial Content), which nobody asked for", Truncated, |exchange| {
        let first = half(ARTICLE.as_bytes());
        let range = format!("{HTML}Content-Range: bytes 0-{}/{}\r\n", first.len() - 1, ARTICLE.len());
        exchange.respond("206 Partial Content", &range, first)
    }),
    run("/status/304", "304 (Not Modified), which nobody asked for", Status(304), |exchange| {
        exchange.send(b"HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\nConnection: close\r\n\r\n")
    }),
    run("/status/400", "400 (Bad Request)", Status(400), fails),
    run("/status/401", "401 (Unauthorized)", Status(401), unauthorized),
    run("/status/403", "403 (Forbidden)", Status(403), fails),
    run("/status/404", "404 (Not Found)", Status(404), fails),
    run("/status/410", "410 (Gone)", Status(410), fails),
    run("/status/418", "418, which is no teapot's fault", Status(418), fails),
    run(
        "/status/429",
        "429 (Too Many Requests), always, to be tried again in a second",
        Status(429),
        |exchange| failure(exchange, "429 Too Many Requests", "Retry-After: 1\r\n"),
    ),
    run("/status/451", "451 (Unavailable For Legal Reasons)", Status(451), fails),
    run("/status/500", "500 (Internal Server Error), always", Status(500), fails),
    run("/status/502", "502 (Bad Gateway), always", Status(502), fails),
    run(
        "/status/503",
        "503 (Service Unavailable), always, to be tried again in a day",
        Status(503),
        |exchange| failure(exchange, "503 Service Unavailable", "Retry-After: 86400\r\n"),
    ),
    run("/status/599", "a status that nobody knows", Status(599), fails),
    run("/status/999", "a status outside of all classes", Status(999), fails),
    run(
        "/flapping/500",
        "500 twice, then an article, then all over again",
        Page(ARTICLE_PHRASE),
        |exchange| flap(exchange, "500 Internal Server Error", ""),
    ),
    run(
        "/flapping/503",
        "503 twice, to be tried again in a second, then an article",
        Page(ARTICLE_PHRASE),
        |exchange| flap(exchange, "503 Service Unavailable", "Retry-After: 1\r\n"),
    ),
    run(
        "/flapping/503-date",
        "503 twice, to be tried again at a time two seconds from now, then an article",
        Page(ARTICLE_PHRASE),
        |exchange| {
            let line = format!("Retry-After: {}\r\n", date_in(2)?);
            flap(exchange, "503 Service Unavailable", &line)
        },
    ),
    run(
        "/flapping/429",
        "429 twice, without a word on when to try again, then an article",
        Page(ARTICLE_PHRASE),
        |exchange| flap(exchange, "429 Too Many Requests", ""),
    ),
    run(
        "/flapping/disconnected",
        "twice no answer but the end, then an article",
        Page(ARTICLE_PHRASE),
        |exchange| {
            if fails_this_time(exchange) { exchange.close() } else { exchange.html(ARTICLE) }
        },
    ),
    run("/auth/basic", "an article for the user `tide` with the password `mill`", Status(401), |exchange| {
        let wanted = format!("Basic {}", STANDARD.encode("tide:mill"));
        if exchange.request.header("authorization") == Some(&wanted) {
            exchange.html(ARTICLE)
        } else {
            unauthorized(exchange)
        }
    }),
    run(
        "/auth/elsewhere",
        "a redirect to another host name, which must not get the credentials",
        crate::Expected::Refused,
        |exchange| {
            let url = format!("http://localhost:{}/auth/basic", exchange.shared.address.port());
            exchange.redirect("302 Found", &url)
        },
    ),
];

fn failure(exchange: &mut Exchange<'_>, status: &str, lines: &str) -> io::Result<()> {
    let page = format!(
        "<!DOCTYPE html><title>{status}</title><h1>{status}</h1><p>There is nothing here to read.</p>"
    );
    exchange.respond(status, &format!("{HTML}{lines}"), page.as_bytes())
}

/// Answers with the status that the path names.
fn fails(exchange: &mut Exchange<'_>) -> io::Result<()> {
    let status = format!("{} Failed", exchange.below("/status/"));
    failure(exchange, &status, "")
}

fn unauthorized(exchange: &mut Exchange<'_>) -> io::Result<()> {
    failure(exchange, "401 Unauthorized", "WWW-Authenticate: Basic realm=\"mill\"\r\n")
}

fn fails_this_time(exchange: &Exchange<'_>) -> bool {
    !exchange.hit.is_multiple_of(FAILURES + 1)
}

fn flap(exchange: &mut Exchange<'_>, status: &str, lines: &str) -> io::Result<()> {
    if fails_this_time(exchange) { failure(exchange, status, lines) } else { exchange.html(ARTICLE) }
}

/// A date of HTTP so many seconds from now.
fn date_in(seconds: u64) -> io::Result<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(io::Error::other)?.as_secs();
    let then = i64::try_from(now + seconds).map_err(io::Error::other)?;
    let date = Timestamp::from_second(then)
        .and_then(|then| DateTimePrinter::new().timestamp_to_rfc9110_string(&then));
    date.map_err(|error| io::Error::other(error.to_string()))
}
