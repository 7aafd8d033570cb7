//! A pool that may reach one site and nothing else.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::time::Duration;

use riptide_browser::{BrowserConfig, BrowserPool, RenderRequest, find_chromium};
use riptide_events::EventBus;
use riptide_fetch::{Dialer, Guard, Policy, Resolver};
use tempfile::TempDir;

use crate::site::Site;

/// Whether there is a Chromium to test with. Without one the tests pass, unless `CI` is set.
pub(crate) fn has_chromium() -> bool {
    match find_chromium(None) {
        Ok(_) => true,
        Err(error) if std::env::var_os("CI").is_some() => panic!("{error}"),
        Err(error) => {
            println!("skipped: {error}");
            false
        }
    }
}

/// A pool, its site, and the folder of its profiles.
pub(crate) struct Setting {
    pub(crate) pool: BrowserPool,
    pub(crate) site: Site,
    pub(crate) profiles: TempDir,
    pub(crate) events: EventBus,
}

impl Setting {
    /// `None` where there is no Chromium.
    pub(crate) async fn start() -> Option<Self> {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut BrowserConfig)) -> Option<Self> {
        if !has_chromium() {
            return None;
        }
        let (site, profiles, events) = (Site::start(), TempDir::new().unwrap(), EventBus::new(1024));
        let mut config = BrowserConfig {
            profiles: Some(profiles.path().join("profiles")),
            browsers: NonZero::<usize>::MIN,
            warm: 0,
            launch_limit: Duration::from_mins(2),
            ..BrowserConfig::default()
        };
        change(&mut config);
        let pool = BrowserPool::start(config, dialer(&site), events.clone()).await.unwrap();
        Some(Self { pool, site, profiles, events })
    }

    pub(crate) fn request(&self, path: &str) -> RenderRequest {
        RenderRequest { deadline: Duration::from_mins(2), ..RenderRequest::new(self.site.url(path)) }
    }

    /// Ends the pool; nothing is left of it.
    pub(crate) async fn end(self) {
        assert!(self.pool.shutdown(Duration::from_secs(30)).await);
        self.end_after_shutdown();
    }

    pub(crate) fn end_after_shutdown(self) {
        assert_eq!((self.pool.status().browsers, self.pool.leaks()), (0, 0));
        drop(self.pool);
        assert_eq!(folders(&self.profiles.path().join("profiles"), 2), Vec::<PathBuf>::new());
    }
}

/// Connections to the site alone, also by the name `site.example`.
pub(crate) fn dialer(site: &Site) -> Dialer {
    let port = site.address.port();
    let exceptions =
        ["127.0.0.1", "site.example", "other.example"].map(|host| format!("{host}:{port}").parse().unwrap());
    let guard = Guard::new(Policy { exceptions: exceptions.into(), ..Policy::default() });
    let names = ["site.example", "other.example"].map(|name| (name.to_owned(), vec![site.address.ip()]));
    // An honest name that leads inwards.
    let inner = [("inner.example".to_owned(), vec![site.address.ip()])];
    let resolver = Resolver::default().with_fixed(names.into_iter().chain(inner));
    Dialer::new(guard, resolver, None, Duration::from_secs(5))
}

/// The folders below `parent`, as deep as `depth`, that are not empty of folders' sake.
pub(crate) fn folders(parent: &Path, depth: usize) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(parent).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            if depth > 1 {
                found.extend(folders(&path, depth - 1));
            }
            found.push(path);
        }
    }
    found
}
