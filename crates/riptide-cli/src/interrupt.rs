//! How the program ends when it is told to.

use std::future;
use std::process;
use std::time::Duration;

use anyhow::Context;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::exit::Exit;
use crate::output::Unfinished;
use crate::progress::Console;

/// How long a page from the web may go on that is under way: a server can keep it for a minute, and each try anew.
const GRACE: Duration = Duration::from_secs(3);

/// Whether Ctrl-C or SIGTERM has come.
#[derive(Clone)]
pub(crate) struct Interrupt(watch::Receiver<bool>);

impl Interrupt {
    /// From now on the first one takes no further page and ends in good order; the second ends at once, and leaves no files
    /// behind that are not whole. With a single page there is nothing to put in order.
    ///
    /// # Errors
    /// When the operating system does not let signals be handled.
    pub(crate) fn watch(many: bool, console: Console, unfinished: Unfinished) -> anyhow::Result<Self> {
        let (sender, receiver) = watch::channel(false);
        ctrlc::set_handler(move || {
            if sender.send_replace(true) || !many {
                let _last = unfinished.remove();
                process::exit(Exit::Interrupted as i32);
            }
            console.message("interrupted; finishing the pages under way, once more to end at once");
        })
        .context("signals cannot be handled")?;
        Ok(Self(receiver))
    }

    /// Whether one has come.
    pub(crate) fn has_come(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until one has come, and what was under way then has had its time.
    pub(crate) async fn grace_is_over(&self) {
        if self.0.clone().wait_for(|has_come| *has_come).await.is_err() {
            // Nobody listens to signals any more.
            future::pending::<()>().await;
        }
        sleep(GRACE).await;
    }
}
