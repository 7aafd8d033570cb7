//! Messages that HTTP/1.1 knows, knows of, and does not know (RFC 9112).

use std::io;

use super::Endpoint;
use super::slow::half;
use crate::article::{ARTICLE, ARTICLE_PHRASE};
use crate::endpoint::Expected::{Fault as Fails, Page, Truncated};
use crate::endpoint::{Fault, raw, run};
use crate::exchange::Exchange;

const HERE: crate::Expected = Page(ARTICLE_PHRASE);
const MALFORMED: crate::Expected = Fails(Fault::Malformed);
const DISCONNECTED: crate::Expected = Fails(Fault::Disconnected);
const HTML: &str = "Content-Type: text/html; charset=utf-8\r\n";
const CHUNKED: &str = "Content-Type: text/html; charset=utf-8\r\nTransfer-Encoding: chunked\r\n";

pub(super) const ENDPOINTS: [Endpoint; 35] = [
    run("/framing/http-1.0", "HTTP/1.0 without a length", HERE, |exchange| {
        exchange.send(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n")?;
        exchange.send(ARTICLE.as_bytes())
    }),
    run("/framing/http-0.9", "a body and nothing else, as in HTTP/0.9", MALFORMED, |exchange| {
        exchange.send(ARTICLE.as_bytes())
    }),
    raw(
        "/framing/other-protocol",
        "the greeting of a mail server",
        MALFORMED,
        "220 mail.example ESMTP ready\r\n",
    ),
    raw(
        "/framing/no-reason",
        "a status line without a reason",
        Page("without giving a reason"),
        "HTTP/1.1 200\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<title>200</title><main><p>The server answers without giving a reason, as it may.</p></main>",
    ),
    raw(
        "/framing/line-feeds",
        "lines that end in plain line feeds",
        Page("without a carriage return"),
        "HTTP/1.1 200 OK\nContent-Type: text/html\nConnection: close\n\n<title>LF</title><main><p>Every line of the head came without a carriage return.</p></main>",
    ),
    run("/framing/until-close", "a body that ends with the connection", HERE, |exchange| {
        exchange.begin(HTML)?;
        exchange.send(ARTICLE.as_bytes())
    }),
    run("/framing/chunked", "chunks with extensions and trailers", HERE, |exchange| {
        exchange.begin(CHUNKED)?;
        for part in ARTICLE.as_bytes().chunks(100) {
            exchange.send(format!("{:X};part=\"yes\"\r\n", part.len()).as_bytes())?;
            exchange.send(part)?;
            exchange.send(b"\r\n")?;
        }
        exchange.send(b"0\r\nX-Trailer: done\r\n\r\n")
    }),
    run("/framing/chunked/truncated", "chunks without the last one", Truncated, |exchange| {
        exchange.begin(CHUNKED)?;
        chunk(exchange, half(ARTICLE.as_bytes()))
    }),
    run("/framing/chunked/mid-chunk", "half of a chunk, then the end", Truncated, |exchange| {
        exchange.begin(CHUNKED)?;
        exchange.send(format!("{:x}\r\n", ARTICLE.len()).as_bytes())?;
        exchange.send(half(ARTICLE.as_bytes()))
    }),
    run("/framing/chunked/bad-size", "a chunk whose size is no number", MALFORMED, |exchange| {
        exchange.begin(CHUNKED)?;
        exchange.send(b"some\r\n<p>bytes</p>\r\n0\r\n\r\n")
    }),
    run("/framing/chunked/negative", "a chunk of negative size", MALFORMED, |exchange| {
        exchange.begin(CHUNKED)?;
        exchange.send(b"-5\r\n<p>bytes</p>\r\n0\r\n\r\n")
    }),
    run("/framing/chunked/overflow", "a chunk whose size is larger than any number", MALFORMED, |exchange| {
        exchange.begin(CHUNKED)?;
        exchange.send(b"fffffffffffffffff\r\n<p>bytes</p>\r\n0\r\n\r\n")
    }),
    run("/framing/length/truncated", "half of the bytes that were announced", Truncated, |exchange| {
        exchange.begin(&format!("{HTML}Content-Length: {}\r\n", ARTICLE.len()))?;
        exchange.send(half(ARTICLE.as_bytes()))
    }),
    run("/framing/length/more", "more bytes than were announced", HERE, |exchange| {
        exchange.begin(&format!("{HTML}Content-Length: {}\r\n", ARTICLE.len()))?;
        exchange.send(ARTICLE.as_bytes())?;
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nsmuggled")
    }),
    run("/framing/length/twice-equal", "the same length twice", HERE, |exchange| {
        exchange.begin(&format!("{HTML}Content-Length: {0}\r\nContent-Length: {0}\r\n", ARTICLE.len()))?;
        exchange.send(ARTICLE.as_bytes())
    }),
    run("/framing/length/twice-different", "two lengths", MALFORMED, |exchange| {
        exchange.begin(&format!("{HTML}Content-Length: {}\r\nContent-Length: 7\r\n", ARTICLE.len()))?;
        exchange.send(ARTICLE.as_bytes())
    }),
    run("/framing/length/negative", "a negative length", MALFORMED, |exchange| {
        exchange.begin(&format!("{HTML}Content-Length: -1\r\n"))?;
        exchange.send(ARTICLE.as_bytes())
    }),
    run(
        "/framing/length/huge",
        "a length of an exbibyte, then a short page and the end",
        Fails(Fault::BodyTooLarge),
        |exchange| {
            exchange.begin(&format!("{HTML}Content-Length: {}\r\n", 1_u64 << 60))?;
            exchange.send(ARTICLE.as_bytes())
        },
    ),
    run("/framing/length/and-chunked", "a length and chunks: the chunks count", HERE, |exchange| {
        exchange.begin(&format!("{CHUNKED}Content-Length: 7\r\n"))?;
        chunk(exchange, ARTICLE.as_bytes())?;
        exchange.send(b"0\r\n\r\n")
    }),
    run("/framing/interim/100", "100 (Continue) before the answer", HERE, |exchange| {
        interim(exchange, "100 Continue\r\n")
    }),
    run("/framing/interim/103", "103 (Early Hints) before the answer", HERE, |exchange| {
        interim(exchange, "103 Early Hints\r\nLink: </style.css>; rel=preload; as=style\r\n")
    }),
    run("/framing/interim/many", "interim answers without end", Fails(Fault::Timeout), |exchange| {
        loop {
            exchange.drip(b"HTTP/1.1 102 Processing\r\n\r\n", std::time::Duration::from_millis(2))?;
        }
    }),
    run("/framing/close/at-once", "the connection closed before any byte", DISCONNECTED, |exchange| {
        exchange.close()
    }),
    run("/framing/close/mid-head", "the connection closed in the head", DISCONNECTED, |exchange| {
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: te")
    }),
    run("/framing/reset/at-once", "the connection reset before any byte", DISCONNECTED, |exchange| {
        exchange.reset()
    }),
    run("/framing/reset/mid-body", "the connection reset in the body", Truncated, |exchange| {
        exchange.begin(&format!("{HTML}Content-Length: {}\r\n", ARTICLE.len()))?;
        exchange.send(half(ARTICLE.as_bytes()))?;
        // Time to read what there is: a reset throws away what was not read.
        std::thread::sleep(std::time::Duration::from_millis(100));
        exchange.reset()
    }),
    run("/head/large", "one field of a mebibyte", Fails(Fault::HeadTooLarge), |exchange| {
        let value = "x".repeat(1 << 20);
        exchange.respond("200 OK", &format!("{HTML}X-Large: {value}\r\n"), ARTICLE.as_bytes())
    }),
    run("/head/many", "5,000 fields", Fails(Fault::HeadTooLarge), |exchange| fields(exchange, 5_000)),
    run("/head/some", "80 fields", HERE, |exchange| fields(exchange, 80)),
    run("/head/no-colon", "a field without a colon", MALFORMED, |exchange| {
        exchange.respond("200 OK", &format!("{HTML}this is no field\r\n"), ARTICLE.as_bytes())
    }),
    run("/head/space-before-colon", "a space between a name and its colon", MALFORMED, |exchange| {
        exchange.respond("200 OK", &format!("{HTML}X-Space : yes\r\n"), ARTICLE.as_bytes())
    }),
    run("/head/folded", "a value that goes on in the next line, as was once allowed", HERE, |exchange| {
        exchange.respond("200 OK", &format!("{HTML}X-Folded: one\r\n two\r\n"), ARTICLE.as_bytes())
    }),
    run("/head/non-ascii", "a value with bytes that are not ASCII", HERE, |exchange| {
        exchange.respond("200 OK", &format!("{HTML}X-Place: M\u{fc}hlbach\r\n"), ARTICLE.as_bytes())
    }),
    run("/head/nul", "a value with a NUL in it", MALFORMED, |exchange| {
        exchange.respond("200 OK", &format!("{HTML}X-Nul: a\0b\r\n"), ARTICLE.as_bytes())
    }),
    run("/head/no-fields", "a status line, an empty line, a page", HERE, |exchange| {
        exchange.send(b"HTTP/1.1 200 OK\r\n\r\n")?;
        exchange.send(ARTICLE.as_bytes())
    }),
];

fn chunk(exchange: &mut Exchange<'_>, bytes: &[u8]) -> io::Result<()> {
    exchange.send(format!("{:x}\r\n", bytes.len()).as_bytes())?;
    exchange.send(bytes)?;
    exchange.send(b"\r\n")
}

fn interim(exchange: &mut Exchange<'_>, head: &str) -> io::Result<()> {
    exchange.send(format!("HTTP/1.1 {head}\r\n").as_bytes())?;
    exchange.html(ARTICLE)
}

fn fields(exchange: &mut Exchange<'_>, count: usize) -> io::Result<()> {
    let fields: String = (0..count).map(|number| format!("X-Field-{number}: {number}\r\n")).collect();
    exchange.respond("200 OK", &format!("{HTML}{fields}"), ARTICLE.as_bytes())
}
