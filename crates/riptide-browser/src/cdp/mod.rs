//! A small client of the [Chrome DevTools Protocol](https://chromedevtools.github.io/devtools-protocol/) over the pipe that
//! Chromium opens with `--remote-debugging-pipe`: JSON messages, each ended by a zero byte, in flat sessions.

mod connection;
pub(crate) mod events;
pub(crate) mod protocol;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use connection::{Connection, Listener, Message};

/// What Chromium is asked to do.
pub(crate) trait Command: Serialize {
    /// Its name in the protocol.
    const METHOD: &'static str;
    /// What Chromium answers.
    type Answer: DeserializeOwned;
}

/// Why a command has no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum CdpError {
    /// Chromium closed the pipe: it is gone.
    #[error("the browser is gone")]
    Closed,
    /// Chromium refused the command.
    #[error("{method}: {message}")]
    Refused {
        /// The command.
        method: &'static str,
        /// What Chromium says.
        message: String,
    },
    /// The answer is not what the protocol describes.
    #[error("{method}: the answer has an unknown form: {message}")]
    Form {
        /// The command.
        method: &'static str,
        /// What is wrong with it.
        message: String,
    },
}
