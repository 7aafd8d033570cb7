//! Redirects by status and by page, where they may lead and where not.

use std::io;

use super::Endpoint;
use crate::article::ARTICLE_PHRASE;
use crate::endpoint::Expected::{Fault as Fails, Page, Refused, Status};
use crate::endpoint::{Fault, html, raw, run};
use crate::exchange::Exchange;

const ARTICLE_THERE: crate::Expected = Page(ARTICLE_PHRASE);
const ENDLESS: crate::Expected = Fails(Fault::TooManyRedirects);
const INVALID: crate::Expected = Fails(Fault::InvalidRedirect);

pub(super) const ENDPOINTS: [Endpoint; 42] = [
    run(
        "/redirect/301",
        "301 to a page that shows the request's method; a POST may become a GET",
        Page("asked for with GET"),
        to_method,
    ),
    run(
        "/redirect/302",
        "302 to a page that shows the request's method; a POST may become a GET",
        Page("asked for with GET"),
        to_method,
    ),
    run(
        "/redirect/303",
        "303 to a page that shows the request's method; a POST becomes a GET",
        Page("asked for with GET"),
        to_method,
    ),
    run(
        "/redirect/307",
        "307 to a page that shows the request's method; a POST stays one",
        Page("asked for with GET"),
        to_method,
    ),
    run(
        "/redirect/308",
        "308 to a page that shows the request's method; a POST stays one",
        Page("asked for with GET"),
        to_method,
    ),
    run("/redirect/300", "300 with a list of pages and a Location", Status(300), |exchange| {
        exchange.redirect("300 Multiple Choices", "/article")
    }),
    run("/redirect/absolute", "to an absolute URL", ARTICLE_THERE, |exchange| {
        let url = format!("http://{}/article", exchange.shared.address);
        exchange.redirect("302 Found", &url)
    }),
    run("/redirect/relative", "to a relative path with dots", ARTICLE_THERE, |exchange| {
        exchange.redirect("302 Found", "../x/./../article")
    }),
    run("/redirect/scheme-relative", "to a URL without a scheme", ARTICLE_THERE, |exchange| {
        let url = format!("//{}/article", exchange.shared.address);
        exchange.redirect("302 Found", &url)
    }),
    run("/redirect/fragment", "to a URL with a fragment", ARTICLE_THERE, |exchange| {
        exchange.redirect("302 Found", "/article#mill")
    }),
    run(
        "/redirect/utf-8",
        "to a path with letters that are not escaped",
        Page("under its own name"),
        |exchange| exchange.redirect("302 Found", "/m\u{fc}hle"),
    ),
    html(
        "/m%C3%BChle",
        "a page whose path is not ASCII",
        Page("under its own name"),
        "<!DOCTYPE html><title>M\u{fc}hle</title><main><h1>M\u{fc}hle</h1><p>The mill can also be found under its own name, with the dots above the u.</p></main>",
    ),
    run("/redirect/body", "with a page of its own beside the Location", ARTICLE_THERE, |exchange| {
        exchange.respond(
            "302 Found",
            "Location: /article\r\nContent-Type: text/html\r\n",
            b"<p>It is elsewhere.",
        )
    }),
    run("/redirect/chain/5", "through five others; any number can be given", ARTICLE_THERE, chain),
    run("/redirect/chain/100", "through a hundred others", ENDLESS, chain),
    run("/redirect/self", "to itself", ENDLESS, |exchange| exchange.redirect("302 Found", "/redirect/self")),
    run("/redirect/loop", "to one that leads back", ENDLESS, |exchange| {
        exchange.redirect("302 Found", "/redirect/loop/back")
    }),
    run("/redirect/loop/back", "to one that leads back", ENDLESS, |exchange| {
        exchange.redirect("307 Temporary Redirect", "/redirect/loop")
    }),
    run("/redirect/growing", "to itself with a longer query each time", ENDLESS, |exchange| {
        let query = exchange.request.query.clone().unwrap_or_default();
        exchange.redirect("302 Found", &format!("/redirect/growing?{query}x"))
    }),
    run("/redirect/metadata", "to the metadata service of clouds", Refused, |exchange| {
        exchange.redirect("302 Found", "http://169.254.169.254/latest/meta-data/")
    }),
    run("/redirect/ipv6-loopback", "to a port of the IPv6 loopback", Refused, |exchange| {
        exchange.redirect("302 Found", "http://[::1]:1/")
    }),
    run("/redirect/mapped", "to an IPv4 address inside an IPv6 one", Refused, |exchange| {
        exchange.redirect("302 Found", "http://[::ffff:169.254.169.254]/")
    }),
    run("/redirect/hex", "to loopback in hexadecimal", Refused, |exchange| {
        exchange.redirect("302 Found", "http://0x7f.1/")
    }),
    run("/redirect/private", "to a private address", Refused, |exchange| {
        exchange.redirect("302 Found", "http://10.0.0.1/")
    }),
    run("/redirect/localhost", "to a name of the machine", Refused, |exchange| {
        exchange.redirect("302 Found", "http://localhost:1/")
    }),
    run("/redirect/other-port", "to another port of the same address", Refused, |exchange| {
        exchange.redirect("302 Found", "http://127.0.0.1:1/")
    }),
    run("/redirect/chain-metadata", "to one that leads to the metadata service", Refused, |exchange| {
        exchange.redirect("302 Found", "/redirect/metadata")
    }),
    run("/redirect/file", "to a file", Refused, |exchange| {
        exchange.redirect("302 Found", "file:///etc/hostname")
    }),
    run("/redirect/javascript", "to a script", Refused, |exchange| {
        exchange.redirect("302 Found", "javascript:alert(1)")
    }),
    run("/redirect/data", "to a data URL", Refused, |exchange| {
        exchange.redirect("302 Found", "data:text/html,<p>inside")
    }),
    run("/redirect/ftp", "to FTP", Refused, |exchange| exchange.redirect("302 Found", "ftp://127.0.0.1/")),
    run(
        "/redirect/https",
        "to HTTPS on the same port, which does not speak it",
        Fails(Fault::Disconnected),
        |exchange| {
            let url = format!("https://{}/article", exchange.shared.address);
            exchange.redirect("302 Found", &url)
        },
    ),
    run("/redirect/missing", "without a Location", Status(302), |exchange| {
        exchange.respond("302 Found", "", b"")
    }),
    run("/redirect/empty", "to nothing: an empty Location means the page itself", ENDLESS, |exchange| {
        exchange.redirect("302 Found", "")
    }),
    run("/redirect/invalid", "to what is no URL", INVALID, |exchange| {
        exchange.redirect("302 Found", "http://[not-an-address/")
    }),
    raw(
        "/redirect/two",
        "to two URLs",
        INVALID,
        "HTTP/1.1 302 Found\nLocation: /article\nLocation: /slow/silence\nContent-Length: 0\nConnection: close\n\n",
    ),
    html(
        "/refresh/page",
        "a page that sends its reader on at once",
        ARTICLE_THERE,
        "<!DOCTYPE html><meta http-equiv=\"refresh\" content=\"0; url=/article\"><title>Moved</title>",
    ),
    run("/refresh/field", "the same as a header field", ARTICLE_THERE, |exchange| {
        exchange.respond(
            "200 OK",
            "Content-Type: text/html\r\nRefresh: 0; url=/article\r\n",
            b"<title>Moved</title>",
        )
    }),
    html(
        "/refresh/later",
        "a page that sends its reader on after ten minutes",
        Page("stays long enough to be read"),
        "<!DOCTYPE html><meta http-equiv=\"refresh\" content=\"600; url=/slow/silence\"><title>Ticker</title><main><h1>Ticker</h1>\
         <p>This page of news is loaded again every ten minutes, and stays long enough to be read in between.</p></main>",
    ),
    run("/refresh/chain/3", "three pages that send their reader on", ARTICLE_THERE, refresh_chain),
    html(
        "/refresh/self",
        "a page that sends its reader to itself at once",
        ENDLESS,
        "<!DOCTYPE html><meta http-equiv=\"refresh\" content=\"0; url=/refresh/self\"><title>Round</title>",
    ),
    html(
        "/refresh/metadata",
        "a page that sends its reader to the metadata service of clouds",
        Refused,
        "<!DOCTYPE html><meta http-equiv=\"refresh\" content=\"0; url=http://169.254.169.254/\"><title>Inside</title>",
    ),
];

fn to_method(exchange: &mut Exchange<'_>) -> io::Result<()> {
    let status = exchange.below("/redirect/").to_owned();
    exchange.redirect(&format!("{status} Elsewhere"), "/redirect/method/shown")
}

/// A page that tells how it was asked for.
pub(super) fn method(exchange: &mut Exchange<'_>) -> io::Result<()> {
    let method = exchange.request.method.clone();
    exchange.html(&format!(
        "<!DOCTYPE html><title>Method</title><main><h1>Method</h1><p>This page was asked for with {method}, at the end of \
         the redirect.</p></main>"
    ))
}

/// `/redirect/chain/3` leads to 2, 1, and the article.
pub(super) fn chain(exchange: &mut Exchange<'_>) -> io::Result<()> {
    let next = before(exchange.below("/redirect/chain/"), "/redirect/chain/");
    exchange.redirect("302 Found", &next)
}

pub(super) fn refresh_chain(exchange: &mut Exchange<'_>) -> io::Result<()> {
    let next = before(exchange.below("/refresh/chain/"), "/refresh/chain/");
    exchange
        .html(&format!("<!DOCTYPE html><meta http-equiv=refresh content='0;URL={next}'><title>On</title>"))
}

fn before(number: &str, prefix: &str) -> String {
    match number.parse::<u32>() {
        Ok(number) if number > 1 => format!("{prefix}{}", number - 1),
        _ => "/article".to_owned(),
    }
}
