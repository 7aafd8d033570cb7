//! What is told of the runtime's events: warnings, the log, the table, the metrics.

use std::fs::File;
use std::io::{LineWriter, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use crossbeam_channel::{Receiver, Sender, bounded};
use riptide::{CloudEvent, Event, EventBus, Metrics, Subscription, resident_bytes};

use crate::args::ExtractArgs;
use crate::output::Unfinished;
use crate::progress::{Console, REDRAW};
use crate::stats;
use crate::warnings::Warnings;

/// How many events may wait for the log; what comes on top of them is not logged, but counted.
const CAPACITY: usize = 1024;

/// Who tells the events of the log.
const SOURCE: &str = "/riptide/extract";

/// Listens to the runtime as long as pages are extracted.
pub(crate) struct Telemetry {
    bus: EventBus,
    metrics: Arc<Metrics>,
    events: Arc<Subscription>,
    listener: JoinHandle<anyhow::Result<()>>,
    live_table: Option<(Sender<()>, JoinHandle<()>)>,
    shows_stats: bool,
    metrics_file: Option<PathBuf>,
}

impl Telemetry {
    /// Starts to listen.
    ///
    /// # Errors
    /// When the log cannot be opened.
    pub(crate) fn start(args: &ExtractArgs, console: &Console) -> anyhow::Result<Self> {
        let log = args.log.as_deref().map(|path| Log::open(path, console)).transpose()?;
        let (bus, metrics) = (EventBus::new(CAPACITY), Arc::new(Metrics::new()));
        bus.observe(metrics.clone());
        let events = Arc::new(bus.subscribe());
        let (heard, told) = (Arc::clone(&events), console.clone());
        let listener = thread::spawn(move || listen(&heard, &told, log));
        let live_table = (args.stats && console.is_live()).then(|| {
            let (stop, stopped) = bounded(0);
            let (counted, shown) = (Arc::clone(&metrics), console.clone());
            (stop, thread::spawn(move || keep_table(&counted, &shown, &stopped)))
        });
        let (shows_stats, metrics_file) = (args.stats, args.metrics.clone());
        Ok(Self { bus, metrics, events, listener, live_table, shows_stats, metrics_file })
    }

    /// Where the runtime tells what happens.
    pub(crate) fn bus(&self) -> EventBus {
        self.bus.clone()
    }

    /// Tells what is left to tell.
    ///
    /// # Errors
    /// When the log or the metrics could not be written.
    pub(crate) fn finish(self, console: &Console, unfinished: &Unfinished) -> anyhow::Result<()> {
        if let Some((stop, table)) = self.live_table {
            drop(stop);
            let _ = table.join();
        }
        self.events.end();
        let logged = self.listener.join().unwrap_or_else(|_| anyhow::bail!("the log has ended too early"));
        if self.shows_stats {
            console.print(&stats::table(&self.metrics.snapshot(), resident_bytes()));
        }
        if let Some(path) = self.metrics_file {
            let written = unfinished.write_text(&path, &self.metrics.render());
            written.with_context(|| format!("{}: the metrics cannot be written", path.display()))?;
        }
        logged
    }
}

/// Warns of events, and logs them, until their end.
fn listen(events: &Subscription, console: &Console, mut log: Option<Log>) -> anyhow::Result<()> {
    let mut warnings = Warnings::default();
    let mut logged = Ok(());
    while let Some(event) = events.recv() {
        if let Some(warning) = warnings.about(&event, Instant::now()) {
            console.message(&format!("warning: {warning}"));
        }
        // A log that cannot be written ends there; the pages matter more.
        if let (Some(log), true) = (&mut log, logged.is_ok()) {
            logged = log.write(&event, SystemTime::now());
        }
    }
    if warnings.kept_back() > 0 {
        console.message(&format!("warning: {} more of the same were kept back", warnings.kept_back()));
    }
    if log.is_some() && events.dropped() > 0 {
        console.message(&format!("warning: {} events came too fast to be logged", events.dropped()));
    }
    logged
}

fn keep_table(metrics: &Metrics, console: &Console, stopped: &Receiver<()>) {
    while stopped.recv_timeout(REDRAW).is_err_and(|end| end.is_timeout()) {
        console.show(format!("\n{}", stats::table(&metrics.snapshot(), resident_bytes())));
    }
}

/// A line of JSON for each event.
struct Log {
    target: Target,
    /// Tells this run from others in the events' numbers.
    run: String,
    written: u64,
}

enum Target {
    Console(Console),
    File(PathBuf, LineWriter<File>),
}

impl Log {
    fn open(path: &Path, console: &Console) -> anyhow::Result<Self> {
        let target = if path == Path::new("-") {
            Target::Console(console.clone())
        } else {
            let file = File::options().create(true).append(true).open(path);
            let file = file.with_context(|| format!("{}: the log cannot be opened", path.display()))?;
            Target::File(path.to_owned(), LineWriter::new(file))
        };
        let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
        Ok(Self { target, run: format!("{started:x}-{:x}", process::id()), written: 0 })
    }

    fn write(&mut self, event: &Event, time: SystemTime) -> anyhow::Result<()> {
        self.written += 1;
        let id = format!("{}-{}", self.run, self.written);
        let mut line = serde_json::to_string(&CloudEvent::new(event, SOURCE, &id, time))?;
        match &mut self.target {
            Target::Console(console) => console.print(&line),
            Target::File(path, file) => {
                line.push('\n');
                let written = file.write_all(line.as_bytes());
                written.with_context(|| format!("{}: the log cannot be written", path.display()))?;
            }
        }
        Ok(())
    }
}
