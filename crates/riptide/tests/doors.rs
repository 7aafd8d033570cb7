//! Every way out of the process, tried with every URL that the guard has to refuse.
//!
//! Each test runs in a network namespace of its own in which all addresses are this machine's: a mistake leaves the machine in no
//! case, and does not stay unseen.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says when it is left out"
)]

use std::collections::{BTreeSet, HashSet};
use std::env;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::num::NonZero;
use std::process::Command;
use std::time::Duration;

use riptide::{
    BrowserConfig, Error, Failure as _, FetchConfig, FetchError, FetchRequest, Policy, Proxy, Render,
    Resolver, Riptide, ScrapeRequest, Wait, WaitRule, find_chromium, redacted,
};
use riptide_fetch::{Guard, Robots};
use riptide_test_site::{RobotsFile, Site, guard_vectors};
use url::Url;

/// Says that a test is in its namespace.
const ENCLOSED: &str = "RIPTIDE_TEST_ENCLOSED";

/// Makes all addresses those of this machine, then becomes the program that follows.
const ENCLOSE: &str = "ip link set lo up && ip route add local 0.0.0.0/0 dev lo && ip -6 route add local ::/0 dev lo \
    && exec \"$@\"";

/// What a trap has caught as long as the guard holds.
const NOTHING: [&str; 0] = [];

/// URLs that one page tries to reach: less than a page remembers to have been refused.
const AT_A_TIME: usize = 45;

/// Whether the test is to go on. Outside of a namespace it is run again inside of one, where the system allows that.
fn is_enclosed(test: &str) -> bool {
    if env::var_os(ENCLOSED).is_some() {
        return true;
    }
    let enclosed = |options: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(options).args(["sh", "-c", ENCLOSE, "sh"]).env(ENCLOSED, "1");
        command
    };
    let ways: [&[&str]; 2] = [&["--net"], &["--net", "--user", "--map-root-user"]];
    let is_open = |way: &&&[&str]| enclosed(way).arg("true").output().is_ok_and(|run| run.status.success());
    let Some(way) = ways.iter().find(is_open) else {
        println!("skipped: this system lets nobody make a network namespace by unshare and ip");
        return false;
    };
    let run = enclosed(way)
        .arg(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&run.stdout) + String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success() && output.contains("1 passed"), "{output}");
    false
}

/// A URL that must be refused, as it is written, and why.
#[derive(Debug, Clone)]
struct Forbidden {
    written: String,
    url: Url,
    reason: &'static str,
}

fn forbidden() -> Vec<Forbidden> {
    let refused = guard_vectors()
        .filter(|vector| vector.policy == "default" && !matches!(vector.expected, "allowed" | "invalid"));
    let urls: Vec<_> = refused
        .map(|vector| Forbidden {
            url: vector.url.parse().unwrap(),
            written: vector.url,
            reason: vector.expected,
        })
        .collect();
    assert!(urls.len() >= 250, "{}", urls.len());
    urls
}

/// Listens at every port that a forbidden URL names, at every address.
struct Trap(Vec<TcpListener>);

impl Trap {
    fn set() -> Self {
        let ports: BTreeSet<_> =
            forbidden().iter().filter_map(|forbidden| forbidden.url.port_or_known_default()).collect();
        let listen = |port| {
            let listener = TcpListener::bind((Ipv6Addr::UNSPECIFIED, port)).unwrap();
            listener.set_nonblocking(true).unwrap();
            listener
        };
        let trap = Self(ports.into_iter().map(listen).collect());
        for caught in ["10.1.2.3:80", "169.254.169.254:80", "93.184.216.34:443", "[2606:4700::1111]:80"] {
            TcpStream::connect(caught).unwrap();
        }
        assert_eq!(trap.caught().len(), 4, "who gets through is seen");
        trap
    }

    /// What was dialled since it was asked for last.
    fn caught(&self) -> Vec<String> {
        let dialled = |(stream, _): (TcpStream, SocketAddr)| stream.local_addr().unwrap().to_string();
        let caught = self.0.iter().flat_map(|listener| std::iter::from_fn(|| listener.accept().ok()));
        caught.map(dialled).collect()
    }
}

/// A runtime that may reach some sites and nothing else of this machine.
fn riptide<'s>(sites: impl IntoIterator<Item = &'s Site>, proxy: Option<Proxy>) -> Riptide {
    let exceptions = sites.into_iter().map(|site| site.address().to_string().parse().unwrap()).collect();
    let global: IpAddr = "93.184.216.34".parse().unwrap();
    let fetch = FetchConfig {
        policy: Policy { exceptions, ..Policy::default() },
        resolver: Resolver::default().with_fixed([("example.com".to_owned(), vec![global])]),
        proxy,
        retries: 0,
        ..FetchConfig::default()
    };
    let browse = BrowserConfig {
        warm: 0,
        browsers: NonZero::<usize>::MIN,
        launch_limit: Duration::from_mins(2),
        ..BrowserConfig::default()
    };
    Riptide::builder().native(true).fetch(fetch).browse(browse).build().unwrap()
}

async fn fetch(riptide: &Riptide, url: Url) -> Result<Vec<u8>, Error> {
    riptide.fetch(&FetchRequest::new(url)).await.map(|fetched| fetched.body.to_vec())
}

fn local(site: &Site, path: &str) -> Url {
    site.url(path).parse().unwrap()
}

#[tokio::test]
async fn no_url_is_fetched() {
    if !is_enclosed("no_url_is_fetched") {
        return;
    }
    let (trap, riptide) = (Trap::set(), riptide([], None));
    for Forbidden { url, .. } in forbidden() {
        let error = fetch(&riptide, url.clone()).await.unwrap_err();
        assert!(error.is_refusal(), "{url}: {error}");
    }
    assert_eq!(trap.caught(), NOTHING);
    // What is allowed does get there: the one reason why nothing else did is the guard.
    let caught = async {
        loop {
            let caught = trap.caught();
            if !caught.is_empty() {
                break caught;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let allowed = fetch(&riptide, "http://example.com/".parse().unwrap());
    tokio::select! {
        caught = caught => assert_eq!(caught, ["[::ffff:93.184.216.34]:80"]),
        fetched = allowed => panic!("nobody answers there: {fetched:?}"),
    }
}

#[tokio::test]
async fn no_redirect_is_followed() {
    if !is_enclosed("no_redirect_is_followed") {
        return;
    }
    let (trap, forbidden) = (Trap::set(), forbidden());
    let mut site = Site::builder();
    for (number, forbidden) in forbidden.iter().enumerate() {
        // A field has no room for line breaks, and a few of them are paths where they stand on a page.
        let is_location = !forbidden.written.contains(char::is_control)
            && Url::parse("http://127.0.0.1/").unwrap().join(&forbidden.written).as_ref()
                == Ok(&forbidden.url);
        let location = if is_location { &*forbidden.written } else { forbidden.url.as_str() };
        site = site.redirect(format!("/to/{number}"), location);
    }
    let site = site.start().unwrap();
    let riptide = riptide([&site], None);
    for (number, Forbidden { url, reason, .. }) in forbidden.iter().enumerate() {
        let error = fetch(&riptide, local(&site, &format!("/to/{number}"))).await.unwrap_err();
        let is_invalid = matches!(&error, Error::Fetch { error: FetchError::InvalidRedirect { .. }, .. });
        assert!(error.is_refusal() || (*reason == "scheme" && is_invalid), "{url}: {error}");
    }
    assert_eq!(trap.caught(), NOTHING);
}

#[tokio::test]
async fn no_robots_file_is_fetched() {
    if !is_enclosed("no_robots_file_is_fetched") {
        return;
    }
    let (trap, forbidden) = (Trap::set(), forbidden());
    let site = |forbidden: &Forbidden| {
        Site::builder().robots(RobotsFile::Redirect(forbidden.url.to_string())).start()
    };
    let sites: Vec<_> = forbidden.iter().map(|forbidden| site(forbidden).unwrap()).collect();
    let riptide = riptide(&sites, None);
    for (site, Forbidden { url, reason, .. }) in sites.iter().zip(&forbidden) {
        match fetch(&riptide, local(site, "/article")).await {
            Err(error) => assert!(error.is_refusal(), "{url}: {error}"),
            // A redirect out of the web is as good as no file.
            Ok(_) => assert_eq!(*reason, "scheme", "{url}"),
        }
        assert_eq!(site.hits("/robots.txt"), 1, "{url}");
    }
    assert_eq!(trap.caught(), NOTHING);
}

#[tokio::test]
async fn no_sitemap_is_fetched() {
    if !is_enclosed("no_sitemap_is_fetched") {
        return;
    }
    let trap = Trap::set();
    let mut file = String::new();
    for forbidden in forbidden() {
        writeln!(file, "Sitemap: {}", forbidden.url).unwrap();
    }
    let site = Site::builder().robots(RobotsFile::Text(file)).start().unwrap();
    let riptide = riptide([&site], None);
    let robots = Robots::parse(&fetch(&riptide, local(&site, "/robots.txt")).await.unwrap());
    let listed: Vec<Url> = robots.sitemaps().iter().filter_map(|url| url.parse().ok()).collect();
    assert!(listed.len() >= 200, "{}", listed.len());
    for url in listed {
        let error = fetch(&riptide, url.clone()).await.unwrap_err();
        assert!(error.is_refusal(), "{url}: {error}");
    }
    assert_eq!(trap.caught(), NOTHING);
}

#[tokio::test]
async fn no_proxy_is_used() {
    if !is_enclosed("no_proxy_is_used") {
        return;
    }
    let trap = Trap::set();
    let mut tried = 0;
    for Forbidden { url, reason, .. } in forbidden() {
        // A proxy has a scheme of its own, and user names and passwords are its right.
        let host = url.host_str().filter(|_| !matches!(reason, "scheme" | "credentials"));
        let Some((host, port)) = host.zip(url.port_or_known_default()) else { continue };
        for scheme in ["http", "socks5"] {
            let Ok(proxy) = format!("{scheme}://{host}:{port}").parse::<Proxy>() else { continue };
            let error =
                fetch(&riptide([], Some(proxy)), "http://example.com/".parse().unwrap()).await.unwrap_err();
            assert!(error.is_refusal(), "{scheme} {url}: {error}");
            tried += 1;
        }
    }
    assert!(tried >= 400, "{tried}");
    assert_eq!(trap.caught(), NOTHING);
}

/// How the scripts of a page reach for a URL, `url`: each an expression whose promise is kept when that is over.
const DOORS: [(&str, &str); 6] = [
    (
        "image",
        "new Promise(over => { const image = new Image(); image.onload = image.onerror = over; image.src = url })",
    ),
    ("fetch", "fetch(url, { mode: 'no-cors' })"),
    (
        "script-request",
        "new Promise(over => {
            const request = new XMLHttpRequest(); request.onloadend = over; request.open('POST', url); request.send('x')
        })",
    ),
    (
        "websocket",
        "new Promise(over => { new WebSocket(url.replace(/^http/, 'ws')).onclose = over })",
    ),
    (
        "frame",
        "new Promise(over => {
            const frame = document.createElement('iframe'); frame.onload = over; frame.src = url; document.body.append(frame)
        })",
    ),
    ("navigation", "new Promise(() => { location.href = url })"),
];

/// A page that reaches for URLs in a way, and shows an element when it has tried all.
fn reaching(urls: &[Forbidden], door: &str, way: &str) -> String {
    let urls: Vec<_> = urls.iter().map(|forbidden| format!("{:?}", forbidden.url.as_str())).collect();
    // A page can only begin to leave for one place at a time. Milliseconds.
    let step = if door == "navigation" { 30 } else { 0 };
    // Some ways tell when they have failed, the others are given time.
    let patience = match door {
        "image" | "fetch" | "script-request" => 20_000,
        "frame" => 1_500,
        _ => 300,
    };
    format!(
        "<body><script>
            const reach = url => {way}
            const pause = time => new Promise(over => setTimeout(over, time))
            const attempts = [{}].map(async (url, number) => {{
                await pause({step} * number)
                try {{ await Promise.race([reach(url), pause({patience})]) }} catch {{}}
            }})
            Promise.all(attempts).then(() => {{
                document.body.append(Object.assign(document.createElement('p'), {{ id: 'tried' }}))
            }})
        </script>",
        urls.join(", ")
    )
}

/// Whether a page tells that it was refused this URL, or cannot tell.
fn is_told(door: &str, url: &Url, told: &HashSet<String>) -> bool {
    // Chromium tries some navigations in its own ways first, and puts off WebSockets whose like have failed.
    if matches!(door, "websocket" | "navigation") || !matches!(url.scheme(), "http" | "https") {
        return true;
    }
    let mut url = url.clone();
    url.set_fragment(None);
    told.contains(&redacted(url.as_str()))
}

#[tokio::test]
async fn no_part_of_a_page_gets_out() {
    if !is_enclosed("no_part_of_a_page_gets_out") {
        return;
    }
    if let Err(error) = find_chromium(None) {
        assert!(env::var_os("CI").is_none(), "{error}");
        println!("skipped: {error}");
        return;
    }
    let trap = Trap::set();
    // Chromium itself takes user names and passwords out, and may go on to a host that is allowed.
    let mut forbidden = forbidden();
    for Forbidden { url, .. } in &mut forbidden {
        let _ = url.set_username("").and_then(|()| url.set_password(None));
    }
    forbidden.retain(|forbidden| Guard::default().check_url(&forbidden.url).is_err());
    let tried = |door: &str| -> Vec<Forbidden> {
        // A page may leave for those, which lead to no host.
        let stays = |forbidden: &&Forbidden| door != "navigation" || forbidden.reason != "scheme";
        forbidden.iter().filter(stays).cloned().collect()
    };
    let mut site = Site::builder();
    for (door, script) in DOORS {
        for (number, urls) in tried(door).chunks(AT_A_TIME).enumerate() {
            site = site.page(format!("/{door}/{number}"), reaching(urls, door, script));
        }
    }
    let site = site.start().unwrap();
    let riptide = riptide([&site], None);
    for (door, _) in DOORS {
        for (number, urls) in tried(door).chunks(AT_A_TIME).enumerate() {
            let mut request = ScrapeRequest::new(local(&site, &format!("/{door}/{number}")));
            request.render = Render::Always;
            request.page.deadline = Duration::from_mins(2);
            request.page.wait =
                Wait { rule: WaitRule::Selector("#tried".to_owned()), limit: Duration::from_mins(1) };
            let rendered = riptide.render(&request).await.unwrap();
            assert!(rendered.html.contains("id=\"tried\""), "{door} {number}: {:?}", rendered.warnings);
            assert_eq!(trap.caught(), NOTHING, "{door} {number}");
            let told = rendered.refused.into_iter().map(|refused| refused.target).collect();
            let urls = urls.iter().map(|forbidden| &forbidden.url);
            let untold: Vec<_> = urls.filter(|url| !is_told(door, url, &told)).map(Url::as_str).collect();
            assert!(untold.is_empty(), "{door} {number}: {untold:?}, told {told:?}");
        }
    }
    riptide.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn no_page_is_asked_for_in_a_browser() {
    if !is_enclosed("no_page_is_asked_for_in_a_browser") {
        return;
    }
    let (trap, riptide) = (Trap::set(), riptide([], None));
    for Forbidden { url, .. } in forbidden() {
        let mut request = ScrapeRequest::new(url.clone());
        request.render = Render::Always;
        let error = riptide.render(&request).await.unwrap_err();
        assert!(error.is_refusal(), "{url}: {error}");
    }
    assert_eq!(trap.caught(), NOTHING);
}
