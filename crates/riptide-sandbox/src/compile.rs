//! From a component's bytes to machine code, under a time limit.
//!
//! Cranelift cannot be interrupted, and how long it takes depends on code that a stranger wrote. So a stranger's component
//! is compiled by a process of its own, which can be killed.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};
use wasmtime::component::Component;
use wasmtime::{Engine, Strategy};

use crate::SandboxError;
use crate::cache::load;
use crate::engine::compiling_engine;

/// What turns components into machine code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Compiler {
    /// This process. A time limit cannot stop it, and it takes what memory it takes: for components that you trust.
    #[default]
    InProcess,
    /// A process of its own for each component, killed when it takes too long. After its arguments it is given the name
    /// of an [`Effort`], on its standard input the component, and writes what [`compile_component`] returns to its
    /// standard output; when that fails, it says why on its
    /// standard error and ends with an exit code other than zero. What it writes is machine code that runs in this process:
    /// name only a program that you trust like your own.
    Process {
        /// The program, such as the one that is running.
        program: PathBuf,
        /// Its arguments.
        arguments: Vec<OsString>,
    },
}

/// What of a compiler's messages is kept, in bytes.
const MESSAGE: u64 = 4 * 1024;

/// How long to wait before looking again whether a process that closed its output has ended.
const PAUSE: Duration = Duration::from_millis(1);

/// What a compiler takes care of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// Code that is there fast (Winch); it takes two to three times as long to run.
    Baseline,
    /// Code that runs fast (Cranelift).
    Optimised,
}

impl Effort {
    /// Its name, as compilers are given it: `baseline` or `optimised`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Optimised => "optimised",
        }
    }

    pub(crate) fn strategy(self) -> Strategy {
        match self {
            Self::Baseline => Strategy::Winch,
            Self::Optimised => Strategy::Cranelift,
        }
    }
}

/// Compiles a component to machine code that a [`Sandbox`](crate::Sandbox) of the same version of RipTide loads: the part of
/// a [`Compiler::Process`].
///
/// # Errors
/// [`SandboxError::EngineRefused`] and [`SandboxError::CompileFailed`].
pub fn compile_component(component: &[u8], effort: Effort) -> Result<Vec<u8>, SandboxError> {
    compiling_engine(effort.strategy())?
        .precompile_component(component)
        .map_err(|error| failed(format!("{error:#}")))
}

/// Compiles a component.
///
/// # Errors
/// [`SandboxError::CompileFailed`] and [`SandboxError::CompileTimeout`].
pub(crate) fn compile(
    engine: &Engine,
    effort: Effort,
    component: &[u8],
    compiler: &Compiler,
    limit: Duration,
) -> Result<Component, SandboxError> {
    let compiled = match compiler {
        Compiler::InProcess => Component::new(engine, component),
        Compiler::Process { program, arguments } => {
            let mut command = Command::new(program);
            load(engine, &in_process(command.args(arguments).arg(effort.name()), component, limit)?)
        }
    };
    compiled.map_err(|error| failed(format!("{error:#}")))
}

fn failed(reason: String) -> SandboxError {
    SandboxError::CompileFailed { reason }
}

/// Runs a compiler to its end, or for as long as it may take.
fn in_process(command: &mut Command, component: &[u8], limit: Duration) -> Result<Vec<u8>, SandboxError> {
    let deadline = Instant::now().checked_add(limit);
    let lost = |error: io::Error| failed(format!("the compiler does not run: {error}"));
    in_a_group(command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()));
    let mut process = Process { child: command.spawn().map_err(lost)?, reaped: false };
    let (Some(mut stdin), Some(stdout), Some(stderr)) =
        (process.child.stdin.take(), process.child.stdout.take(), process.child.stderr.take())
    else {
        return Err(failed("the compiler has no input and output".to_owned()));
    };
    thread::scope(|scope| {
        // A compiler that does not read all of its input says itself what it did not like about it.
        scope.spawn(move || stdin.write_all(component).is_ok());
        let artefact = in_background(scope, move || read_all(stdout, u64::MAX));
        let message = in_background(scope, move || read_all(stderr, MESSAGE));
        let ended = awaited(&artefact, deadline)
            .and_then(|artefact| Some((artefact, awaited(&message, deadline)?, process.ended(deadline)?)));
        // Whatever still holds the pipes goes with its group; the threads then come to their end.
        drop(process);
        let (artefact, message, status) = ended.ok_or(SandboxError::CompileTimeout { limit })?;
        match status {
            Ok(status) if status.success() => artefact.map_err(lost),
            Ok(status) => Err(failed(complaint(status, &message.unwrap_or_default()))),
            Err(error) => Err(lost(error)),
        }
    })
}

/// What a compiler that failed says, or how it ended when it says nothing.
fn complaint(status: ExitStatus, message: &[u8]) -> String {
    let message = String::from_utf8_lossy(message);
    match message.trim() {
        "" => format!("the compiler ended with {status}"),
        message => message.replace(char::is_control, " "),
    }
}

/// Reads to the end, and keeps the beginning.
fn read_all(mut from: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut kept = Vec::new();
    from.by_ref().take(most).read_to_end(&mut kept)?;
    io::copy(&mut from, &mut io::sink())?;
    Ok(kept)
}

fn in_background<'scope, T: Send + 'scope>(
    scope: &'scope thread::Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> Receiver<T> {
    let (done, outcome) = bounded(1);
    // Nobody waits any more after the deadline.
    scope.spawn(move || done.send(work()).is_ok());
    outcome
}

/// What the work came to, if it did in time. A limit beyond the clock's range is none.
fn awaited<T>(outcome: &Receiver<T>, deadline: Option<Instant>) -> Option<T> {
    match deadline.map(|deadline| outcome.recv_deadline(deadline)) {
        None => outcome.recv().ok(),
        Some(Ok(outcome)) => Some(outcome),
        Some(Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected)) => None,
    }
}

/// A child process that does not outlive this value, nor does what it started.
struct Process {
    child: Child,
    reaped: bool,
}

impl Process {
    /// How it ended, if it did in time.
    fn ended(&mut self, deadline: Option<Instant>) -> Option<io::Result<ExitStatus>> {
        loop {
            match has_ended(&mut self.child) {
                Ok(true) => return Some(self.reap()),
                Err(error) => return Some(Err(error)),
                Ok(false) if deadline.is_some_and(|deadline| Instant::now() >= deadline) => return None,
                Ok(false) => thread::sleep(PAUSE),
            }
        }
    }

    /// Kills what is left of it, and takes its exit code, so that no zombie stays behind.
    fn reap(&mut self) -> io::Result<ExitStatus> {
        kill_group(&mut self.child);
        self.reaped = true;
        self.child.wait()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.reaped {
            // How it ended is of no interest any more.
            let _ = self.reap();
        }
    }
}

/// Puts the process, and whatever it starts, in a group of its own, which can be killed as one.
#[cfg(unix)]
fn in_a_group(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(not(unix))]
fn in_a_group(_command: &mut Command) {}

/// Whether the process has ended. It is not reaped, so that its number remains its own.
#[cfg(unix)]
fn has_ended(child: &mut Child) -> io::Result<bool> {
    use rustix::process::{WaitId, WaitIdOptions, waitid};
    let Some(pid) = pid(child) else { return Ok(true) };
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    Ok(waitid(WaitId::Pid(pid), options)?.is_some())
}

#[cfg(not(unix))]
fn has_ended(child: &mut Child) -> io::Result<bool> {
    Ok(child.try_wait()?.is_some())
}

#[cfg(unix)]
fn kill_group(child: &mut Child) {
    use rustix::process::{Signal, kill_process_group};
    if let Some(group) = pid(child) {
        // It fails when nobody is left.
        let _ = kill_process_group(group, Signal::KILL);
    }
}

#[cfg(not(unix))]
fn kill_group(child: &mut Child) {
    // It fails when the process is gone.
    let _ = child.kill();
}

#[cfg(unix)]
fn pid(child: &Child) -> Option<rustix::process::Pid> {
    rustix::process::Pid::from_raw(i32::try_from(child.id()).ok()?)
}
