//! Content codings: right, broken, lying, and bombs.
//!
//! The path names the coding: `/coding/gzip/right`.

use std::io::{self, Write};

use super::Endpoint;
use super::slow::half;
use crate::article::{ARTICLE, ARTICLE_PHRASE};
use crate::coding::Coding;
use crate::endpoint::Expected::{Fault as Fails, Page, Truncated};
use crate::endpoint::{Fault, run};
use crate::exchange::Exchange;

const UNDECODABLE: crate::Expected = Fails(Fault::Undecodable);
const BOMB: crate::Expected = Fails(Fault::BodyTooLarge);

pub(super) const ENDPOINTS: [Endpoint; 24] = [
    run("/coding/gzip/right", "an article in gzip", Page(ARTICLE_PHRASE), right),
    run("/coding/deflate/right", "an article in deflate, with the zlib header", Page(ARTICLE_PHRASE), right),
    run("/coding/br/right", "an article in Brotli", Page(ARTICLE_PHRASE), right),
    run("/coding/zstd/right", "an article in Zstandard", Page(ARTICLE_PHRASE), right),
    run("/coding/gzip/members", "an article in two gzip members", Page(ARTICLE_PHRASE), members),
    run("/coding/gzip/twice", "an article in gzip in gzip, both named", Page(ARTICLE_PHRASE), twice),
    run(
        "/coding/gzip/x-gzip",
        "an article in gzip by its old name, in capitals",
        Page(ARTICLE_PHRASE),
        |exchange| coded(exchange, "X-GZIP", &Coding::Gzip.encoded(ARTICLE.as_bytes())?),
    ),
    run(
        "/coding/gzip/truncated",
        "half of an article in gzip, with the length of the half",
        Truncated,
        truncated,
    ),
    run(
        "/coding/deflate/truncated",
        "half of an article in deflate, with the length of the half",
        Truncated,
        truncated,
    ),
    run(
        "/coding/br/truncated",
        "half of an article in Brotli, with the length of the half",
        Truncated,
        truncated,
    ),
    run(
        "/coding/zstd/truncated",
        "half of an article in Zstandard, with the length of the half",
        Truncated,
        truncated,
    ),
    run("/coding/gzip/checksum", "an article in gzip with a wrong checksum", UNDECODABLE, checksum),
    run("/coding/gzip/plain", "a plain article that claims to be in gzip", UNDECODABLE, plain),
    run("/coding/br/plain", "a plain article that claims to be in Brotli", UNDECODABLE, plain),
    run("/coding/zstd/plain", "a plain article that claims to be in Zstandard", UNDECODABLE, plain),
    run("/coding/gzip/as-br", "an article in gzip that claims to be in Brotli", UNDECODABLE, |exchange| {
        coded(exchange, "br", &Coding::Gzip.encoded(ARTICLE.as_bytes())?)
    }),
    run("/coding/identity", "a plain article that says so", Page(ARTICLE_PHRASE), |exchange| {
        coded(exchange, "identity", ARTICLE.as_bytes())
    }),
    run("/coding/unknown", "an article in a coding that nobody knows", UNDECODABLE, |exchange| {
        coded(exchange, "tide-table", ARTICLE.as_bytes())
    }),
    run("/coding/many", "an article that claims fifty codings", UNDECODABLE, |exchange| {
        coded(exchange, &["gzip"; 50].join(", "), &Coding::Gzip.encoded(ARTICLE.as_bytes())?)
    }),
    run("/coding/gzip/bomb", "a gibibyte of zeroes in gzip", BOMB, bomb),
    run("/coding/deflate/bomb", "a gibibyte of zeroes in deflate", BOMB, bomb),
    run("/coding/br/bomb", "a gibibyte of zeroes in Brotli", BOMB, bomb),
    run("/coding/zstd/bomb", "a gibibyte of zeroes in Zstandard", BOMB, bomb),
    run("/coding/nested-bomb", "a gibibyte of zeroes in gzip in gzip", BOMB, nested_bomb),
];

/// The coding that the path names.
fn coding_of(exchange: &Exchange<'_>) -> io::Result<Coding> {
    let name = exchange.below("/coding/").split('/').next().unwrap_or_default();
    Coding::named(name).ok_or_else(|| io::Error::other("the path names no coding"))
}

fn coded(exchange: &mut Exchange<'_>, coding: &str, body: &[u8]) -> io::Result<()> {
    let lines = format!("Content-Type: text/html; charset=utf-8\r\nContent-Encoding: {coding}\r\n");
    exchange.respond("200 OK", &lines, body)
}

fn right(exchange: &mut Exchange<'_>) -> io::Result<()> {
    let coding = coding_of(exchange)?;
    coded(exchange, coding.name(), &coding.encoded(ARTICLE.as_bytes())?)
}

fn truncated(exchange: &mut Exchange<'_>) -> io::Result<()> {
    let coding = coding_of(exchange)?;
    coded(exchange, coding.name(), half(&coding.encoded(ARTICLE.as_bytes())?))
}

fn plain(exchange: &mut Exchange<'_>) -> io::Result<()> {
    let coding = coding_of(exchange)?;
    coded(exchange, coding.name(), ARTICLE.as_bytes())
}

fn members(exchange: &mut Exchange<'_>) -> io::Result<()> {
    let first = half(ARTICLE.as_bytes());
    let second = ARTICLE.as_bytes().get(first.len()..).unwrap_or_default();
    coded(exchange, "gzip", &[Coding::Gzip.encoded(first)?, Coding::Gzip.encoded(second)?].concat())
}

fn twice(exchange: &mut Exchange<'_>) -> io::Result<()> {
    coded(exchange, "gzip, gzip", &Coding::Gzip.encoded(&Coding::Gzip.encoded(ARTICLE.as_bytes())?)?)
}

fn checksum(exchange: &mut Exchange<'_>) -> io::Result<()> {
    let mut body = Coding::Gzip.encoded(ARTICLE.as_bytes())?;
    // The last eight bytes are checksum and length.
    if let Some(byte) = body.iter_mut().rev().nth(7) {
        *byte ^= 0xFF;
    }
    coded(exchange, "gzip", &body)
}

/// Writes a gibibyte of zeroes. What has been made of them is sent from time to time, so that nobody waits for the last.
fn zeroes(output: &mut dyn Write) -> io::Result<()> {
    let zeroes = [0; 64 << 10];
    (0..64).try_for_each(|_| {
        (0..256).try_for_each(|_| output.write_all(&zeroes))?;
        output.flush()
    })
}

fn bomb(exchange: &mut Exchange<'_>) -> io::Result<()> {
    let coding = coding_of(exchange)?;
    exchange.begin(&format!("Content-Type: text/html\r\nContent-Encoding: {}\r\n", coding.name()))?;
    coding.encode(exchange, &mut zeroes)
}

fn nested_bomb(exchange: &mut Exchange<'_>) -> io::Result<()> {
    exchange.begin("Content-Type: text/html\r\nContent-Encoding: gzip, gzip\r\n")?;
    Coding::Gzip.encode(exchange, &mut |output| Coding::Gzip.encode(output, &mut zeroes))
}
