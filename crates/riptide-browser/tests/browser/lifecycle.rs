//! Browsers come and go, and leave nothing.

use std::fs;
use std::num::NonZero;
use std::time::{Duration, Instant};

use riptide_browser::{BrowserConfig, BrowserPool, Cookie, Wait, WaitRule};
use riptide_events::{BrowserEnd, BrowserExit, Event, Subscription};
use riptide_types::Failure as _;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use crate::setting::{Setting, dialer, folders, has_chromium};
use crate::site::{Reply, Site};

/// The browsers that were started, and how those ended that have.
fn history(events: &Subscription) -> (Vec<u32>, Vec<(BrowserEnd, BrowserExit)>) {
    let (mut started, mut closed) = (Vec::new(), Vec::new());
    for event in events.try_iter() {
        match event {
            Event::BrowserStarted { process, .. } => started.push(process),
            Event::BrowserClosed { end, exit, .. } => closed.push((end, exit)),
            _ => {}
        }
    }
    (started, closed)
}

/// The running processes of a browser of one type, such as `renderer`; an empty type: all.
fn processes(group: u32, kind: &str) -> Vec<Pid> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Some(process) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else {
            continue;
        };
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
        let command = fs::read_to_string(entry.path().join("cmdline")).unwrap_or_default();
        let fields: Vec<_> = fields.split_whitespace().take(3).collect();
        // Orphans that have ended are collected by the system's first process, when it pleases.
        let runs = fields.get(2) == Some(&&*group.to_string()) && fields.first() != Some(&"Z");
        if runs && (kind.is_empty() || command.contains(&format!("--type={kind}"))) {
            found.push(Pid::from_raw(process).unwrap());
        }
    }
    found
}

async fn until(what: &str, mut reached: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_mins(1);
    while !reached() {
        assert!(Instant::now() < end, "{what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_page_finds_nothing_of_the_one_before_it() {
    let Some(setting) = Setting::start().await else { return };
    let events = setting.events.subscribe();
    setting.site.html(
        "/visit",
        "<p id=out></p><script>
            out.textContent = `cookie:${document.cookie} local:${localStorage.length} session:${sessionStorage.length}`;
            localStorage.a = 1; sessionStorage.b = 2; document.cookie = 'seen=1; max-age=9999';
            caches.keys().then(keys => { out.textContent += ' caches:' + keys.length; caches.open('c') });
        </script>",
    );
    let mut request = setting.request("/visit");
    for _ in 0..2 {
        let page = setting.pool.render(request.clone()).await.unwrap();
        assert!(page.html.contains("cookie: local:0 session:0"), "{}", page.html);
    }
    request.cookies = vec![Cookie { name: "own".into(), value: "1".into(), domain: None, path: None }];
    let page = setting.pool.render(request).await.unwrap();
    assert!(page.html.contains("cookie:own=1 local:0 session:0"), "{}", page.html);
    let (started, closed) = history(&events);
    assert_eq!((started.len(), closed.len()), (1, 0), "one browser showed them all");
    setting.end().await;
}

#[tokio::test]
async fn a_browser_is_replaced_when_it_is_worn_out() {
    for (end, change) in [
        (
            BrowserEnd::Uses,
            (|config: &mut BrowserConfig| config.max_uses = NonZero::<u32>::MIN) as fn(&mut _),
        ),
        (BrowserEnd::Memory, |config: &mut BrowserConfig| config.max_memory = 1),
    ] {
        let Some(setting) = Setting::with(change).await else { return };
        let events = setting.events.subscribe();
        setting.site.html("/", "<p>x");
        for _ in 0..2 {
            setting.pool.render(setting.request("/")).await.unwrap();
        }
        until("both are gone", || setting.pool.status().browsers == 0).await;
        let (started, closed) = history(&events);
        assert_eq!(started.len(), 2);
        assert_eq!(closed.into_iter().map(|(end, _)| end).collect::<Vec<_>>(), [end, end]);
        setting.end().await;
    }
}

#[tokio::test]
async fn a_crash_of_a_page_or_a_browser_harms_no_other() {
    let two = |config: &mut BrowserConfig| {
        (config.browsers, config.warm) = (NonZero::new(2).unwrap(), 2);
    };
    for (kind, code) in [("renderer", "page-crashed"), ("", "browser-died")] {
        let Some(setting) = Setting::with(two).await else { return };
        let events = setting.events.subscribe();
        setting.site.html("/waits", "<p>waits</p><script src=/slow></script>");
        setting.site.page("/slow", Reply::of("text/javascript", "").stalling());
        setting.site.html("/fine", "<p>fine");
        until("two browsers are ready", || setting.pool.status().idle == 2).await;
        let started = history(&events).0;

        let mut request = setting.request("/waits");
        request.wait = Wait { rule: WaitRule::Selector("#never".into()), limit: Duration::from_mins(1) };
        let pool = setting.pool.clone();
        let page = tokio::spawn(async move { pool.render(request).await });
        until("the page is shown", || !setting.site.seen("/slow").is_empty()).await;
        // The one that was ready last is handed out first.
        let victim = *started.last().unwrap();
        for process in processes(victim, kind) {
            let _ = kill_process(process, Signal::KILL);
        }
        assert!(setting.pool.render(setting.request("/fine")).await.is_ok());
        assert_eq!(page.await.unwrap().unwrap_err().code(), code);
        let ended = Instant::now();
        until("the pool is full again", || setting.pool.status().idle == 2).await;
        println!("{code}: full again after {:?}", ended.elapsed());
        let (fresh, closed) = history(&events);
        assert_eq!((fresh.len(), closed.len()), (1, 1));
        assert_eq!(closed[0].0, BrowserEnd::Crash);
        until("no process is left", || processes(victim, "").is_empty()).await;
        setting.end().await;
    }
}

#[tokio::test]
async fn a_browser_that_dies_while_it_waits_is_replaced() {
    let Some(setting) = Setting::with(|config| config.warm = 1).await else { return };
    let events = setting.events.subscribe();
    until("it is ready", || setting.pool.status().idle == 1).await;
    let victim = history(&events).0[0];
    kill_process(Pid::from_raw(victim as i32).unwrap(), Signal::KILL).unwrap();
    let mut fresh = Vec::new();
    until("another is started", || {
        fresh.extend(history(&events).0);
        !fresh.is_empty() && setting.pool.status().idle == 1
    })
    .await;
    assert!(test_kill_process(Pid::from_raw(victim as i32).unwrap()).is_err());
    setting.end().await;
}

#[tokio::test]
async fn who_finds_no_room_is_told_so_and_who_waits_too_long_as_well() {
    let Some(setting) = Setting::with(|config| config.queue = 1).await else { return };
    setting.site.html("/waits", "<script src=/slow></script>");
    setting.site.page("/slow", Reply::of("text/javascript", "").stalling());
    let mut request = setting.request("/waits");
    request.wait.limit = Duration::from_secs(5);
    request.deadline = Duration::from_secs(8);
    let started = |request: riptide_browser::RenderRequest| {
        let pool = setting.pool.clone();
        tokio::spawn(async move { pool.render(request).await })
    };
    let first = started(request.clone());
    until("the first is shown", || setting.pool.status().in_use == 1).await;
    request.deadline = Duration::from_millis(300);
    let second = started(request.clone());
    until("the second waits", || setting.pool.status().waiting == 1).await;
    let error = setting.pool.render(request).await.unwrap_err();
    assert_eq!((error.code(), error.retryable()), ("queue-full", true));
    assert_eq!(second.await.unwrap().unwrap_err().code(), "render-deadline-exceeded");
    assert!(first.await.unwrap().is_ok());
    setting.end().await;
}

#[tokio::test]
async fn a_page_that_nobody_waits_for_stops_and_its_browser_goes_on() {
    let Some(setting) = Setting::start().await else { return };
    let events = setting.events.subscribe();
    setting.site.html("/waits", "<script src=/slow></script>").html("/fine", "<p>fine");
    setting.site.page("/slow", Reply::of("text/javascript", "").stalling());
    let (pool, request) = (setting.pool.clone(), setting.request("/waits"));
    let page = tokio::spawn(async move { pool.render(request).await });
    until("the page is shown", || !setting.site.seen("/slow").is_empty()).await;
    page.abort();
    assert!(page.await.unwrap_err().is_cancelled());
    until("its browser waits again", || setting.pool.status().idle == 1).await;
    assert!(setting.pool.render(setting.request("/fine")).await.is_ok());
    assert_eq!(history(&events).0.len(), 1);
    setting.end().await;
}

#[tokio::test]
async fn a_shutdown_lets_pages_finish_and_stops_those_that_do_not() {
    let Some(setting) = Setting::start().await else { return };
    setting.site.html("/waits", "<script src=/slow></script>");
    setting.site.page("/slow", Reply::of("text/javascript", "").stalling());
    let (pool, request) = (setting.pool.clone(), setting.request("/waits"));
    let page = tokio::spawn(async move { pool.render(request).await });
    until("the page is shown", || !setting.site.seen("/slow").is_empty()).await;
    assert!(!setting.pool.shutdown(Duration::from_millis(50)).await);
    assert_eq!(page.await.unwrap().unwrap_err().code(), "pool-closed");
    let error = setting.pool.render(setting.request("/waits")).await.unwrap_err();
    assert_eq!(error.code(), "pool-closed");
    assert_eq!((setting.pool.status().browsers, setting.pool.leaks()), (0, 0));
    setting.end_after_shutdown();
}

#[tokio::test]
async fn a_busy_or_stopped_browser_is_killed_in_time() {
    let Some(setting) = Setting::with(|config| config.close_limit = Duration::from_secs(2)).await else {
        return;
    };
    let events = setting.events.subscribe();
    setting.site.html("/", "<p>x");
    setting.pool.render(setting.request("/")).await.unwrap();
    until("it waits", || setting.pool.status().idle == 1).await;
    let browser = history(&events).0[0];
    kill_process(Pid::from_raw(browser as i32).unwrap(), Signal::STOP).unwrap();
    assert!(setting.pool.shutdown(Duration::from_secs(5)).await);
    assert_eq!(history(&events).1, [(BrowserEnd::Shutdown, BrowserExit::Killed)]);
    until("no process is left", || processes(browser, "").is_empty()).await;
    setting.end_after_shutdown();
}

/// Without a shutdown, and without a runtime to do it in.
#[test]
fn a_pool_that_is_dropped_leaves_no_process_and_no_file() {
    if !has_chromium() {
        return;
    }
    let (site, profiles) = (Site::start(), tempfile::tempdir().unwrap());
    site.html("/", "<p>x");
    let bus = riptide_events::EventBus::new(64);
    let events = bus.subscribe();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let pool = runtime.block_on(async {
        let config =
            BrowserConfig { profiles: Some(profiles.path().join("p")), warm: 0, ..BrowserConfig::default() };
        let pool = BrowserPool::start(config, dialer(&site), bus).await.unwrap();
        pool.render(riptide_browser::RenderRequest::new(site.url("/"))).await.unwrap();
        until("it waits", || pool.status().idle == 1).await;
        pool
    });
    let browser = history(&events).0[0];
    drop(runtime);
    drop(pool);
    assert_eq!(processes(browser, "").len(), 0);
    assert_eq!(folders(profiles.path(), 3).len(), 1, "the folder of profiles alone");
}

#[tokio::test]
async fn a_program_that_is_no_chromium_is_an_error_with_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("chromium");
    fs::write(&program, "#!/bin/sh\necho no display here >&2; exit 3\n").unwrap();
    fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let site = Site::start();
    let config = BrowserConfig {
        program: Some(program),
        profiles: Some(folder.path().join("p")),
        warm: 0,
        ..BrowserConfig::default()
    };
    let pool = BrowserPool::start(config, dialer(&site), riptide_events::EventBus::new(1)).await.unwrap();
    let error = pool.render(riptide_browser::RenderRequest::new(site.url("/"))).await.unwrap_err();
    assert_eq!(error.code(), "browser-launch-failed");
    assert!(error.to_string().contains("no display here"), "{error}");
    assert!(pool.shutdown(Duration::from_secs(5)).await);
}
