//! Scripts of ours in a page: in a world of their own, where the page's scripts see and change nothing.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout};

use super::events::Page;
use crate::cdp::protocol::{CreateIsolatedWorld, Evaluate, TerminateExecution};
use crate::{BrowserError, Warning};

/// A document can be replaced while it is asked. Then the next one is asked, so often and with such a pause.
const ATTEMPTS: u32 = 50;
const PAUSE: Duration = Duration::from_millis(20);

/// How long a script of the page may keep it from answering before it is stopped.
const PATIENCE: Duration = Duration::from_millis(700);

/// What the page is in the end.
#[derive(Debug, Deserialize)]
pub(super) struct Snapshot {
    pub(super) url: String,
    pub(super) size: usize,
    pub(super) html: Option<String>,
}

impl Page {
    /// The value of an expression, or the message of what it throws.
    pub(super) async fn evaluate(&self, expression: &str) -> Result<Result<Value, String>, BrowserError> {
        let frame_id = self.state().target.clone();
        let mut refusal = String::new();
        for _ in 0..ATTEMPTS {
            let world = CreateIsolatedWorld { frame_id: &frame_id, world_name: "riptide" };
            let evaluated = match self.try_call(&world).await? {
                Ok(world) => self.try_call(&in_world(expression, Some(world.execution_context_id))).await?,
                Err(message) => Err(message),
            };
            match evaluated {
                Ok(evaluated) => {
                    let thrown = evaluated.exception_details.map(|exception| exception.message());
                    return Ok(thrown.map_or(Ok(evaluated.result.value), Err));
                }
                Err(message) => refusal = message,
            }
            sleep(PAUSE).await;
        }
        Err(BrowserError::Protocol { message: format!("Runtime.evaluate: {refusal}") })
    }

    /// The value of a script that was asked for, in the page's own world.
    pub(super) async fn run(&self, source: &str) -> Result<Result<Value, String>, BrowserError> {
        let evaluated = self.try_call(&in_world(source, None)).await?;
        Ok(evaluated.and_then(|evaluated| match evaluated.exception_details {
            Some(exception) => Err(exception.message()),
            None => Ok(evaluated.result.value),
        }))
    }

    /// The page's markup, even where one of its scripts never ends.
    pub(super) async fn snapshot(&self, limit: usize, end: Instant) -> Result<Snapshot, BrowserError> {
        let script = SNAPSHOT.replace("LIMIT", &limit.to_string());
        let patience = PATIENCE.min(end.saturating_duration_since(Instant::now()) / 2);
        let value = match timeout(patience, self.evaluate(&script)).await {
            Ok(value) => value?,
            Err(_) => {
                let session = self.state().session.clone();
                self.connection.tell(&session, &TerminateExecution {});
                self.state().warn(Warning::ScriptStopped);
                self.evaluate(&script).await?
            }
        };
        let form = |message: String| BrowserError::Protocol { message };
        let snapshot: Snapshot =
            serde_json::from_value(value.map_err(form)?).map_err(|error| form(error.to_string()))?;
        if snapshot.size > limit || snapshot.html.as_ref().is_none_or(|html| html.len() > limit) {
            return Err(BrowserError::TooLarge { what: "markup", limit });
        }
        Ok(snapshot)
    }
}

/// Serialises the document, with its open shadow trees in place of what they cover.
const SNAPSHOT: &str = include_str!("snapshot.js");

fn in_world(expression: &str, context_id: Option<i64>) -> Evaluate<'_> {
    Evaluate { expression, context_id, return_by_value: true, await_promise: true, user_gesture: false }
}

/// A string as JavaScript writes it: JSON is a part of it (ECMA-262, since 2019).
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

pub(super) fn selector_error(selector: &str) -> BrowserError {
    BrowserError::InvalidSelector { selector: selector.chars().take(200).collect() }
}
