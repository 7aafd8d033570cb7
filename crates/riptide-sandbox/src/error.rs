use std::time::Duration;

use riptide_pool::{BreakerOpen, InvalidBreaker, Refusal};
use riptide_types::{ExtractionError, Failure, Phase};

use crate::ValidationReport;

/// Why a component could not be loaded, or gave no document.
///
/// An error about a document does not hold its URL: the caller has it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// Wasmtime cannot run here as configured.
    #[error("the sandbox cannot start: {reason}")]
    EngineRefused {
        /// What Wasmtime says.
        reason: String,
    },
    /// The operating system gave no thread.
    #[error("the sandbox cannot start a thread: {0}")]
    ThreadRefused(#[source] std::io::Error),

    /// The bytes are no WebAssembly component.
    #[error("the extractor is not a WebAssembly component, but {found}")]
    NotAComponent {
        /// What they are instead.
        found: &'static str,
    },
    /// Its bytes are damaged, or made to be a burden.
    #[error("the extractor is malformed: {reason}")]
    MalformedComponent {
        /// What is wrong, and where.
        reason: String,
    },
    /// It imports something, lacks a part of the contract, or has it with other types.
    #[error("the extractor does not fit the contract: {}", .0.summary())]
    ContractMismatch(Box<ValidationReport>),
    /// It passed the comparison with the contract, and Wasmtime sees a difference nevertheless.
    #[error("the extractor's function `{name}` does not fit the contract: {reason}")]
    MismatchedExport {
        /// The function's name.
        name: &'static str,
        /// The first difference.
        reason: String,
    },
    /// It is larger than the load policy allows.
    #[error("the extractor is larger than the limit of {limit} bytes")]
    ComponentTooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The load policy names the components that may be loaded, and this is none of them.
    #[error("the extractor with the SHA-256 {digest} is none of those that may be loaded")]
    ComponentNotPinned {
        /// SHA-256 of the component, in hexadecimal.
        digest: String,
    },
    /// The compiler was stopped.
    #[error("the extractor was not compiled within the time limit of {limit:?}")]
    CompileTimeout {
        /// The limit.
        limit: Duration,
    },
    /// Its code is malformed, needs what the sandbox does not offer, or is larger than it has room for; or the compiler
    /// itself did not work.
    #[error("the extractor does not compile: {reason}")]
    CompileFailed {
        /// What Wasmtime or the compiler says.
        reason: String,
    },
    /// It was loaded, but does not do what every extractor must be able to.
    #[error("the extractor failed its canary, {step}: {error}")]
    CanaryFailed {
        /// What it was asked to do.
        step: &'static str,
        /// How that went.
        #[source]
        error: Box<SandboxError>,
    },

    /// It keeps failing and is left alone for a while.
    #[error(transparent)]
    OutOfOrder(#[from] BreakerOpen),
    /// The circuit breaker for components cannot work as configured.
    #[error(transparent)]
    InvalidBreaker(#[from] InvalidBreaker),
    /// There is no room for the request now.
    #[error(transparent)]
    Busy(#[from] Refusal),
    /// Whoever wanted the answer does not wait for it any more.
    #[error("the request was cancelled")]
    Cancelled,
    /// No answer in time.
    #[error("the extractor gave no answer within the time limit of {limit:?}")]
    DeadlineExceeded {
        /// The limit.
        limit: Duration,
    },
    /// It failed after it was refused memory.
    #[error("the extractor needs more memory than the limit of {limit} bytes")]
    MemoryExceeded {
        /// The limit that stood in its way.
        limit: usize,
    },
    /// Its answer is too large.
    #[error("the extractor's answer is larger than the output limit of {limit} bytes")]
    OutputExceeded {
        /// The limit.
        limit: usize,
    },
    /// Its calls nest too deep.
    #[error("the extractor exhausted its stack")]
    StackOverflow,
    /// It gave up with a message.
    #[error("the extractor panicked: {text}")]
    GuestPanicked {
        /// The message, as the component left it.
        text: String,
    },
    /// It did what WebAssembly forbids.
    #[error("the extractor was stopped: {trap}")]
    GuestTrapped {
        /// Which trap.
        trap: String,
    },
    /// What it handed over is no value of the contract's types.
    #[error("the extractor's answer is malformed: {reason}")]
    InvalidAnswer {
        /// What is wrong with it.
        reason: String,
    },
    /// It answered with an error.
    #[error(transparent)]
    Refused(#[from] ExtractionError),
    /// Its own health check failed.
    #[error("the extractor is unhealthy: {reason}")]
    Unhealthy {
        /// What the component says.
        reason: String,
    },
    /// The thread that ran the component panicked: a defect of RipTide or Wasmtime, not of the component.
    #[error("the sandbox failed: {text}")]
    HostPanicked {
        /// The text of the panic.
        text: String,
    },
}

impl SandboxError {
    /// Whether the component itself failed, so that another one may do better. What a component answers is no failure
    /// of it, and neither is what keeps the sandbox from running it.
    #[must_use]
    pub fn is_component_failure(&self) -> bool {
        matches!(
            self,
            Self::DeadlineExceeded { .. }
                | Self::MemoryExceeded { .. }
                | Self::OutputExceeded { .. }
                | Self::StackOverflow
                | Self::GuestPanicked { .. }
                | Self::GuestTrapped { .. }
                | Self::InvalidAnswer { .. }
                | Self::Unhealthy { .. }
                | Self::OutOfOrder(_)
        )
    }
}

impl Failure for SandboxError {
    fn code(&self) -> &'static str {
        match self {
            Self::EngineRefused { .. } => "sandbox-engine-refused",
            Self::ThreadRefused(_) => "sandbox-thread-refused",
            Self::NotAComponent { .. } => "not-a-component",
            Self::MalformedComponent { .. } => "malformed-component",
            Self::ContractMismatch(report) => report.code(),
            Self::MismatchedExport { .. } => "mismatched-export",
            Self::ComponentTooLarge { .. } => "component-too-large",
            Self::ComponentNotPinned { .. } => "component-not-pinned",
            Self::CompileTimeout { .. } => "compile-timeout",
            Self::CompileFailed { .. } => "compile-failed",
            Self::Busy(refusal) => refusal.code(),
            Self::OutOfOrder(open) => open.code(),
            Self::InvalidBreaker(error) => error.code(),
            Self::Cancelled => "cancelled",
            Self::CanaryFailed { error, .. } => error.code(),
            Self::DeadlineExceeded { .. } => "deadline-exceeded",
            Self::MemoryExceeded { .. } => "memory-exceeded",
            Self::OutputExceeded { .. } => "output-exceeded",
            Self::StackOverflow => "stack-overflow",
            Self::GuestPanicked { .. } => "guest-panicked",
            Self::GuestTrapped { .. } => "guest-trapped",
            Self::InvalidAnswer { .. } => "invalid-answer",
            Self::Refused(error) => error.code(),
            Self::Unhealthy { .. } => "unhealthy",
            Self::HostPanicked { .. } => "host-panicked",
        }
    }

    fn phase(&self) -> Phase {
        match self {
            Self::EngineRefused { .. } | Self::ThreadRefused(_) => Phase::Configure,
            Self::NotAComponent { .. }
            | Self::MalformedComponent { .. }
            | Self::ContractMismatch(_)
            | Self::MismatchedExport { .. }
            | Self::ComponentTooLarge { .. }
            | Self::ComponentNotPinned { .. }
            | Self::CompileTimeout { .. }
            | Self::CompileFailed { .. }
            | Self::CanaryFailed { .. } => Phase::Load,
            Self::Busy(refusal) => refusal.phase(),
            Self::OutOfOrder(open) => open.phase(),
            Self::InvalidBreaker(error) => error.phase(),
            _ => Phase::Extract,
        }
    }

    /// A deadline depends on how busy the machine is, and threads on how many it has; all else repeats itself.
    fn retryable(&self) -> bool {
        match self {
            Self::Busy(refusal) => refusal.retryable(),
            Self::CanaryFailed { error, .. } => error.retryable(),
            Self::DeadlineExceeded { .. }
            | Self::CompileTimeout { .. }
            | Self::ThreadRefused(_)
            | Self::Cancelled
            | Self::OutOfOrder(_)
            | Self::Unhealthy { .. } => true,
            _ => false,
        }
    }
}
