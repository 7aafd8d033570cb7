//! Answers that may be kept, or must not be (RFC 9111), and cookies (RFC 6265).

use std::io;

use super::Endpoint;
use crate::article::{ARTICLE, ARTICLE_PHRASE};
use crate::endpoint::Expected::{Page, Status};
use crate::endpoint::run;
use crate::exchange::Exchange;

const HERE: crate::Expected = Page(ARTICLE_PHRASE);
const MODIFIED: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

pub(super) const ENDPOINTS: [Endpoint; 15] = [
    run("/cache/max-age", "an article that is fresh for an hour", HERE, |exchange| {
        keep(exchange, "Cache-Control: max-age=3600\r\n")
    }),
    run("/cache/no-store", "an article that must not be kept", HERE, |exchange| {
        keep(exchange, "Cache-Control: no-store\r\n")
    }),
    run(
        "/cache/no-cache",
        "an article that must be asked for each time, with an entity tag",
        HERE,
        |exchange| validate(exchange, "Cache-Control: no-cache\r\n", "\"mill-1\""),
    ),
    run("/cache/etag", "an article with an entity tag: 304 to whoever has it", HERE, |exchange| {
        validate(exchange, "", "\"mill-1\"")
    }),
    run("/cache/weak-etag", "an article with a weak entity tag: 304 to whoever has it", HERE, |exchange| {
        validate(exchange, "", "W/\"mill-1\"")
    }),
    run("/cache/last-modified", "an article with a date: 304 to whoever has it", HERE, |exchange| {
        if exchange.request.header("if-modified-since") == Some(MODIFIED) {
            return not_modified(exchange, "");
        }
        keep(exchange, &format!("Cache-Control: max-age=0\r\nLast-Modified: {MODIFIED}\r\n"))
    }),
    run("/cache/changing", "an article whose entity tag is another each time", HERE, |exchange| {
        let tag = format!("\"mill-{}\"", exchange.hit);
        validate(exchange, "Cache-Control: no-cache\r\n", &tag)
    }),
    run(
        "/cache/lying-304",
        "304 for another entity tag than the one that was sent, to whoever sends one",
        HERE,
        |exchange| {
            if exchange.request.header("if-none-match").is_some() {
                return not_modified(exchange, "ETag: \"other\"\r\n");
            }
            validate(exchange, "Cache-Control: no-cache\r\n", "\"mill-1\"")
        },
    ),
    run("/cache/expired", "an article that expired long ago", HERE, |exchange| {
        keep(exchange, &format!("Expires: {MODIFIED}\r\n"))
    }),
    run(
        "/cache/vary",
        "a page that tells in which language it was asked for, and says that it varies",
        Page("asked for in the language"),
        |exchange| {
            let language = exchange.request.header("accept-language").unwrap_or("none").to_owned();
            let page = format!(
                "<!DOCTYPE html><title>Languages</title><main><p>This page was asked for in the language &quot;{language}&quot;, and there is another for each.</p></main>"
            );
            exchange.respond(
                "200 OK",
                "Content-Type: text/html\r\nCache-Control: max-age=3600\r\nVary: Accept-Language\r\n",
                page.as_bytes(),
            )
        },
    ),
    run("/cache/vary-all", "an article that varies with everything", HERE, |exchange| {
        keep(exchange, "Cache-Control: max-age=3600\r\nVary: *\r\n")
    }),
    run(
        "/cache/counter",
        "a page that tells how often it was asked for, fresh for an hour",
        Page("asked for so often"),
        |exchange| {
            let page = format!(
                "<!DOCTYPE html><title>Counter</title><main><p>This page has been asked for so often: {} times in all.</p></main>",
                exchange.hit
            );
            exchange.respond(
                "200 OK",
                "Content-Type: text/html\r\nCache-Control: max-age=3600\r\n",
                page.as_bytes(),
            )
        },
    ),
    run("/cookie/set", "sets a cookie and leads to where it is needed", HERE, |exchange| {
        exchange.respond(
            "302 Found",
            "Location: /cookie/required\r\nSet-Cookie: ticket=42; Path=/cookie; HttpOnly\r\n",
            b"",
        )
    }),
    run("/cookie/required", "an article for whoever has the cookie", Status(403), |exchange| {
        let has_ticket = |cookies: &str| cookies.split(';').any(|cookie| cookie.trim() == "ticket=42");
        if exchange.request.header("cookie").is_some_and(has_ticket) {
            return exchange.html(ARTICLE);
        }
        exchange.respond(
            "403 Forbidden",
            "Content-Type: text/html\r\n",
            b"<title>403</title><p>Where is your ticket?",
        )
    }),
    run("/cookie/many", "an article with 60 cookies", HERE, |exchange| {
        let cookies: String =
            (0..60).map(|number| format!("Set-Cookie: c{number}={}\r\n", "x".repeat(64))).collect();
        keep(exchange, &cookies)
    }),
];

fn keep(exchange: &mut Exchange<'_>, lines: &str) -> io::Result<()> {
    exchange.respond(
        "200 OK",
        &format!("Content-Type: text/html; charset=utf-8\r\n{lines}"),
        ARTICLE.as_bytes(),
    )
}

/// The article with an entity tag, or 304 if the request has the same.
fn validate(exchange: &mut Exchange<'_>, lines: &str, tag: &str) -> io::Result<()> {
    let lines = format!("{lines}ETag: {tag}\r\n");
    let opaque = tag.trim_start_matches("W/");
    let known = exchange.request.header("if-none-match").is_some_and(|tags| tags.contains(opaque));
    if known { not_modified(exchange, &lines) } else { keep(exchange, &lines) }
}

fn not_modified(exchange: &mut Exchange<'_>, lines: &str) -> io::Result<()> {
    exchange.send(format!("HTTP/1.1 304 Not Modified\r\n{lines}Connection: close\r\n\r\n").as_bytes())
}
