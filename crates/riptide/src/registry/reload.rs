//! Keeps the routes as the files say, off the data path.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use riptide_events::{Event, EventBus};
use riptide_pool::Alarm;
use riptide_sandbox::{Sandbox, SandboxError};

use super::routes::{Stamp, Stamps};
use super::{Registry, Routes};
use crate::Error;

/// How often the files are looked at.
const PERIOD: Duration = Duration::from_secs(1);

/// How long a version that was refused is left alone while its files stay as they are; twice as long each time.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// The routes of a registry, replaced whenever one of its files changes.
///
/// A change takes effect as a whole or not at all: a version that is refused leaves the routes as they are. Documents
/// under way finish on the routes that they started with.
pub(crate) struct Reload {
    routes: Arc<RwLock<Arc<Routes>>>,
    /// Its action holds the only sender of the thread's channel, so the thread ends with it: at once or, when it just
    /// compiles, after that. Nobody waits for it.
    _alarm: Alarm,
}

impl Reload {
    /// Loads the components, and starts the thread that looks at the files.
    pub(crate) fn start(registry: Registry, sandbox: Sandbox, events: EventBus) -> Result<Self, Error> {
        let clock = sandbox.clock().clone();
        let mut watch = Watch::new(&registry);
        let first = Routes::load(registry, &sandbox, &Routes::default(), &mut watch.stamps)?;
        let routes = Arc::new(RwLock::new(Arc::new(first)));
        let (ticks_in, ticks) = crossbeam_channel::bounded(1);
        let start = clock.now() + PERIOD;
        let alarm = clock.at(start, move || {
            // A tick that finds the thread at work is one too many.
            let _ = ticks_in.try_send(());
            Some(PERIOD)
        });
        let shared = Arc::clone(&routes);
        let serve = move || {
            for () in ticks {
                let current = current(&shared);
                match watch.reload(&sandbox, &current, clock.now()) {
                    None => {}
                    Some(Ok(routes)) => {
                        *shared.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(routes);
                        events.emit(Event::RegistryReloaded { path: watch.path.clone() });
                    }
                    Some(Err(error)) => {
                        let (path, reason) = (watch.path.clone(), error.to_string());
                        events.emit(Event::RegistryRefused { path, reason });
                    }
                }
            }
        };
        let thread = thread::Builder::new().name("riptide-registry".to_owned());
        thread.spawn(serve).map_err(SandboxError::ThreadRefused)?;
        Ok(Self { routes, _alarm: alarm })
    }

    /// The routes as they are now.
    pub(crate) fn routes(&self) -> Arc<Routes> {
        current(&self.routes)
    }
}

fn current(routes: &RwLock<Arc<Routes>>) -> Arc<Routes> {
    Arc::clone(&routes.read().unwrap_or_else(PoisonError::into_inner))
}

/// What the thread remembers from one look at the files to the next.
struct Watch {
    path: PathBuf,
    /// The files of the last version, be it in use or refused.
    stamps: Stamps,
    /// When a refused version is tried again although nothing seems to have changed, such as after a `chmod`, and how
    /// long the pause before was.
    retry: Option<(Instant, Duration)>,
}

impl Watch {
    fn new(registry: &Registry) -> Self {
        let stamps = Stamps::from([(registry.path.clone(), registry.stamp)]);
        Self { path: registry.path.clone(), stamps, retry: None }
    }

    /// Loads the version that the files hold now, if it is another than the last or worth another try.
    fn reload(&mut self, sandbox: &Sandbox, current: &Routes, now: Instant) -> Option<Result<Routes, Error>> {
        let has_changed = self.stamps.iter().any(|(path, stamp)| Stamp::of(path) != *stamp);
        let is_due = self.retry.is_some_and(|(when, _)| when <= now);
        if !has_changed && !is_due {
            return None;
        }
        self.stamps = Stamps::from([(self.path.clone(), Stamp::of(&self.path))]);
        let result = Registry::read(&self.path)
            .and_then(|registry| Routes::load(registry, sandbox, current, &mut self.stamps));
        self.retry = match (&result, self.retry.filter(|_| !has_changed)) {
            (Ok(_), _) => None,
            (Err(_), None) => Some(FIRST_PAUSE),
            (Err(_), Some((_, pause))) => Some((pause * 2).min(LONGEST_PAUSE)),
        }
        .map(|pause| (now + pause, pause));
        Some(result)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use riptide_sandbox::SandboxConfig;

    use super::*;

    fn sandbox() -> Sandbox {
        Sandbox::new(SandboxConfig::default()).unwrap()
    }

    #[test]
    fn a_refused_version_is_tried_again_after_pauses_that_double_and_at_once_when_it_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("riptide.toml");
        fs::write(&path, "").unwrap();
        let (sandbox, routes) = (sandbox(), Routes::default());
        let mut watch = Watch::new(&Registry::read(&path).unwrap());
        let mut now = Instant::now();
        let mut look_after = |seconds| {
            now += Duration::from_secs(seconds);
            watch.reload(&sandbox, &routes, now).map(|result| result.is_ok())
        };
        assert_eq!(look_after(1000), None);
        fs::write(&path, "nonsense").unwrap();
        let pauses = [(0, Some(false)), (1, None), (1, Some(false)), (3, None), (1, Some(false)), (7, None)];
        for (pause, expected) in pauses {
            assert_eq!(look_after(pause), expected, "after {pause} s");
        }
        fs::write(&path, "other nonsense").unwrap();
        assert_eq!(look_after(0), Some(false));
        assert_eq!(look_after(2), Some(false));
        fs::write(&path, "extractors = []").unwrap();
        assert_eq!(look_after(0), Some(true));
        assert_eq!(look_after(1000), None);
        fs::remove_file(&path).unwrap();
        assert_eq!(look_after(0), Some(false));
    }
}
