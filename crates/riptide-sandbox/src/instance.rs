//! One instance of a component: its store, the limits it lives under, and what its failures mean.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use memchr::memmem;
use riptide_pool::{Alarm, Clock, Resource};
use riptide_types::{Limits, PANIC_MARKER, PANIC_TEXT_SIZE};
use wasmtime::component::{ComponentNamedList, Lift, Lower};
use wasmtime::{Error, ResourceLimiter, Store, Trap, UpdateDeadline, WasmCoreDump};

use crate::SandboxError;
use crate::booking::Booking;
use crate::component::{Function, Loaded};
use crate::engine::Stop;

/// How far into a memory the text of a panic is looked for. It lies among the component's static data, below its heap.
const PANIC_SEARCH: usize = 16 * 1024 * 1024;
/// How often the epoch advances while a guest that must be over goes on: one that looked just before it had to be has
/// gone on, and waits for another epoch.
const INSISTENCE: Duration = Duration::from_millis(1);
/// How often it is looked whether a guest must be over that has time left.
const LOOK: Duration = Duration::from_millis(50);

/// An instance of a component in a store of its own.
pub(crate) struct Instance {
    // Dropped in this order: the books are closed when the instance is gone.
    store: Store<Budget>,
    instance: wasmtime::component::Instance,
    component: Arc<Loaded>,
    /// How many calls it has served.
    calls: u32,
    _alive: Alive,
    /// To whom it is lent, while it is.
    booking: Option<Booking>,
}

/// When a call must be over, and why it may be over before.
#[derive(Clone)]
pub(crate) struct Term {
    pub(crate) clock: Clock,
    /// `None`: beyond what the clock can tell.
    pub(crate) deadline: Option<Instant>,
    pub(crate) stop: Stop,
    pub(crate) limits: Limits,
}

impl Term {
    fn is_over(&self) -> bool {
        self.stop.is_stopped() || self.deadline.is_some_and(|deadline| deadline <= self.clock.now())
    }

    /// How long it may take until somebody looks whether the call is over.
    fn next_look(&self) -> Duration {
        let left = self.deadline.map(|deadline| deadline.saturating_duration_since(self.clock.now()));
        left.map_or(LOOK, |left| left.min(LOOK))
    }
}

impl Instance {
    /// A fresh instance. Runs the component's start functions, if it has any, so it belongs on a guest thread then.
    pub(crate) fn start(
        component: Arc<Loaded>,
        term: &Term,
        counts: &Arc<Counts>,
    ) -> Result<Self, SandboxError> {
        let mut store = Store::new(&component.engine, Budget::new(term));
        store.limiter(|budget| budget);
        store.set_hostcall_fuel(term.limits.output);
        store.epoch_deadline_callback(|context| {
            if context.data().term.is_over() {
                Err(Trap::Interrupt.into())
            } else {
                Ok(UpdateDeadline::Continue(1))
            }
        });
        let _alarm = arm(&mut store, term);
        let instance = component.linked.instantiate(&mut store).map_err(|error| failure(&error, &store))?;
        Ok(Self { store, instance, component, calls: 0, booking: None, _alive: Alive::new(counts) })
    }

    /// Lends it.
    pub(crate) fn book(&mut self, booking: Booking) {
        self.booking = Some(booking);
    }

    /// Ends the loan.
    pub(crate) fn unbook(&mut self) -> Option<Booking> {
        self.booking.take()
    }

    /// The machine code that it runs.
    pub(crate) fn component(&self) -> &Arc<Loaded> {
        &self.component
    }

    /// How many calls it has served.
    pub(crate) fn calls(&self) -> u32 {
        self.calls
    }

    /// Calls one of the component's functions. After an error the instance is of no use: its store may be dead.
    pub(crate) fn call<P, R>(
        &mut self,
        function: fn(&Loaded) -> &Function<P, R>,
        params: P,
        term: &Term,
    ) -> Result<R, SandboxError>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift + 'static,
    {
        self.calls = self.calls.saturating_add(1);
        self.store.data_mut().renew(term);
        if self.store.data().memory > term.limits.memory {
            // It was started for somebody who may have more.
            return Err(SandboxError::MemoryExceeded { limit: term.limits.memory });
        }
        self.store.set_hostcall_fuel(term.limits.output);
        let _alarm = arm(&mut self.store, term);
        let index = function(&self.component).index;
        let result = self
            .instance
            .get_typed_func::<P, R>(&mut self.store, index)
            .and_then(|function| function.call(&mut self.store, params));
        result.map_err(|error| failure(&error, &self.store))
    }
}

impl Resource for Instance {
    const NAME: &'static str = "instance";
    type Outcome = ();

    async fn close(&mut self) {}

    fn abandon(self) {}
}

/// Has the epoch advance from the moment on when the call must be over, until the alarm is dropped.
fn arm(store: &mut Store<Budget>, term: &Term) -> Alarm {
    // Before anybody looks whether the call is over already, so that no interruption falls between.
    store.set_epoch_deadline(1);
    if term.is_over() {
        store.engine().increment_epoch();
    }
    let (engine, watched) = (store.engine().clone(), term.clone());
    term.clock.at(term.clock.now() + term.next_look(), move || {
        if !watched.is_over() {
            return Some(watched.next_look());
        }
        engine.increment_epoch();
        Some(INSISTENCE)
    })
}

/// What one call of an instance may use.
pub(crate) struct Budget {
    term: Term,
    /// Bytes of linear memory.
    memory: usize,
    /// Elements of tables.
    elements: usize,
    /// The memory limit that the last growth ran into. A growth that succeeds after it shows that the guest got along.
    denied: Option<usize>,
}

impl Budget {
    fn new(term: &Term) -> Self {
        Self { term: term.clone(), memory: 0, elements: 0, denied: None }
    }

    fn renew(&mut self, term: &Term) {
        self.term = term.clone();
        self.denied = None;
    }
}

impl ResourceLimiter for Budget {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let memory = self.memory.saturating_sub(current).saturating_add(desired);
        self.denied = match maximum {
            Some(maximum) if desired > maximum => Some(maximum),
            _ if memory > self.term.limits.memory => Some(self.term.limits.memory),
            _ => {
                self.memory = memory;
                None
            }
        };
        Ok(self.denied.is_none())
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let elements = self.elements.saturating_sub(current).saturating_add(desired);
        let fits =
            elements <= self.term.limits.table_elements && maximum.is_none_or(|maximum| desired <= maximum);
        if fits {
            self.elements = elements;
        }
        Ok(fits)
    }
}

/// What an error of Wasmtime says about the guest.
fn failure(error: &Error, store: &Store<Budget>) -> SandboxError {
    let trap = error.downcast_ref::<Trap>().copied();
    let Budget { term: Term { limits, stop, .. }, denied, .. } = store.data();
    match (trap, *denied) {
        (Some(Trap::Interrupt), _) if stop.is_stopped() => SandboxError::Cancelled,
        (Some(Trap::Interrupt), _) => SandboxError::DeadlineExceeded { limit: limits.time },
        (Some(Trap::StackOverflow), _) => SandboxError::StackOverflow,
        (_, Some(limit)) => SandboxError::MemoryExceeded { limit },
        (Some(trap), None) => match panic_text(error, store) {
            Some(text) => SandboxError::GuestPanicked { text },
            None => SandboxError::GuestTrapped { trap: trap.to_string() },
        },
        (None, None) if is_output_exhausted(error) => SandboxError::OutputExceeded { limit: limits.output },
        (None, None) => SandboxError::InvalidAnswer { reason: error.root_cause().to_string() },
    }
}

/// Wasmtime counts the bytes that it lifts, but keeps the error for itself: only its words tell it from others.
fn is_output_exhausted(error: &Error) -> bool {
    error.root_cause().to_string().contains("fuel allocated for hostcalls has been exhausted")
}

/// The text that a panic has left in the guest's memory, without control characters.
fn panic_text(error: &Error, store: &Store<Budget>) -> Option<String> {
    let dump = error.downcast_ref::<WasmCoreDump>()?;
    dump.memories().iter().find_map(|memory| {
        let static_data = memory.data(store).get(..PANIC_SEARCH).unwrap_or_else(|| memory.data(store));
        let record = static_data.get(memmem::find(static_data, &PANIC_MARKER)? + PANIC_MARKER.len()..)?;
        let text = record.get(..PANIC_TEXT_SIZE).unwrap_or(record).split(|byte| *byte == 0).next()?;
        let text = String::from_utf8_lossy(text).replace(char::is_control, " ");
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    })
}

/// How many instances there were and are.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) created: AtomicU64,
    pub(crate) destroyed: AtomicU64,
}

/// Counts one instance.
struct Alive(Arc<Counts>);

impl Alive {
    fn new(counts: &Arc<Counts>) -> Self {
        counts.created.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(counts))
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.destroyed.fetch_add(1, Ordering::SeqCst);
    }
}
