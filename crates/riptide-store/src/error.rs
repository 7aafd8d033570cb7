use std::path::{Path, PathBuf};

use riptide_types::{Failure, Phase};
use rusqlite::ErrorCode;

/// Why the store could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file or its folder cannot be made or opened.
    #[error("the store {} cannot be opened: {reason}", path.display())]
    Unopened {
        /// The file.
        path: PathBuf,
        /// What the system or SQLite says.
        reason: String,
    },
    /// The file is a SQLite database of another program.
    #[error("{} is a database of another program; name a file of RipTide's own, or one that does not exist yet", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A newer version of RipTide has written the file.
    #[error(
        "the store {} has schema {found}, and this version of RipTide knows schemas up to {known}: use a newer RipTide, or another file",
        path.display()
    )]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// The schema's number in the file.
        found: u32,
        /// The newest one known here.
        known: u32,
    },
    /// The file's content is damaged, or it is no database at all.
    #[error("the store {} is damaged: {reason}; delete the file to start with an empty one", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// Another process or thread has been writing for longer than the store waits.
    #[error("the store {} is busy: somebody else has been writing to it for too long", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// The disk is full.
    #[error("the store {} has no room left on its disk", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// Anything else that SQLite could not do.
    #[error("the store {} failed: {reason}", path.display())]
    Failed {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        reason: String,
    },
}

impl StoreError {
    /// Tells the errors of SQLite apart.
    pub(crate) fn from_sqlite(path: &Path, error: &rusqlite::Error) -> Self {
        let path = path.to_owned();
        let reason = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt { path, reason },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { path },
            Some(ErrorCode::DiskFull) => Self::Full { path },
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
                Self::Unopened { path, reason }
            }
            _ => Self::Failed { path, reason },
        }
    }
}

impl Failure for StoreError {
    fn code(&self) -> &'static str {
        match self {
            Self::Unopened { .. } => "store-unopened",
            Self::Foreign { .. } => "store-foreign",
            Self::NewerSchema { .. } => "store-newer-schema",
            Self::Corrupt { .. } => "store-corrupt",
            Self::Busy { .. } => "store-busy",
            Self::Full { .. } => "store-full",
            Self::Failed { .. } => "store-failed",
        }
    }

    fn phase(&self) -> Phase {
        match self {
            Self::Unopened { .. } | Self::Foreign { .. } | Self::NewerSchema { .. } => Phase::Configure,
            _ => Phase::Fetch,
        }
    }

    fn retryable(&self) -> bool {
        matches!(self, Self::Busy { .. })
    }
}
