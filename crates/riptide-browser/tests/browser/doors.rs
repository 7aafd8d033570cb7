//! Every way out of a page: none leads to a host that is not allowed.

use std::net::{Ipv4Addr, UdpSocket};
use std::time::Duration;

use riptide_browser::{BrowserError, Wait, WaitRule};
use riptide_types::Failure as _;

use crate::setting::Setting;
use crate::site::{Reply, Site};

/// Renders a page that tries its way to `FORBIDDEN`, and counts who comes there.
async fn nobody_comes(setting: &Setting, name: &str, page: &str) {
    let forbidden = Site::start();
    forbidden.page("/", Reply::html("<p>forbidden").with("Access-Control-Allow-Origin", "*"));
    let path = format!("/{name}");
    let here = setting.site.address.to_string();
    let page = page.replace("FORBIDDEN", &forbidden.address.to_string()).replace("HERE", &here);
    setting.site.html(&path, &page);
    let mut request = setting.request(&path);
    // A fixed time: what is refused is no reason to go on waiting.
    request.wait = Wait { rule: WaitRule::Fixed(Duration::from_millis(400)), limit: Duration::from_secs(4) };
    let rendered = setting.pool.render(request).await;
    assert_eq!(forbidden.connections(), 0, "{name}");
    match rendered {
        Ok(rendered) => {
            let target = forbidden.address.to_string();
            let told = rendered.refused.iter().any(|refused| refused.target.contains(&target));
            assert!(told || name.starts_with("quiet"), "{name}: {:?}", rendered.refused);
        }
        Err(error) => assert_eq!(error.code(), not_public(), "{name}: {error}"),
    }
}

/// The code of what leads to the loopback interface.
fn not_public() -> &'static str {
    let url = "http://127.0.0.1:1024/".parse().unwrap();
    riptide_fetch::Guard::default().check_url(&url).unwrap_err().code()
}

#[tokio::test]
async fn no_part_of_a_page_reaches_what_the_guard_refuses() {
    let Some(setting) = Setting::start().await else { return };
    for (name, page) in [
        ("image", "<img src=http://FORBIDDEN/>"),
        ("script", "<script src=http://FORBIDDEN/></script>"),
        ("style", "<link rel=stylesheet href=http://FORBIDDEN/>"),
        ("import", "<style>@import 'http://FORBIDDEN/';</style>"),
        ("frame", "<iframe src=http://FORBIDDEN/></iframe>"),
        ("object", "<object data=http://FORBIDDEN/></object>"),
        ("fetch", "<script>fetch('http://FORBIDDEN/', {mode: 'no-cors'})</script>"),
        ("keepalive", "<script>fetch('http://FORBIDDEN/', {mode: 'no-cors', keepalive: true, method: 'POST', body: 'x'})</script>"),
        ("xhr", "<script>x = new XMLHttpRequest(); x.open('GET', 'http://FORBIDDEN/'); x.send()</script>"),
        ("beacon", "<script>navigator.sendBeacon('http://FORBIDDEN/', 'x')</script>"),
        ("websocket", "<script>new WebSocket('ws://FORBIDDEN/')</script>"),
        ("events", "<script>new EventSource('http://FORBIDDEN/')</script>"),
        ("form", "<form method=post action=http://FORBIDDEN/><input name=a value=b></form><script>document.forms[0].submit()</script>"),
        ("location", "<script>location.href = 'http://FORBIDDEN/'</script>"),
        ("refresh", "<meta http-equiv=refresh content='0;url=http://FORBIDDEN/'>"),
        ("worker", "<script>new Worker(URL.createObjectURL(new Blob([`fetch('http://FORBIDDEN/', {mode: 'no-cors'})`])))</script>"),
        ("worker-socket", "<script>new Worker(URL.createObjectURL(new Blob([`new WebSocket('ws://FORBIDDEN/')`])))</script>"),
        ("short", "<script>p = 'FORBIDDEN'.split(':')[1]; fetch(`http://127.1:${p}/`, {mode: 'no-cors'})</script>"),
        ("quiet-name", "<script>p = 'FORBIDDEN'.split(':')[1]; fetch(`http://localhost:${p}/`, {mode: 'no-cors'})</script>"),
        ("quiet-inner", "<script>p = 'FORBIDDEN'.split(':')[1]; fetch(`http://inner.example:${p}/`, {mode: 'no-cors'})</script>"),
        ("quiet-prefetch", "<link rel=prefetch href=http://FORBIDDEN/><link rel=preload as=image href=http://FORBIDDEN/>"),
        ("quiet-preconnect", "<link rel=preconnect href=http://FORBIDDEN/><link rel=dns-prefetch href=http://FORBIDDEN/>"),
        ("quiet-prerender", "<script type=speculationrules>{\"prerender\":[{\"source\":\"list\",\"urls\":[\"http://FORBIDDEN/\"]}],\"prefetch\":[{\"source\":\"list\",\"urls\":[\"http://FORBIDDEN/\"]}]}</script>"),
        ("quiet-popup", "<script>window.open('http://FORBIDDEN/')</script>"),
        ("quiet-shared", "<script>new SharedWorker(URL.createObjectURL(new Blob([`fetch('http://FORBIDDEN/', {mode: 'no-cors'})`])))</script>"),
        ("quiet-turn", "<script>p = new RTCPeerConnection({iceServers: [{urls: ['stun:FORBIDDEN', 'turn:FORBIDDEN?transport=tcp'], username: 'a', credential: 'b'}]});
            p.createDataChannel('a'); p.createOffer().then(o => p.setLocalDescription(o))</script>"),
        ("quiet-transport", "<script>try { new WebTransport('https://FORBIDDEN/') } catch {}</script>"),
    ] {
        nobody_comes(&setting, name, page).await;
    }
    setting.end().await;
}

#[tokio::test]
async fn a_redirect_of_anything_is_checked_again() {
    let Some(setting) = Setting::start().await else { return };
    let forbidden = Site::start();
    setting.site.page("/hop", Reply::redirect(302, forbidden.url("/").as_str()));
    setting.site.html("/image", "<img src=/hop><script>fetch('/hop').catch(() => 0)</script>");
    let error = setting.pool.render(setting.request("/hop")).await.unwrap_err();
    let BrowserError::Redirected { url, error } = error else { panic!("{error}") };
    assert!(
        url == forbidden.url("/").as_str() && matches!(*error, BrowserError::Refused(_)),
        "{url}: {error}"
    );
    let page = setting.pool.render(setting.request("/image")).await.unwrap();
    assert_eq!((forbidden.connections(), page.refused.len()), (0, 1));
    setting.end().await;
}

#[tokio::test]
async fn a_page_that_the_guard_refuses_is_not_even_asked_for() {
    let Some(setting) = Setting::start().await else { return };
    let forbidden = Site::start();
    let port = forbidden.address.port();
    for url in [
        format!("http://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://[::1]:{port}/"),
        "file:///etc/passwd".to_owned(),
        "chrome://version/".to_owned(),
        "data:text/html,x".to_owned(),
        "about:blank".to_owned(),
        "javascript:1".to_owned(),
        "view-source:http://127.0.0.1/".to_owned(),
    ] {
        let mut request = setting.request("/");
        request.url = url.parse().unwrap();
        let error = setting.pool.render(request).await.unwrap_err();
        assert!(matches!(error, BrowserError::Refused(_)), "{url}: {error}");
    }
    assert_eq!((setting.pool.status().browsers, forbidden.connections()), (0, 0));

    // A name that leads inwards is found out by its answer.
    let mut request = setting.request("/");
    request.url = format!("http://inner.example:{}/", setting.site.address.port()).parse().unwrap();
    let error = setting.pool.render(request).await.unwrap_err();
    assert!(matches!(error, BrowserError::Refused(_)), "{error}");
    assert_eq!(setting.site.connections(), 0);
    setting.end().await;
}

#[tokio::test]
async fn no_packet_leaves_beside_the_proxy() {
    let Some(setting) = Setting::start().await else { return };
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.set_nonblocking(true).unwrap();
    let port = socket.local_addr().unwrap().port();
    setting.site.html(
        "/call",
        &format!(
            "<script>p = new RTCPeerConnection({{iceServers: [{{urls: 'stun:127.0.0.1:{port}'}}]}});
            p.createDataChannel('a'); p.onicecandidate = e => {{ if (e.candidate) document.body.append(e.candidate.candidate) }};
            p.createOffer().then(o => p.setLocalDescription(o));
            try {{ new WebTransport('https://127.0.0.1:{port}/') }} catch {{}}</script><body>"
        ),
    );
    let mut request = setting.request("/call");
    request.wait.rule = WaitRule::Fixed(Duration::from_secs(1));
    let page = setting.pool.render(request).await.unwrap();
    assert!(socket.recv(&mut [0; 64]).is_err());
    assert!(!page.html.contains("typ host") && !page.html.contains("typ srflx"), "{}", page.html);
    setting.end().await;
}

#[tokio::test]
async fn files_and_chromiums_own_pages_stay_out_of_reach() {
    let Some(setting) = Setting::start().await else { return };
    setting.site.html(
        "/reads",
        "<p id=out>nothing</p><iframe src=file:///etc/passwd></iframe><iframe src=chrome://version></iframe>
        <script>
            fetch('file:///etc/passwd').then(r => r.text()).then(t => { out.textContent = t }).catch(() => 0);
            try { location.href = 'file:///etc/passwd' } catch {}
            try { location.href = 'chrome://version' } catch {}
            try { location.href = 'data:text/html,leak' } catch {}
        </script>",
    );
    let page = setting.pool.render(setting.request("/reads")).await.unwrap();
    assert!(page.html.contains("nothing") && !page.html.contains("root:"), "{}", page.html);
    assert_eq!(page.url, setting.site.url("/reads"));
    setting.end().await;
}
