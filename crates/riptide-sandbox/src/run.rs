//! One call of a component: a fresh store and instance, under limits, and what a failure means.

use memchr::memmem;
use riptide_types::{Limits, PANIC_MARKER, PANIC_TEXT_SIZE};
use wasmtime::component::{ComponentNamedList, Lift, Lower};
use wasmtime::{Engine, Error, ResourceLimiter, Store, Trap, WasmCoreDump};

use crate::SandboxError;
use crate::component::{Function, Loaded};
use crate::deadline::Deadlines;

/// How far into a memory the text of a panic is looked for. It lies among the component's static data, below its heap.
const PANIC_SEARCH: usize = 16 * 1024 * 1024;

/// Counts the memory of one instance.
pub(crate) struct Budget {
    limit: usize,
    used: usize,
    /// The limit that the last growth ran into. A growth that succeeds after it shows that the guest got along.
    denied: Option<usize>,
}

impl ResourceLimiter for Budget {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let used = self.used.saturating_sub(current).saturating_add(desired);
        self.denied = match maximum {
            Some(maximum) if desired > maximum => Some(maximum),
            _ if used > self.limit => Some(self.limit),
            _ => {
                self.used = used;
                None
            }
        };
        Ok(self.denied.is_none())
    }

    fn table_growing(
        &mut self,
        _current: usize,
        _desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // The pool's slots bound every table.
        Ok(true)
    }
}

/// Instantiates the component and calls one of its functions.
pub(crate) fn call<P, R>(
    engine: &Engine,
    component: &Loaded,
    function: &Function<P, R>,
    params: P,
    limits: &Limits,
    deadlines: &Deadlines,
) -> Result<R, SandboxError>
where
    P: ComponentNamedList + Lower,
    R: ComponentNamedList + Lift + 'static,
{
    let mut store = Store::new(engine, Budget { limit: limits.memory, used: 0, denied: None });
    store.limiter(|budget| budget);
    store.set_hostcall_fuel(limits.output);
    // Before the instance, since a component may loop in a start function.
    let _armed = deadlines.arm(&mut store, limits.time);
    component
        .instance
        .instantiate(&mut store)
        .and_then(|instance| instance.get_typed_func::<P, R>(&mut store, function.index))
        .and_then(|function| function.call(&mut store, params))
        .map_err(|error| failure(&error, &store, limits))
}

/// What an error of Wasmtime says about the guest.
fn failure(error: &Error, store: &Store<Budget>, limits: &Limits) -> SandboxError {
    let trap = error.downcast_ref::<Trap>().copied();
    match (trap, store.data().denied) {
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
