//! What comes out of a page.

use std::time::Duration;

use riptide_browser::{
    Action, ActionResult, Area, Block, BrowserError, Cookie, ImageFormat, Key, Pdf, Redirect, Screenshot,
    Scroll, Viewport, Wait, WaitRule, Warning,
};
use riptide_types::Failure as _;

use crate::setting::Setting;
use crate::site::Reply;

#[tokio::test]
async fn a_page_that_a_script_builds_is_written_down_as_it_is_then() {
    let Some(setting) = Setting::start().await else { return };
    setting.site.html(
        "/app",
        "<!doctype html><title>App</title><div id=root></div><script>
            setTimeout(() => { root.innerHTML = '<h1>Harbour news</h1>'; }, 100);
        </script>",
    );
    let page = setting.pool.render(setting.request("/app")).await.unwrap();
    assert!(page.html.starts_with("<!DOCTYPE html>\n<html>"), "{}", page.html);
    assert!(page.html.contains("<div id=\"root\"><h1>Harbour news</h1></div>"), "{}", page.html);
    assert_eq!((page.status, page.url.path()), (200, "/app"));
    assert_eq!((page.redirects, page.refused, page.warnings), (vec![], vec![], vec![]));
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    assert!(page.transferred > 100);
    setting.end().await;
}

#[tokio::test]
async fn what_a_page_shows_by_shadow_trees_is_written_down() {
    let Some(setting) = Setting::start().await else { return };
    setting.site.html(
        "/shadow",
        "<tide-card><b slot=title>Low water</b>hidden</tide-card><p>after</p><script>
            customElements.define('tide-card', class extends HTMLElement {
                constructor() {
                    super().attachShadow({ mode: 'open' }).innerHTML = '<h2><slot name=title></slot></h2><p>at six</p>';
                }
            });
        </script>",
    );
    let page = setting.pool.render(setting.request("/shadow")).await.unwrap();
    let expected = "<tide-card><h2><slot name=\"title\"><b slot=\"title\">Low water</b></slot></h2><p>at six</p></tide-card>\
        <p>after</p>";
    assert!(page.html.contains(expected), "{}", page.html);
    setting.end().await;
}

#[tokio::test]
async fn every_rule_waits_for_what_it_says() {
    let Some(setting) = Setting::start().await else { return };
    let site = &setting.site;
    site.html(
        "/chain",
        "<p id=out>empty</p><script>
            fetch('/one').then(r => r.text())
                .then(() => fetch('/two')).then(r => r.text()).then(text => { out.textContent = text; });
        </script>",
    );
    site.page("/one", Reply::of("text/plain", "1")).page("/two", Reply::of("text/plain", "tide table"));
    site.html(
        "/late",
        "<script>setTimeout(() => { document.body.innerHTML = '<p id=late>x' }, 700)</script>",
    );

    let chain = setting.pool.render(setting.request("/chain")).await.unwrap();
    assert!(chain.html.contains("tide table"), "{}", chain.html);

    let mut request = setting.request("/late");
    request.wait = Wait { rule: WaitRule::Selector("#late".into()), limit: Duration::from_secs(30) };
    let late = setting.pool.render(request.clone()).await.unwrap();
    assert!(late.html.contains("id=\"late\"") && late.warnings.is_empty());

    request.wait.rule = WaitRule::Fixed(Duration::from_millis(1500));
    let late = setting.pool.render(request.clone()).await.unwrap();
    assert!(late.html.contains("id=\"late\"") && late.warnings.is_empty());

    request.wait = Wait { rule: WaitRule::Selector("#never".into()), limit: Duration::from_secs(4) };
    let never = setting.pool.render(request.clone()).await.unwrap();
    assert_eq!(never.warnings, [Warning::StillLoading]);

    request.wait.rule = WaitRule::Selector("p[".into());
    let error = setting.pool.render(request).await.unwrap_err();
    assert_eq!(error.code(), "invalid-selector");
    setting.end().await;
}

#[tokio::test]
async fn a_page_that_never_finishes_is_taken_as_it_is_at_the_limit() {
    let Some(setting) = Setting::start().await else { return };
    let site = &setting.site;
    site.html("/hangs", "<p>first words</p><img src=/slow>");
    site.page("/slow", Reply::of("image/png", "").stalling());
    site.page("/half", Reply::html("<p>half a page</p>").stalling());
    site.html("/loops", "<p>before the loop</p><script>setTimeout(() => { while (true) {} }, 50)</script>");
    for (path, words, warnings) in [
        ("/hangs", "first words", vec![Warning::StillLoading]),
        ("/half", "half a page", vec![Warning::StillLoading]),
        ("/loops", "before the loop", vec![Warning::ScriptStopped]),
    ] {
        let mut request = setting.request(path);
        request.wait.limit = Duration::from_secs(4);
        let page = setting.pool.render(request).await.unwrap();
        assert!(page.html.contains(words), "{path}: {}", page.html);
        assert!(
            warnings.iter().all(|warning| page.warnings.contains(warning)),
            "{path}: {:?}",
            page.warnings
        );
    }
    site.page("/silent", Reply { status: 0, ..Reply::default() });
    let error = setting.pool.render(setting.request("/silent")).await.unwrap_err();
    assert_eq!(error.code(), "navigation-failed");
    setting.end().await;
}

#[tokio::test]
async fn actions_are_done_in_their_order() {
    let Some(setting) = Setting::with(|config| config.scripts = true).await else { return };
    setting.site.html(
        "/form",
        "<style>body{height:5000px}</style>
        <input id=name><button id=go onclick=\"out.textContent = 'Hello ' + document.querySelector('#name').value\">Go</button>
        <p id=out></p><p id=keys></p>
        <script>document.addEventListener('keydown', event => { keys.textContent += event.key })</script>
        <a id=next href=/next style=\"position:absolute;top:4000px\">next</a>",
    );
    setting.site.html("/next", "<h1>The next page</h1>");
    let mut request = setting.request("/form");
    request.actions = vec![
        Action::Type { selector: "#name".into(), text: "Ünal 🌊".into() },
        Action::Click { selector: "#go".into() },
        Action::Press { key: Key::ArrowDown },
        Action::Script { source: "({ out: out.textContent, keys: keys.textContent })".into() },
        Action::Scroll(Scroll::ToEnd),
        Action::Script { source: "scrollY > 3000".into() },
        Action::Screenshot(Screenshot::default()),
        Action::Wait(WaitRule::Selector("#next".into())),
        Action::Click { selector: "#next".into() },
    ];
    let page = setting.pool.render(request).await.unwrap();
    assert_eq!(
        page.actions[3],
        ActionResult::Script(serde_json::json!({ "out": "Hello Ünal 🌊", "keys": "ArrowDown" }))
    );
    assert_eq!(page.actions[5], ActionResult::Script(true.into()));
    assert!(matches!(&page.actions[6], ActionResult::Screenshot(png) if png_size(png) == (1280, 800)));
    assert!(page.html.contains("The next page"), "{}", page.html);
    assert_eq!(page.url.path(), "/next");
    assert_eq!(page.redirects, [Redirect { from: setting.site.url("/form").into(), status: None }]);

    setting
        .site
        .html("/ask", "<form action=/sent><input name=q value=1><button id=send>Send</button></form>");
    setting.site.html("/sent?q=1", "<h1>It is sent</h1>");
    let mut request = setting.request("/ask");
    request.actions = vec![Action::Click { selector: "#send".into() }];
    let page = setting.pool.render(request).await.unwrap();
    assert!(page.html.contains("It is sent"), "{}", page.html);

    // What leads nowhere is not waited for.
    setting.site.page(
        "/stays",
        Reply::html(
            "<a id=void href='javascript:void(0)'>a</a><a id=part href='#part'>b</a><a id=mail href='mailto:a@b.example'>c</a>
            <form action=/sent><button id=barred>Send</button></form>",
        )
        .with("Content-Security-Policy", "form-action 'none'"),
    );
    for selector in ["#void", "#part", "#mail", "#barred"] {
        let mut request = setting.request("/stays");
        request.actions = vec![Action::Click { selector: selector.into() }];
        let page = setting.pool.render(request).await.unwrap();
        assert_eq!(page.warnings, [], "{selector}");
        assert_eq!(page.url.path(), "/stays", "{selector}");
    }

    let mut request = setting.request("/form");
    request.actions = vec![Action::Click { selector: "#missing".into() }];
    let error = setting.pool.render(request).await.unwrap_err();
    assert!(matches!(&error, BrowserError::NoElement { number: 1, .. }), "{error}");
    setting.end().await;
}

#[tokio::test]
async fn what_a_request_cannot_ask_for_is_refused_before_there_is_a_browser() {
    let Some(setting) = Setting::start().await else { return };
    let asked = || setting.request("/");
    let (mut long, mut wide, mut busy) = (asked(), asked(), asked());
    long.deadline = Duration::MAX;
    wide.viewport.width = 100_000;
    busy.actions = vec![Action::Press { key: Key::Tab }; 101];
    for request in [long, wide, busy] {
        let error = setting.pool.render(request).await.unwrap_err();
        assert_eq!(error.code(), "invalid-render-request", "{error}");
    }
    assert_eq!((setting.pool.status().browsers, setting.site.connections()), (0, 0));
    setting.end().await;
}

#[tokio::test]
async fn scripts_are_refused_unless_the_configuration_allows_them() {
    let Some(setting) = Setting::start().await else { return };
    let mut request = setting.request("/");
    request.actions = vec![Action::Script { source: "1".into() }];
    let error = setting.pool.render(request).await.unwrap_err();
    assert_eq!(error.code(), "scripts-not-allowed");
    assert_eq!(setting.site.connections(), 0);
    setting.end().await;
}

fn png_size(png: &[u8]) -> (u32, u32) {
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}

#[tokio::test]
async fn pictures_and_prints_are_of_the_size_and_format_that_is_asked_for() {
    let Some(setting) = Setting::start().await else { return };
    setting
        .site
        .html("/tall", "<body style='margin:0'><div style='height:3000px;background:teal'>tall</div>");
    let mut request = setting.request("/tall");
    request.viewport = Viewport { width: 640, height: 480, ..Viewport::default() };
    request.screenshot = Some(Screenshot::default());
    request.pdf = Some(Pdf::default());
    let page = setting.pool.render(request.clone()).await.unwrap();
    assert_eq!(png_size(&page.screenshot.unwrap()), (640, 480));
    assert!(page.pdf.unwrap().starts_with(b"%PDF-"));

    request.screenshot = Some(Screenshot { area: Area::FullPage, format: ImageFormat::Png });
    request.pdf = None;
    let page = setting.pool.render(request.clone()).await.unwrap();
    assert_eq!(png_size(&page.screenshot.unwrap()), (640, 3000));
    for (format, start) in [
        (ImageFormat::Jpeg { quality: 50 }, &b"\xff\xd8\xff"[..]),
        (ImageFormat::WebP { quality: 50 }, &b"RIFF"[..]),
    ] {
        request.screenshot = Some(Screenshot { area: Area::Viewport, format });
        let page = setting.pool.render(request.clone()).await.unwrap();
        assert!(page.screenshot.unwrap().starts_with(start), "{format:?}");
    }
    setting.end().await;
}

#[tokio::test]
async fn dialogs_popups_passwords_and_downloads_hold_nothing_up() {
    let Some(setting) = Setting::start().await else { return };
    let site = &setting.site;
    site.html(
        "/talks",
        "<p id=out></p><script>
            alert('one'); out.textContent = confirm('two') + ' ' + prompt('three');
            window.open('/popup'); fetch('/locked');
        </script>",
    );
    site.html("/popup", "<p>popup");
    site.page(
        "/locked",
        Reply { status: 401, ..Reply::html("no") }.with("WWW-Authenticate", "Basic realm=x"),
    );
    let file = || Reply::of("application/octet-stream", "x").with("Content-Disposition", "attachment");
    site.page("/file", file());
    site.html("/saves", "<p>kept</p><script>location.href = '/file'</script>");

    let page = setting.pool.render(setting.request("/talks")).await.unwrap();
    assert!(page.html.contains("false null"), "{}", page.html);
    let dialog = |kind: &str, text: &str| Warning::Dialog { kind: kind.into(), text: text.into() };
    for warning in [
        dialog("alert", "one"),
        dialog("confirm", "two"),
        dialog("prompt", "three"),
        Warning::PopupClosed,
        Warning::PasswordAsked,
    ] {
        assert!(page.warnings.contains(&warning), "{warning:?} in {:?}", page.warnings);
    }

    let error = setting.pool.render(setting.request("/file")).await.unwrap_err();
    assert_eq!(error.code(), "page-is-download", "{error}");
    let page = setting.pool.render(setting.request("/saves")).await.unwrap();
    assert!(page.html.contains("kept"));
    let stopped = Warning::DownloadStopped { url: site.url("/file").into() };
    assert!(page.warnings.contains(&stopped), "{:?}", page.warnings);
    setting.end().await;
}

#[tokio::test]
async fn redirects_are_told_with_what_led_on() {
    let Some(setting) = Setting::start().await else { return };
    let site = &setting.site;
    site.page("/a", Reply::redirect(301, "/b")).page("/b", Reply::redirect(307, "/c"));
    site.html("/c", "<meta http-equiv=refresh content='0;url=/d'>").html("/d", "<p>the end");
    let page = setting.pool.render(setting.request("/a")).await.unwrap();
    let step = |path, status| Redirect { from: site.url(path).into(), status };
    assert_eq!(page.redirects, [step("/a", Some(301)), step("/b", Some(307)), step("/c", None)]);
    assert_eq!((page.url.path(), page.status), ("/d", 200));
    assert!(page.html.contains("the end"));
    let missing = setting.pool.render(setting.request("/nowhere")).await.unwrap();
    assert_eq!(missing.status, 404);
    setting.end().await;
}

#[tokio::test]
async fn headers_cookies_locale_and_user_agent_go_where_they_belong() {
    let Some(setting) = Setting::start().await else { return };
    let site = &setting.site;
    let other = format!("http://other.example:{}", site.address.port());
    site.html(
        "/page",
        &format!(
            "<script>fetch('/own').then(() => {{ document.cookie = 'b=2' }}); fetch('{other}/foreign', {{mode:'no-cors'}})</script>"
        ),
    );
    let mut request = setting.request("/page");
    request.headers.insert("x-key", "k1".parse().unwrap());
    request.cookies = vec![Cookie { name: "a".into(), value: "1".into(), domain: None, path: None }];
    request.locale = Some("de-AT".into());
    request.viewport = Viewport::PHONE;
    let page = setting.pool.render(request.clone()).await.unwrap();
    assert_eq!(page.cookies.len(), 1, "what was given does not come back: {:?}", page.cookies);
    assert_eq!((page.cookies[0].url.as_str(), &*page.cookies[0].field), ("http://127.0.0.1/", "b=2; Path=/"));
    for path in ["/page", "/own"] {
        let seen = &site.seen(path)[0].headers;
        assert_eq!((seen["x-key"].as_str(), seen["cookie"].as_str()), ("k1", "a=1"), "{path}");
        assert!(seen["accept-language"].starts_with("de-AT"), "{seen:?}");
        assert!(seen["user-agent"].contains(" Mobile "), "{seen:?}");
    }
    let foreign = &site.seen("/foreign")[0].headers;
    assert!(!foreign.contains_key("x-key") && !foreign.contains_key("cookie"), "{foreign:?}");

    request.user_agent = Some("RipTide/0.1 (+https://riptide.example/bot)".into());
    setting.pool.render(request.clone()).await.unwrap();
    assert_eq!(site.seen("/page")[1].headers["user-agent"], "RipTide/0.1 (+https://riptide.example/bot)");
    request.headers.insert("host", "e.example".parse().unwrap());
    assert_eq!(setting.pool.render(request).await.unwrap_err().code(), "invalid-render-request");
    setting.end().await;
}

#[tokio::test]
async fn blocked_kinds_are_not_loaded() {
    let Some(setting) = Setting::start().await else { return };
    let site = &setting.site;
    site.html(
        "/heavy",
        "<style>@font-face{font-family:f;src:url(/font.woff2)}p{font-family:f}</style><p>text</p>
         <img src=/picture.png><video src=/film.mp4 preload=auto></video><script src=/script.js></script>
         <script src=https://www.google-analytics.com/a.js></script>",
    );
    let mut request = setting.request("/heavy");
    request.block = Block { images: true, media: true, fonts: true, ads: true };
    let page = setting.pool.render(request).await.unwrap();
    for path in ["/picture.png", "/film.mp4", "/font.woff2"] {
        assert!(site.seen(path).is_empty(), "{path}");
    }
    assert_eq!((site.seen("/script.js").len(), page.refused.len()), (1, 0));
    setting.pool.render(setting.request("/heavy")).await.unwrap();
    assert_eq!(site.seen("/picture.png").len(), 1);
    setting.end().await;
}

#[tokio::test]
async fn what_is_too_much_is_an_error() {
    let change = |config: &mut riptide_browser::BrowserConfig| {
        (config.max_transfer, config.max_output) = (100_000, 10_000);
    };
    let Some(setting) = Setting::with(change).await else { return };
    let site = &setting.site;
    site.html("/grows", "<body><script>document.body.textContent = 'x'.repeat(20000)</script>");
    site.html("/heavy", "<img src=/large>").page("/large", Reply::of("image/png", vec![0; 300_000]));
    site.html("/plain", "<p>plain");
    for (path, code) in [("/grows", "render-too-large"), ("/heavy", "render-over-budget")] {
        let error = setting.pool.render(setting.request(path)).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
    assert!(setting.pool.render(setting.request("/plain")).await.is_ok());
    setting.end().await;
}
