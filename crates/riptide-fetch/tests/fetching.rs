//! Robots, proxies and secrets, over the test site.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use riptide_fetch::{FetchConfig, FetchError, FetchRequest, Fetcher, Policy, Proxy};
use riptide_test_site::{ARTICLE_PHRASE, RobotsFile, Site};
use riptide_types::Failure;

fn fetcher(allowed: &[SocketAddr], proxy: Option<Proxy>) -> Fetcher {
    let exceptions = allowed.iter().map(|address| address.to_string().parse().unwrap()).collect();
    let policy = Policy { exceptions, ..Policy::default() };
    Fetcher::new(FetchConfig { policy, proxy, retries: 0, ..FetchConfig::default() }).unwrap()
}

fn request(site: &Site, path: &str) -> FetchRequest {
    FetchRequest::new(site.url(path).parse().unwrap())
}

#[tokio::test]
async fn the_answer_to_robots_txt_decides() {
    let forbids_article = RobotsFile::Text("User-agent: RipTide\nDisallow: /article\n".to_owned());
    let others = RobotsFile::Text("User-agent: OtherBot\nDisallow: /\n".to_owned());
    for (robots, code) in [
        (RobotsFile::Missing, None),
        (forbids_article, Some("robots-disallowed")),
        (others, None),
        (RobotsFile::Status(403), None),
        (RobotsFile::Status(429), Some("robots-unreachable")),
        (RobotsFile::Status(503), Some("robots-unreachable")),
        (RobotsFile::Disconnect, Some("robots-unreachable")),
        (RobotsFile::Redirect("http://169.254.169.254/robots.txt".to_owned()), Some("host-refused")),
        (RobotsFile::Huge, None),
    ] {
        let site = Site::builder().robots(robots.clone()).start().unwrap();
        let result = fetcher(&[site.address()], None).fetch(&request(&site, "/article")).await;
        assert_eq!(result.as_ref().err().map(FetchError::code), code, "{robots:?}");
        assert_eq!(site.hits("/article"), usize::from(code.is_none()), "{robots:?}");
    }
}

#[tokio::test]
async fn what_goes_wrong_beyond_a_redirect_names_where_it_led_to() {
    let forbids = RobotsFile::Text("User-agent: *\nDisallow: /\n".to_owned());
    let forbidding = Site::builder().robots(forbids).start().unwrap();
    let site = Site::builder()
        .redirect("/inside", "http://127.0.0.1:9/x?token=abc")
        .redirect("/left-alone", forbidding.url("/article"))
        .start()
        .unwrap();
    let fetcher = fetcher(&[site.address(), forbidding.address()], None);
    let inside = fetcher.fetch(&request(&site, "/inside")).await.unwrap_err();
    assert_eq!(
        inside.to_string(),
        "a redirect led to `http://127.0.0.1:9/x?token=REDACTED`: the URL's host is not on the public internet"
    );
    assert_eq!((inside.code(), inside.is_refusal()), ("host-refused", true));
    let left_alone = fetcher.fetch(&request(&site, "/left-alone")).await.unwrap_err();
    let start = format!("a redirect led to `{}`: the site's robots.txt", forbidding.url("/article"));
    assert!(left_alone.to_string().starts_with(&start), "{left_alone}");
    let direct = fetcher.fetch(&request(&forbidding, "/article")).await.unwrap_err();
    assert!(direct.to_string().starts_with("the site's robots.txt"), "{direct}");

    let robots = RobotsFile::Redirect("http://127.0.0.1:9/robots.txt".to_owned());
    let site = Site::builder().robots(robots).start().unwrap();
    let fetcher = self::fetcher(&[site.address()], None);
    let refused = fetcher.fetch(&request(&site, "/article")).await.unwrap_err();
    assert!(
        refused.to_string().starts_with("a redirect led to `http://127.0.0.1:9/robots.txt`: "),
        "{refused}"
    );
}

#[tokio::test]
async fn robots_txt_is_asked_for_once_and_not_at_all_where_it_does_not_count() {
    let site = Site::start().unwrap();
    let fetcher = fetcher(&[site.address()], None);
    fetcher.fetch(&FetchRequest { robots: false, ..request(&site, "/article") }).await.unwrap();
    assert_eq!(site.hits("/robots.txt"), 0);
    for number in 1..=3 {
        fetcher.fetch(&request(&site, &format!("/bulk/{number}"))).await.unwrap();
    }
    assert_eq!(site.hits("/robots.txt"), 1);
}

#[tokio::test]
async fn passwords_go_to_their_own_origin_alone() {
    let (first, second) = (Site::start().unwrap(), Site::start().unwrap());
    let fetcher = fetcher(&[first.address(), second.address()], None);
    let mut asked = request(&first, "/article");
    asked.basic_auth = Some(("anna".to_owned(), "secret".to_owned()));
    fetcher.fetch(&asked).await.unwrap();
    assert_eq!(first.requests("/article")[0].header("authorization"), Some("Basic YW5uYTpzZWNyZXQ="));

    let led = asked.led_to(second.url("/article").parse().unwrap());
    fetcher.fetch(&led).await.unwrap();
    assert_eq!(second.requests("/article")[0].header("authorization"), None);
}

/// A proxy that notes what it is asked for, and connects to it.
struct NotingProxy {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl NotingProxy {
    /// `serve` has the first words with the client, and tells where it wants to go, and what to answer once that is
    /// reached.
    fn start(serve: fn(&mut TcpStream) -> (String, &'static [u8])) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, asked) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(Vec::new())));
        let notes = Arc::clone(&asked);
        thread::spawn(move || {
            for client in listener.incoming() {
                let mut client = client.unwrap();
                let (to, answer) = serve(&mut client);
                notes.lock().unwrap().push(to.clone());
                let Ok(mut server) = TcpStream::connect(to.split(' ').next().unwrap()) else { continue };
                client.write_all(answer).unwrap();
                let (mut back, mut forth) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                thread::spawn(move || std::io::copy(&mut client, &mut forth).is_ok());
                thread::spawn(move || std::io::copy(&mut server, &mut back).is_ok());
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn http_connect(client: &mut TcpStream) -> (String, &'static [u8]) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let target = head.strip_prefix("CONNECT ").unwrap().split(' ').next().unwrap().to_owned();
    let password = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("proxy-authorization: ").map(str::to_owned));
    (password.map_or(target.clone(), |password| format!("{target} {password}")), b"HTTP/1.1 200 OK\r\n\r\n")
}

fn socks5(client: &mut TcpStream) -> (String, &'static [u8]) {
    let mut greeting = [0; 2];
    client.read_exact(&mut greeting).unwrap();
    client.read_exact(&mut vec![0; usize::from(greeting[1])]).unwrap();
    client.write_all(&[5, 0]).unwrap();
    let mut asked = [0; 10];
    client.read_exact(&mut asked).unwrap();
    assert_eq!(asked[..4], [5, 1, 0, 1], "an IPv4 address is asked for");
    let port = u16::from_be_bytes([asked[8], asked[9]]);
    (format!("{}.{}.{}.{}:{port}", asked[4], asked[5], asked[6], asked[7]), &[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_is_asked_for_the_address_that_was_checked() {
    let site = Site::start().unwrap();
    for (serve, scheme) in [(http_connect as fn(&mut TcpStream) -> _, "http"), (socks5, "socks5")] {
        let proxy = NotingProxy::start(serve);
        let url = format!("{scheme}://{}", proxy.address);
        let through = fetcher(&[site.address(), proxy.address], Some(url.parse().unwrap()));
        let fetched = through.fetch(&request(&site, "/article")).await.unwrap();
        assert!(String::from_utf8_lossy(&fetched.body).contains(ARTICLE_PHRASE));
        let asked = proxy.asked();
        assert!(!asked.is_empty() && asked.iter().all(|to| *to == site.address().to_string()), "{asked:?}");

        let refused = through.fetch(&FetchRequest::new("http://10.0.0.1/".parse().unwrap())).await;
        assert!(refused.unwrap_err().is_refusal());
        assert_eq!(proxy.asked().len(), asked.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_gets_its_password_and_passes_the_guard_like_any_other_address() {
    let site = Site::start().unwrap();
    let proxy = NotingProxy::start(http_connect);
    let url: Proxy = format!("http://anna:secret@{}", proxy.address).parse().unwrap();
    let through = fetcher(&[site.address(), proxy.address], Some(url.clone()));
    through.fetch(&request(&site, "/article")).await.unwrap();
    assert!(proxy.asked().iter().all(|to| to.ends_with(" basic yw5uytpzzwnyzxq=")), "{:?}", proxy.asked());

    let not_allowed = fetcher(&[site.address()], Some(url)).fetch(&request(&site, "/article")).await;
    assert!(not_allowed.unwrap_err().is_refusal());
}
