//! Answers that take their time, or never end.

use std::io;
use std::time::Duration;

use super::Endpoint;
use crate::article::{ARTICLE, ARTICLE_PHRASE};
use crate::endpoint::Expected::{Fault as Fails, Page};
use crate::endpoint::{Fault, run};
use crate::exchange::Exchange;

const HTML: &str = "Content-Type: text/html; charset=utf-8\r\n";

/// So slow that a page takes minutes, and never silent for long.
const DRIP: Duration = Duration::from_millis(100);

pub(super) const ENDPOINTS: [Endpoint; 11] = [
    run("/slow/silence", "no answer at all", Fails(Fault::Timeout), silence),
    run("/slow/after-head", "a head, then silence", Fails(Fault::Timeout), |exchange| {
        exchange.begin(HTML)?;
        exchange.wait()
    }),
    run("/slow/mid-head", "half a head, then silence", Fails(Fault::Timeout), |exchange| {
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Ty")?;
        exchange.wait()
    }),
    run("/slow/mid-body", "half an article, then silence", Fails(Fault::Timeout), |exchange| {
        exchange.begin(HTML)?;
        exchange.send(half(ARTICLE.as_bytes()))?;
        exchange.wait()
    }),
    run("/slow/mid-chunk", "half a chunk, then silence", Fails(Fault::Timeout), |exchange| {
        exchange.begin("Content-Type: text/html\r\nTransfer-Encoding: chunked\r\n")?;
        exchange.send(b"1000\r\n<p>half a chunk")?;
        exchange.wait()
    }),
    run("/slow/drip-head", "a head of ten bytes a second", Fails(Fault::Timeout), |exchange| {
        exchange.drip(b"HTTP/1.1 200 OK\r\n", DRIP)?;
        loop {
            exchange.drip(b"X-Slow: still here\r\n", DRIP)?;
        }
    }),
    run("/slow/drip-body", "a body of ten bytes a second, without end", Fails(Fault::Timeout), |exchange| {
        exchange.begin(HTML)?;
        loop {
            exchange.drip(b"<p>another drop</p>\n", DRIP)?;
        }
    }),
    run("/slow/enough", "an article in twenty parts over a second", Page(ARTICLE_PHRASE), |exchange| {
        exchange.begin(HTML)?;
        for part in ARTICLE.as_bytes().chunks(ARTICLE.len() / 20 + 1) {
            exchange.send(part)?;
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }),
    run(
        "/endless/body",
        "a body without end, as fast as it is read",
        Fails(Fault::BodyTooLarge),
        |exchange| {
            exchange.begin(HTML)?;
            exchange.send_forever(&b"<p>There is always one more paragraph.</p>\n".repeat(1_500))
        },
    ),
    run("/endless/chunks", "chunks without end, each of one byte", Fails(Fault::BodyTooLarge), |exchange| {
        exchange.begin("Content-Type: text/html\r\nTransfer-Encoding: chunked\r\n")?;
        exchange.send_forever(&b"1\r\nx\r\n".repeat(10_000))
    }),
    run("/endless/head", "header fields without end", Fails(Fault::HeadTooLarge), |exchange| {
        exchange.send(b"HTTP/1.1 200 OK\r\n")?;
        exchange.send_forever(&b"X-More: there is always one more field\r\n".repeat(1_500))
    }),
];

pub(super) fn silence(exchange: &mut Exchange<'_>) -> io::Result<()> {
    exchange.wait()
}

/// The first half of some bytes.
pub(super) fn half(bytes: &[u8]) -> &[u8] {
    bytes.split_at_checked(bytes.len() / 2).map_or(bytes, |(first, _)| first)
}
