use std::path::PathBuf;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A component is about to be compiled or taken from the cache.
    ComponentLoading {
        /// SHA-256 of the component, in hexadecimal.
        digest: String,
    },
    /// A component is ready to run.
    ComponentLoaded {
        /// SHA-256 of the component, in hexadecimal.
        digest: String,
        /// Where its machine code came from.
        origin: ArtefactOrigin,
        /// How long that took, in microseconds.
        micros: u64,
    },
    /// The compile cache was of no use: its folder or an artefact cannot be trusted, read or written.
    /// The component is compiled all the same.
    CacheRefused {
        /// The folder or artefact.
        path: PathBuf,
        /// Why, for a person to read.
        reason: String,
    },
    /// A document went through the data path.
    DocumentFinished {
        /// The page's URL, or empty when none was given.
        url: String,
        /// How long that took, in microseconds.
        micros: u64,
        /// How it ended.
        outcome: Outcome,
    },
}

/// Where the machine code of a component came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ArtefactOrigin {
    /// Compiled just now.
    Compiled,
    /// The compile cache on disk.
    Cache,
}

/// How a document ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// There is a document.
    Ok,
    /// The code of the error, such as `deadline-exceeded`.
    Err(&'static str),
}
