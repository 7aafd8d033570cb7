use std::time::Duration;

use riptide_types::{ExtractionError, Failure, Phase};

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
    /// It wants something of the host; an extractor gets nothing.
    #[error("the extractor imports `{name}`; it may import nothing")]
    ForbiddenImport {
        /// The import's name.
        name: String,
    },
    /// It lacks a part of the contract.
    #[error("the extractor does not export `{name}`; it exports {found}")]
    MissingExport {
        /// The export's name.
        name: String,
        /// The names of what it exports instead.
        found: String,
    },
    /// It has the function, with another signature.
    #[error("the extractor's function `{name}` does not fit the contract: {reason}")]
    MismatchedExport {
        /// The function's name.
        name: &'static str,
        /// The first difference.
        reason: String,
    },
    /// It is malformed, or larger than the sandbox has room for.
    #[error("the extractor does not compile: {reason}")]
    CompileFailed {
        /// What Wasmtime says.
        reason: String,
    },

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
        )
    }
}

impl Failure for SandboxError {
    fn code(&self) -> &'static str {
        match self {
            Self::EngineRefused { .. } => "sandbox-engine-refused",
            Self::ThreadRefused(_) => "sandbox-thread-refused",
            Self::NotAComponent { .. } => "not-a-component",
            Self::ForbiddenImport { .. } => "forbidden-import",
            Self::MissingExport { .. } => "missing-export",
            Self::MismatchedExport { .. } => "mismatched-export",
            Self::CompileFailed { .. } => "compile-failed",
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
            | Self::ForbiddenImport { .. }
            | Self::MissingExport { .. }
            | Self::MismatchedExport { .. }
            | Self::CompileFailed { .. } => Phase::Load,
            _ => Phase::Extract,
        }
    }

    /// A deadline depends on how busy the machine is, and threads on how many it has; all else repeats itself.
    fn retryable(&self) -> bool {
        matches!(self, Self::DeadlineExceeded { .. } | Self::ThreadRefused(_))
    }
}
