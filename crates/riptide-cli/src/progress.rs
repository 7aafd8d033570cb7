//! What the user is told while the work goes on; all of it on the standard error.

use std::io::{self, IsTerminal, Write};
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use riptide::{Event, Subscription};

use crate::inputs::Inputs;

/// How long a start may take without a word.
const NOTICEABLE: Duration = Duration::from_millis(250);

/// How often the bar moves when no page is done.
const REDRAW: Duration = Duration::from_millis(200);

/// Prints a line. Nobody is left to tell when that fails.
pub(crate) fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{}", line.trim_end());
}

/// Messages, and a progress bar where it helps.
#[derive(Clone)]
pub(crate) struct Console {
    bar: ProgressBar,
}

impl Console {
    /// A console, with a progress bar if `many` pages are extracted and a terminal is looking.
    pub(crate) fn new(many: bool) -> Self {
        let shown = many && io::stderr().is_terminal();
        Self { bar: if shown { progress_bar() } else { ProgressBar::hidden() } }
    }

    /// Shows the bar, and finds out in the background how many pages there are.
    pub(crate) fn count(&self, inputs: Inputs) {
        if self.bar.is_hidden() {
            return;
        }
        self.bar.enable_steady_tick(REDRAW);
        if inputs.are_repeatable() {
            let bar = self.bar.clone();
            thread::spawn(move || {
                bar.set_length(u64::try_from(inputs.stream(None).count()).unwrap_or(u64::MAX))
            });
        }
    }

    /// Prints a message without disturbing the bar.
    pub(crate) fn message(&self, text: &str) {
        self.bar.suspend(|| say(&format!("riptide: {text}")));
    }

    /// Prints what happened beside the pages that the user should know.
    pub(crate) fn pass_on_warnings(&self, events: &Subscription) {
        for event in events.try_iter() {
            match event {
                Event::CacheRefused { path, reason } => self.message(&format!(
                    "warning: {}: no use as a cache of compiled extractors: {reason}",
                    path.display()
                )),
                Event::RegistryRefused { reason, .. } => self.message(&format!(
                    "warning: the changed configuration is not used: {reason}; the last good one goes on"
                )),
                _ => {}
            }
        }
    }

    /// Moves the bar on by one page.
    pub(crate) fn advance(&self) {
        self.bar.inc(1);
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// Says so on a terminal when making the component ready takes long enough to be noticed.
    pub(crate) fn explain_delay(&self, events: Subscription) {
        if !io::stderr().is_terminal() {
            return;
        }
        let console = self.clone();
        thread::spawn(move || {
            let loading = matches!(events.recv(), Some(Event::ComponentLoading { .. }));
            thread::sleep(NOTICEABLE);
            if loading && events.try_iter().next().is_none() {
                console.message("compiling the extractor; the next start will be fast");
            }
        });
    }
}

fn progress_bar() -> ProgressBar {
    let bar = ProgressBar::no_length();
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} pages, {elapsed} passed, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}
