//! The site itself, asked over plain sockets.

#![expect(clippy::expect_used, reason = "what tests share is not marked as a test")]

use std::collections::HashSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use riptide_test_site::{
    ARTICLE_PHRASE, Endpoint, Expected, Fault, RobotsFile, Site, bulk_phrase, endpoint, endpoints,
};

fn site() -> Site {
    Site::start().expect("the site starts")
}

/// Sends a request on a connection of its own.
fn ask(site: &Site, path: &str, fields: &str) -> TcpStream {
    let mut stream = TcpStream::connect(site.address()).expect("the site listens");
    // No test waits for it, unless the site is broken.
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout can be set");
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{fields}Connection: close\r\n\r\n", site.address());
    stream.write_all(request.as_bytes()).expect("the request is sent");
    stream
}

/// All bytes of the answer, as text.
fn answer(site: &Site, path: &str) -> String {
    answer_with(site, path, "")
}

fn answer_with(site: &Site, path: &str, fields: &str) -> String {
    let mut bytes = Vec::new();
    ask(site, path, fields).read_to_end(&mut bytes).expect("the answer ends");
    String::from_utf8_lossy(&bytes).into_owned()
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

fn under(prefix: &str) -> impl Iterator<Item = &'static Endpoint> {
    endpoints().filter(move |endpoint| endpoint.path.starts_with(prefix))
}

#[test]
fn the_table_names_each_path_once() {
    let paths: HashSet<_> = endpoints().map(|endpoint| endpoint.path).collect();
    assert_eq!(paths.len(), endpoints().count());
    assert!(paths.len() >= 200, "{}", paths.len());
    assert!(paths.iter().all(|path| path.starts_with('/')));
    assert_eq!(endpoint("/article").unwrap().expected, Expected::Page(ARTICLE_PHRASE));
    assert!(endpoint("/nothing").is_none());
}

#[test]
fn pages_have_the_words_that_the_table_promises() {
    let site = site();
    for group in [
        "/article",
        "/html",
        "/script",
        "/hanging",
        "/dialog",
        "/cache",
        "/file/t",
        "/file/m",
        "/file/json",
        "/feed",
        "/bulk",
    ] {
        for endpoint in under(group) {
            let answer = answer(&site, endpoint.path);
            match endpoint.expected {
                Expected::Page(phrase) | Expected::Embedded(phrase) | Expected::Document(_, phrase) => {
                    assert!(answer.contains(phrase), "{}: {answer}", endpoint.path);
                }
                Expected::Rendered(phrase) => assert!(!answer.contains(phrase), "{}", endpoint.path),
                _ => {}
            }
        }
    }
}

#[test]
fn bulk_pages_are_distinct() {
    let site = site();
    let pages: HashSet<_> = (0..200).map(|number| answer(&site, &format!("/bulk/{number}"))).collect();
    assert_eq!(pages.len(), 200);
    let page = answer(&site, "/bulk/123456789");
    assert!(page.contains(&bulk_phrase(123_456_789)) && page.len() > 2_000, "{page}");
    assert_eq!(status(&answer(&site, "/bulk/x")), "404");
}

#[test]
fn statuses_are_those_of_the_table() {
    let site = site();
    for endpoint in under("/status/") {
        if let Expected::Status(expected) = endpoint.expected {
            assert_eq!(status(&answer(&site, endpoint.path)), expected.to_string(), "{}", endpoint.path);
        }
    }
    assert_eq!(status(&answer(&site, "/nothing")), "404");
    assert_eq!(status(&answer_with(&site, "/auth/basic", "Authorization: Basic dGlkZTptaWxs\r\n")), "200");
}

#[test]
fn what_flaps_works_every_third_time() {
    let site = site();
    for endpoint in under("/flapping/") {
        let works = |_| status(&answer(&site, endpoint.path)) == "200";
        assert_eq!((0..6).map(works).collect::<Vec<_>>(), [false, false, true, false, false, true]);
        assert_eq!(site.hits(endpoint.path), 6);
    }
    let date = answer(&site, "/flapping/503-date");
    assert!(date.contains("Retry-After: ") && date.contains(" GMT\r\n"), "{date}");
    site.forget();
    assert_eq!(site.hits("/flapping/500"), 0);
}

#[test]
fn redirects_lead_where_the_table_says() {
    let site = site();
    for endpoint in under("/redirect/") {
        let answer = answer(&site, endpoint.path);
        let has_location = answer.contains("\r\nLocation: ") || answer.contains("\nLocation: ");
        assert_eq!(has_location, endpoint.expected != Expected::Status(302), "{answer}");
    }
    assert!(answer(&site, "/redirect/chain/3").contains("Location: /redirect/chain/2\r\n"));
    assert!(answer(&site, "/redirect/chain/1").contains("Location: /article\r\n"));
}

#[test]
fn conditions_and_cookies_are_understood() {
    let site = site();
    let modified = "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
    assert_eq!(status(&answer_with(&site, "/cache/last-modified", modified)), "304");
    for path in ["/cache/etag", "/cache/weak-etag", "/cache/no-cache", "/cache/lying-304"] {
        assert_eq!(status(&answer(&site, path)), "200");
        assert_eq!(status(&answer_with(&site, path, "If-None-Match: W/\"mill-1\"\r\n")), "304", "{path}");
    }
    assert_eq!(status(&answer_with(&site, "/cache/etag", "If-None-Match: \"other\"\r\n")), "200");
    assert_eq!(site.requests("/cache/etag")[2].header("if-none-match"), Some("\"other\""));
    assert_eq!(status(&answer(&site, "/cookie/required")), "403");
    assert_eq!(status(&answer_with(&site, "/cookie/required", "Cookie: a=b; ticket=42\r\n")), "200");
}

#[test]
fn texts_come_in_the_bytes_of_their_encodings() {
    let site = site();
    for endpoint in under("/charset/") {
        let mut bytes = Vec::new();
        ask(&site, endpoint.path, "").read_to_end(&mut bytes).unwrap();
        let body = bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| &bytes[at + 4..]).unwrap();
        let label = endpoint.path.split('/').nth(2).unwrap();
        let encoding = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap();
        let (text, _, malformed) = encoding.decode(body);
        let Expected::Page(phrase) = endpoint.expected else { panic!("{} is a page", endpoint.path) };
        assert!(!malformed && text.contains(phrase), "{}: {text}", endpoint.path);
        assert!(!bytes.is_ascii() || label == "iso-2022-jp");
    }
}

#[test]
fn coded_pages_are_what_they_claim_or_not() {
    let site = site();
    let body = |path: &str| {
        let mut bytes = Vec::new();
        ask(&site, path, "").read_to_end(&mut bytes).unwrap();
        let at = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        bytes.split_off(at + 4)
    };
    let gzip = |bytes: &[u8]| {
        let mut text = String::new();
        flate2::read::MultiGzDecoder::new(bytes).read_to_string(&mut text).map(|_| text)
    };
    assert!(gzip(&body("/coding/gzip/right")).unwrap().contains(ARTICLE_PHRASE));
    assert!(gzip(&body("/coding/gzip/members")).unwrap().contains(ARTICLE_PHRASE));
    assert!(gzip(&body("/coding/gzip/truncated")).is_err());
    assert!(gzip(&body("/coding/gzip/checksum")).is_err());
    assert!(gzip(&body("/coding/gzip/plain")).is_err());
    let zstd = zstd::stream::decode_all(&*body("/coding/zstd/right")).unwrap();
    assert!(String::from_utf8(zstd).unwrap().contains(ARTICLE_PHRASE));
    let mut brotli = String::new();
    brotli::Decompressor::new(&*body("/coding/br/right"), 4_096).read_to_string(&mut brotli).unwrap();
    assert!(brotli.contains(ARTICLE_PHRASE));
    let mut deflate = String::new();
    flate2::read::ZlibDecoder::new(&*body("/coding/deflate/right")).read_to_string(&mut deflate).unwrap();
    assert!(deflate.contains(ARTICLE_PHRASE));
}

#[test]
fn bombs_are_small_and_grow_past_any_limit() {
    const LIMIT: u64 = 48 << 20;
    let site = site();
    let unpacked = |path: &str, decoder: &dyn Fn(TcpStream) -> Box<dyn std::io::Read>| {
        let mut stream = ask(&site, path, "");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        std::io::copy(&mut decoder(stream).take(LIMIT), &mut std::io::sink()).unwrap()
    };
    assert_eq!(unpacked("/coding/gzip/bomb", &|body| Box::new(flate2::read::GzDecoder::new(body))), LIMIT);
    assert_eq!(
        unpacked("/coding/deflate/bomb", &|body| Box::new(flate2::read::ZlibDecoder::new(body))),
        LIMIT
    );
    assert_eq!(unpacked("/coding/br/bomb", &|body| Box::new(brotli::Decompressor::new(body, 4_096))), LIMIT);
    assert_eq!(
        unpacked("/coding/zstd/bomb", &|body| Box::new(zstd::stream::read::Decoder::new(body).unwrap())),
        LIMIT
    );
    let nested = |body| Box::new(flate2::read::GzDecoder::new(flate2::read::GzDecoder::new(body))) as Box<_>;
    assert_eq!(unpacked("/coding/nested-bomb", &nested), LIMIT);
}

#[test]
fn a_reset_is_a_reset_and_a_close_is_none() {
    let site = site();
    let mut bytes = Vec::new();
    assert_eq!(ask(&site, "/framing/close/at-once", "").read_to_end(&mut bytes).unwrap(), 0);
    let error = ask(&site, "/framing/reset/at-once", "").read_to_end(&mut bytes).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    let error = ask(&site, "/framing/reset/mid-body", "").read_to_end(&mut bytes).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    assert!(bytes.starts_with(b"HTTP/1.1 200 OK\r\n"));
}

#[test]
fn connections_are_kept_for_further_requests() {
    let site = site();
    let mut stream = TcpStream::connect(site.address()).unwrap();
    for number in 0..3 {
        write!(stream, "GET /bulk/{number} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"</html>\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            answer.push(byte[0]);
        }
        assert!(String::from_utf8(answer).unwrap().contains(&bulk_phrase(number)));
    }
    assert_eq!(site.connections(), 1);
    assert_eq!(site.most_at_once(), 1);
}

#[test]
fn what_is_no_request_is_not_answered() {
    let site = site();
    for bytes in
        [&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n"[..], b"GET\n\n", b"GET / HTTP/1.1\nno colon\n\n"]
    {
        let mut stream = TcpStream::connect(site.address()).unwrap();
        stream.write_all(bytes).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(answer.is_empty());
    }
}

#[test]
fn each_site_has_the_robots_file_that_it_was_given() {
    let robots = |file: RobotsFile| {
        let site = Site::builder().robots(file).start().unwrap();
        let answer = answer(&site, "/robots.txt");
        assert_eq!(site.hits("/robots.txt"), 1);
        answer
    };
    assert_eq!(status(&robots(RobotsFile::Missing)), "404");
    assert!(
        robots(RobotsFile::Text("User-agent: *\nAllow: /\n".to_owned()))
            .ends_with("\r\n\r\nUser-agent: *\nAllow: /\n")
    );
    assert_eq!(status(&robots(RobotsFile::Status(503))), "503");
    assert!(robots(RobotsFile::Redirect("/elsewhere".to_owned())).contains("\r\nLocation: /elsewhere\r\n"));
    let huge = robots(RobotsFile::Huge);
    assert!(huge.len() > 2 << 20 && huge.ends_with("Disallow: /\n"));
    assert!(robots(RobotsFile::Disconnect).is_empty());
}

#[test]
fn a_dropped_site_lets_go_of_whoever_hangs_on() {
    let site = site();
    let hanging: Vec<_> = endpoints()
        .filter(|endpoint| matches!(endpoint.expected, Expected::Fault(Fault::Timeout | Fault::BodyTooLarge)))
        .map(|endpoint| (endpoint.path, ask(&site, endpoint.path, "")))
        .collect();
    assert!(hanging.len() >= 10);
    // Every request has arrived, so that none is refused instead.
    while hanging.iter().any(|(path, _)| site.hits(path) == 0) {
        std::thread::yield_now();
    }
    drop(site);
    for (path, mut stream) in hanging {
        let ended = std::io::copy(&mut stream, &mut std::io::sink());
        let timed_out = ended.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock);
        assert!(!timed_out, "{path}");
    }
}
