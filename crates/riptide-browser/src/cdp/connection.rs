//! The two ends of the debugging pipe, and who waits for which answer.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::unix::pipe;
use tokio::sync::{mpsc, oneshot};

use super::{CdpError, Command};

/// Bytes of the longest message: a page's markup or picture, written as JSON.
const LONGEST_MESSAGE: u64 = 256 * 1024 * 1024;
/// Messages that may wait until Chromium reads them. One that stops reading for so long is broken.
const MOST_WAITING: usize = 4096;

/// The commands of one browser. Clones share the pipe, which closes with the last of them.
#[derive(Clone)]
pub(crate) struct Connection(Arc<Shared>);

struct Shared {
    outgoing: mpsc::Sender<Vec<u8>>,
    calls: Mutex<Calls>,
}

#[derive(Default)]
struct Calls {
    next: u64,
    waiting: HashMap<u64, oneshot::Sender<Result<Box<RawValue>, Remote>>>,
    closed: bool,
}

/// What Chromium tells unasked.
#[derive(Debug)]
pub(crate) struct Message<'m> {
    /// Which target it concerns; empty for the browser itself.
    pub(crate) session: &'m str,
    /// The event's name in the protocol.
    pub(crate) method: &'m str,
    /// Its parameters.
    pub(crate) params: &'m str,
}

impl<'m> Message<'m> {
    /// The parameters; `None` when they have an unknown form.
    pub(crate) fn read<T: Deserialize<'m>>(&self) -> Option<T> {
        serde_json::from_str(self.params).ok()
    }
}

/// Hears what a browser tells, in its order, on the task that reads the pipe: it must be quick.
pub(crate) trait Listener: Send + Sync + 'static {
    /// An event came.
    fn hear(&self, message: &Message<'_>);
    /// The pipe is closed: nothing more will come.
    fn closed(&self);
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outgoing<'a, C> {
    id: u64,
    method: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    session_id: &'a str,
    params: &'a C,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Incoming<'a> {
    id: Option<u64>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    error: Option<Remote>,
    #[serde(borrow)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
    #[serde(borrow)]
    session_id: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Remote {
    message: String,
}

impl Connection {
    /// Starts to read and write.
    pub(crate) fn start(to: OwnedFd, from: OwnedFd, listener: Arc<dyn Listener>) -> io::Result<Self> {
        let (to, from) = (pipe::Sender::from_owned_fd(to)?, pipe::Receiver::from_owned_fd(from)?);
        let (outgoing, messages) = mpsc::channel(MOST_WAITING);
        let shared = Arc::new(Shared { outgoing, calls: Mutex::default() });
        let readers = Arc::downgrade(&shared);
        tokio::spawn(write(to, messages));
        tokio::spawn(async move {
            let mut reader = BufReader::new(from);
            while let Some(message) = next_message(&mut reader).await {
                let Some(shared) = readers.upgrade() else { break };
                shared.sort(&message, &*listener);
            }
            if let Some(shared) = readers.upgrade() {
                shared.close();
            }
            listener.closed();
        });
        Ok(Self(shared))
    }

    /// Sends a command and waits for its answer. Dropping the future leaves the command sent.
    pub(crate) async fn call<C: Command>(&self, session: &str, command: &C) -> Result<C::Answer, CdpError> {
        let (sender, receiver) = oneshot::channel();
        let id = {
            let mut calls = self.0.calls();
            if calls.closed {
                return Err(CdpError::Closed);
            }
            calls.next += 1;
            let id = calls.next;
            calls.waiting.insert(id, sender);
            id
        };
        let _forget = Forget { shared: &self.0, id };
        self.send(id, session, command)?;
        let answer = receiver.await.map_err(|_| CdpError::Closed)?;
        let raw = answer.map_err(|Remote { message }| CdpError::Refused { method: C::METHOD, message })?;
        serde_json::from_str(raw.get())
            .map_err(|error| CdpError::Form { method: C::METHOD, message: error.to_string() })
    }

    /// Sends a command whose answer says nothing.
    pub(crate) fn tell<C: Command>(&self, session: &str, command: &C) {
        let id = {
            let mut calls = self.0.calls();
            calls.next += 1;
            calls.next
        };
        // A browser that is gone needs to be told nothing.
        let _ = self.send(id, session, command);
    }

    /// Whether Chromium has closed its end.
    pub(crate) fn is_closed(&self) -> bool {
        self.0.calls().closed
    }

    fn send<C: Command>(&self, id: u64, session: &str, params: &C) -> Result<(), CdpError> {
        let outgoing = Outgoing { id, method: C::METHOD, session_id: session, params };
        let mut message = serde_json::to_vec(&outgoing)
            .map_err(|error| CdpError::Form { method: C::METHOD, message: error.to_string() })?;
        message.push(0);
        self.0.outgoing.try_send(message).map_err(|_| {
            self.0.close();
            CdpError::Closed
        })
    }
}

impl Shared {
    fn calls(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers go to who waits for them, events to the listener. What has no known form is left out.
    fn sort(&self, message: &[u8], listener: &dyn Listener) {
        let Ok(incoming) = serde_json::from_slice::<Incoming<'_>>(message) else { return };
        if let Some(id) = incoming.id {
            let Some(caller) = self.calls().waiting.remove(&id) else { return };
            let empty = || serde_json::from_str("{}").unwrap_or_default();
            let answer = match incoming.error {
                Some(error) => Err(error),
                None => Ok(incoming.result.map_or_else(empty, ToOwned::to_owned)),
            };
            // Who does not wait any more needs no answer.
            let _ = caller.send(answer);
        } else if let Some(method) = incoming.method {
            listener.hear(&Message {
                session: incoming.session_id.as_deref().unwrap_or_default(),
                method: &method,
                params: incoming.params.map_or("{}", RawValue::get),
            });
        }
    }

    fn close(&self) {
        let waiting = {
            let mut calls = self.calls();
            calls.closed = true;
            std::mem::take(&mut calls.waiting)
        };
        // Their receivers hear of it by the drop.
        drop(waiting);
    }
}

/// Forgets a call whose future is dropped.
struct Forget<'s> {
    shared: &'s Shared,
    id: u64,
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        self.shared.calls().waiting.remove(&self.id);
    }
}

/// `None`: the pipe is closed, broken, or holds a message beyond all bounds.
async fn next_message(reader: &mut BufReader<pipe::Receiver>) -> Option<Vec<u8>> {
    let mut message = Vec::new();
    reader.take(LONGEST_MESSAGE).read_until(0, &mut message).await.ok()?;
    (message.pop() == Some(0)).then_some(message)
}

/// Ends, and with it closes the pipe, once nobody can send any more, or Chromium does not read.
async fn write(mut to: pipe::Sender, mut messages: mpsc::Receiver<Vec<u8>>) {
    while let Some(message) = messages.recv().await {
        if to.write_all(&message).await.is_err() {
            return;
        }
    }
}
