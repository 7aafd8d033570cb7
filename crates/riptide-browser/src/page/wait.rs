//! Waiting for a page to be as it should.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::events::Page;
use super::script::{quoted, selector_error};
use super::state::State;
use crate::cdp::{CdpError, Command};
use crate::{BrowserError, WaitRule};

/// How often a page is asked for an element.
const PAUSE: Duration = Duration::from_millis(50);

impl Page {
    /// What `look` finds in the page's state, as soon as it finds something.
    pub(super) async fn until<T>(
        &self,
        mut look: impl FnMut(&mut State) -> Option<T>,
    ) -> Result<T, BrowserError> {
        loop {
            {
                let mut state = self.state();
                if let Some(end) = &state.end {
                    return Err(end.clone().into());
                }
                if let Some(found) = look(&mut state) {
                    return Ok(found);
                }
            }
            self.changed.notified().await;
        }
    }

    /// The output of a future that asks the page something; a page that has ended does not answer.
    pub(super) async fn unless_ended<T>(
        &self,
        future: impl Future<Output = Result<T, BrowserError>>,
    ) -> Result<T, BrowserError> {
        let future = pin!(future);
        tokio::select! {
            output = future => output,
            ended = self.until(|_| None) => ended,
        }
    }

    /// Gives the page a command. The answer comes, or the page has ended.
    pub(super) async fn call<C: Command>(&self, command: &C) -> Result<C::Answer, BrowserError> {
        let session = self.state().session.clone();
        self.unless_ended(async { Ok(self.connection.call(&session, command).await?) }).await
    }

    /// As [`Self::call`], where a refusal has a meaning of its own.
    pub(super) async fn try_call<C: Command>(
        &self,
        command: &C,
    ) -> Result<Result<C::Answer, String>, BrowserError> {
        let session = self.state().session.clone();
        self.unless_ended(async {
            match self.connection.call(&session, command).await {
                Ok(answer) => Ok(Ok(answer)),
                Err(CdpError::Refused { message, .. }) => Ok(Err(message)),
                Err(error) => Err(error.into()),
            }
        })
        .await
    }

    /// Waits for what the rule says, until `end` at the latest. Whether it came.
    pub(super) async fn wait(&self, rule: &WaitRule, end: Instant) -> Result<bool, BrowserError> {
        let waiting = async {
            match rule {
                WaitRule::NetworkIdle { quiet } => self.idle(*quiet).await,
                WaitRule::Selector(selector) => self.element(selector).await,
                WaitRule::Fixed(pause) => {
                    self.until(|state| state.loaded.then_some(())).await?;
                    self.unless_ended(async {
                        sleep(*pause).await;
                        Ok(())
                    })
                    .await
                }
            }
        };
        match timeout_at(end, waiting).await {
            Ok(waited) => waited.map(|()| true),
            Err(_) => Ok(false),
        }
    }

    async fn idle(&self, quiet: Duration) -> Result<(), BrowserError> {
        loop {
            let left = self.until(|state| state.quiet_left(quiet, Instant::now())).await?;
            if left.is_zero() {
                return Ok(());
            }
            // Over, or something has happened: either way it is looked at anew.
            let _ = timeout(left, self.changed.notified()).await;
        }
    }

    async fn element(&self, selector: &str) -> Result<(), BrowserError> {
        let script = format!("document.querySelector({}) !== null", quoted(selector));
        loop {
            let found = self.evaluate(&script).await?.map_err(|_| selector_error(selector))?;
            if found == serde_json::Value::Bool(true) {
                return Ok(());
            }
            sleep(PAUSE).await;
        }
    }
}
