use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::StoreError;

/// What the store does to a file of each schema to make it one of the next; the first makes it out of nothing.
const MIGRATIONS: [&str; 1] = [include_str!("schema/1.sql")];

/// Marks the file as RipTide's: "RipT" in the header's application id.
const APPLICATION_ID: i32 = i32::from_be_bytes(*b"RipT");

/// How long a call waits for another connection's transaction. All of them are short.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Bytes that the write-ahead log keeps once it has been copied into the file.
const LOG_SIZE: u32 = 32 << 20;

/// The file that RipTide keeps things in, open. Any number of threads may share one, and any number of processes may have the
/// same file open: it is SQLite in WAL mode, so reading never waits for writing.
///
/// A transaction that was not finished, because the process was killed or the power went, leaves no trace. After a power cut
/// the last few transactions may be lost as a whole.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    reader: Mutex<Connection>,
    writer: Mutex<Connection>,
}

impl Store {
    /// Opens the file, makes it if there is none, and brings an older one up to date. On Unix only its owner can read a file
    /// that is made: pages may be private.
    ///
    /// # Errors
    /// [`StoreError::Unopened`], [`Foreign`](StoreError::Foreign), [`NewerSchema`](StoreError::NewerSchema),
    /// [`Corrupt`](StoreError::Corrupt) as far as the first pages show it, [`Busy`](StoreError::Busy).
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        make_file(path)
            .map_err(|error| StoreError::Unopened { path: path.to_owned(), reason: error.to_string() })?;
        let failed = |error| StoreError::from_sqlite(path, &error);
        let mut writer = connect(path).map_err(failed)?;
        migrate(path, &mut writer)?;
        let reader = connect(path).map_err(failed)?;
        reader.pragma_update(None, "query_only", true).map_err(failed)?;
        Ok(Self { path: path.to_owned(), reader: Mutex::new(reader), writer: Mutex::new(writer) })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the whole file and compares what belongs together. Takes as long as reading it does.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] with the first thing that does not fit.
    pub fn check(&self) -> Result<(), StoreError> {
        let verdict: String =
            self.read(|connection| connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)))?;
        if verdict == "ok" { Ok(()) } else { Err(self.corrupt(verdict)) }
    }

    /// Asks the file something.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        work(&locked(&self.reader)).map_err(|error| StoreError::from_sqlite(&self.path, &error))
    }

    /// Changes the file in one transaction: all of it happens, or nothing if the work fails.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let mut writer = locked(&self.writer);
        in_transaction(&mut writer, work).map_err(|error| StoreError::from_sqlite(&self.path, &error))
    }

    /// Gives the disk back what is free in the file.
    pub(crate) fn shrink(&self) -> Result<(), StoreError> {
        let writer = locked(&self.writer);
        let run = |pragma| {
            // Each step frees one page.
            let mut statement = writer.prepare(pragma)?;
            let mut rows = statement.query([])?;
            while rows.next()?.is_some() {}
            Ok(())
        };
        run("PRAGMA incremental_vacuum")
            .and_then(|()| run("PRAGMA wal_checkpoint(PASSIVE)"))
            .map_err(|error| StoreError::from_sqlite(&self.path, &error))
    }

    pub(crate) fn corrupt(&self, reason: impl Into<String>) -> StoreError {
        StoreError::Corrupt { path: self.path.clone(), reason: reason.into() }
    }
}

/// A panic cannot leave a connection half-way: its transaction is rolled back as it unwinds.
fn locked(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

fn in_transaction<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    // Immediate, so that a writer waits at its start, where it can, and not when it goes from reading to writing.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let answer = work(&transaction)?;
    transaction.commit()?;
    Ok(answer)
}

/// Makes the file and the folders above it unless they are there. SQLite gives the files beside it the same permissions.
fn make_file(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

/// Brings the file to the newest schema, in one transaction.
fn migrate(path: &Path, connection: &mut Connection) -> Result<(), StoreError> {
    let failed = |error| StoreError::from_sqlite(path, &error);
    // Nothing of somebody else's file is changed: only then come the settings that it keeps.
    if !is_ours(connection).map_err(failed)? {
        return Err(StoreError::Foreign { path: path.to_owned() });
    }
    // Takes effect in an empty file only.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL").map_err(failed)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
    connection.pragma_update(None, "synchronous", "NORMAL").map_err(failed)?;
    connection.pragma_update(None, "journal_size_limit", LOG_SIZE).map_err(failed)?;
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    let found = in_transaction(connection, |transaction| {
        let found: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if found < known {
            for migration in MIGRATIONS.iter().skip(found as usize) {
                transaction.execute_batch(migration)?;
            }
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.pragma_update(None, "user_version", known)?;
        }
        Ok(found)
    })
    .map_err(failed)?;
    if found > known {
        return Err(StoreError::NewerSchema { path: path.to_owned(), found, known });
    }
    Ok(())
}

/// Whether the file is empty, or made by a store. One statement, for another process may just be making it.
fn is_ours(connection: &Connection) -> rusqlite::Result<bool> {
    let question =
        "SELECT application_id = ?1 OR NOT EXISTS (SELECT 1 FROM sqlite_schema) FROM pragma_application_id";
    connection.query_row(question, [APPLICATION_ID], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use riptide_types::Failure as _;

    use super::*;

    #[test]
    fn whoever_finds_the_file_busy_for_too_long_is_told_to_try_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("riptide.db");
        let (first, second) = (Store::open(&path).unwrap(), Store::open(&path).unwrap());
        locked(&second.writer).busy_timeout(Duration::ZERO).unwrap();
        first
            .write(|_| {
                let error = second.write(|_| Ok(())).unwrap_err();
                assert!(matches!(error, StoreError::Busy { .. }) && error.retryable(), "{error}");
                // Reading does not wait.
                second
                    .read(|connection| connection.query_row("SELECT * FROM page_total", [], |_| Ok(())))
                    .unwrap();
                Ok(())
            })
            .unwrap();
        second.write(|_| Ok(())).unwrap();
    }

    #[test]
    fn a_power_cut_cannot_tear_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("riptide.db")).unwrap();
        let mode: String = store
            .read(|connection| connection.pragma_query_value(None, "journal_mode", |row| row.get(0)))
            .unwrap();
        assert_eq!(mode, "wal");
        let synchronous: u8 =
            locked(&store.writer).pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap();
        assert_eq!(synchronous, 1);
    }
}
