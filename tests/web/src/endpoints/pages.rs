//! Pages of HTML as they should be, as they should not be, and of absurd shape.

use std::io;

use super::Endpoint;
use crate::article::{ARTICLE, ARTICLE_PHRASE, bulk_page};
use crate::endpoint::Expected::{self, Page, Unsupported};
use crate::endpoint::{html, raw, run};
use crate::exchange::Exchange;

const ARTICLE_HERE: Expected = Page(ARTICLE_PHRASE);

pub(super) const ENDPOINTS: [Endpoint; 14] = [
    run("/", "a page with links to all others", Page("every path of this site"), index),
    html("/article", "an ordinary article", ARTICLE_HERE, ARTICLE),
    run(
        "/bulk/1",
        "one of any number of distinct articles; the number is part of the path",
        Page("entry number 1 of"),
        bulk,
    ),
    raw(
        "/html/xhtml",
        "XHTML with its own media type",
        Page("a page of strict elements"),
        "HTTP/1.1 200 OK\nContent-Type: application/xhtml+xml\nConnection: close\n\n\
         <?xml version=\"1.0\" encoding=\"utf-8\"?>\n<html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>Strict</title></head>\
         <body><h1>Strict</h1><p>This is a page of strict elements, each of which is closed, even <br/> the empty ones.</p></body></html>",
    ),
    run("/html/without-type", "an article without Content-Type", ARTICLE_HERE, |exchange| {
        exchange.respond("200 OK", "", ARTICLE.as_bytes())
    }),
    run(
        "/html/as-text",
        "an article that claims to be plain text",
        Expected::Document("text/plain", ARTICLE_PHRASE),
        |exchange| exchange.respond("200 OK", "Content-Type: text/plain\r\n", ARTICLE.as_bytes()),
    ),
    run("/html/as-octets", "an article that claims to be a stream of octets", Unsupported, |exchange| {
        exchange.respond("200 OK", "Content-Type: application/octet-stream\r\n", ARTICLE.as_bytes())
    }),
    run("/html/nonsense-type", "an article whose Content-Type is no media type", ARTICLE_HERE, |exchange| {
        exchange.respond("200 OK", "Content-Type: ;;html/=\"\r\n", ARTICLE.as_bytes())
    }),
    run("/html/two-types", "an article with two Content-Type fields", ARTICLE_HERE, |exchange| {
        exchange.respond(
            "200 OK",
            "Content-Type: text/html\r\nContent-Type: text/html; charset=utf-8\r\n",
            ARTICLE.as_bytes(),
        )
    }),
    run("/html/binary", "bytes of no meaning that claim to be HTML", Unsupported, binary),
    run("/html/empty", "a page of no bytes", Expected::Status(200), |exchange| exchange.html("")),
    run("/html/nested", "an article below 100,000 nested elements", ARTICLE_HERE, nested),
    run("/html/attributes", "an article below an element with 100,000 attributes", ARTICLE_HERE, attributes),
    run("/html/long", "an article followed by 8 MiB of hidden text", ARTICLE_HERE, long),
];

fn index(exchange: &mut Exchange<'_>) -> io::Result<()> {
    let rows: String = super::endpoints()
        .map(|endpoint| format!("<li><a href=\"{0}\">{0}</a>: {1}</li>\n", endpoint.path, endpoint.what))
        .collect();
    exchange.html(&format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Test site</title></head><body><main>\
         <h1>Test site</h1><p>This list names every path of this site and what happens there.</p>\n<ul>{rows}</ul>\
         </main></body></html>\n"
    ))
}

pub(super) fn bulk(exchange: &mut Exchange<'_>) -> io::Result<()> {
    match exchange.below("/bulk/").parse() {
        Ok(number) => exchange.html(&bulk_page(number)),
        Err(_) => exchange.respond("404 Not Found", "Content-Type: text/plain\r\n", b"no such number"),
    }
}

fn binary(exchange: &mut Exchange<'_>) -> io::Result<()> {
    let bytes: Vec<u8> =
        (0..20_000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    exchange.respond("200 OK", "Content-Type: text/html\r\n", &bytes)
}

/// The article with something in front of its content.
fn with(before: &str) -> String {
    ARTICLE.replacen("<body>", &format!("<body>{before}"), 1)
}

fn nested(exchange: &mut Exchange<'_>) -> io::Result<()> {
    exchange.html(&with(&format!("{}deep{}", "<div>".repeat(100_000), "</div>".repeat(100_000))))
}

fn attributes(exchange: &mut Exchange<'_>) -> io::Result<()> {
    let attributes: String = (0..100_000).map(|number| format!(" a{number}=\"{number}\"")).collect();
    exchange.html(&with(&format!("<div{attributes}></div>")))
}

fn long(exchange: &mut Exchange<'_>) -> io::Result<()> {
    let page = format!("{ARTICLE}<!-- {} -->", "nobody reads this. ".repeat((8 << 20) / 19));
    exchange.html(&page)
}
