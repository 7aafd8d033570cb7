use std::borrow::Cow;
use std::io::{self, Read as _};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use riptide_types::Tenant;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, named_params, params};

use crate::{Store, StoreError};

/// Answers of web servers as they came, so that they need not be fetched again.
///
/// The cache holds no more bytes than its capacity: what has not been used for longest makes room, in the same transaction
/// that needs it. It knows nothing of HTTP's rules; those are its caller's.
#[derive(Debug, Clone)]
pub struct PageCache {
    store: Arc<Store>,
    capacity: u64,
}

/// What names an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageKey<'k> {
    /// Whose entry it is. No tenant sees another's.
    pub tenant: &'k Tenant,
    /// The request's method, such as `GET`.
    pub method: &'k str,
    /// The request's URL, without a fragment.
    pub url: &'k str,
    /// What tells answers to the same URL apart, empty if there is one only. See RFC 9111, section 4.1.
    pub vary: &'k str,
}

/// An answer, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageResponse {
    /// The status code.
    pub status: u16,
    /// The header fields, in whatever form the caller reads again.
    pub headers: Vec<u8>,
    /// The body.
    pub body: Vec<u8>,
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPage {
    /// The answer.
    pub response: PageResponse,
    /// When it was stored, or last found to be still valid. In whole milliseconds.
    pub stored: SystemTime,
    /// What it counts for in the capacity, in bytes.
    pub size: u64,
}

/// What became of an answer that was to be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// It is in the cache.
    Stored {
        /// How many others had to make room.
        evicted: usize,
    },
    /// It is larger than one answer may be, and is not in the cache; neither is what was there under its key.
    TooLarge,
}

/// What is in the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheStats {
    /// Entries.
    pub entries: u64,
    /// Bytes that count: bodies as they are stored, header fields and keys.
    pub bytes: u64,
    /// How many bytes there may be.
    pub capacity: u64,
    /// The same for each tenant that has entries, by name.
    pub tenants: Vec<TenantStats>,
}

/// What a tenant has in the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantStats {
    /// The tenant's name.
    pub tenant: String,
    /// Entries.
    pub entries: u64,
    /// Bytes that count.
    pub bytes: u64,
}

/// The largest part of the capacity that one answer may take.
const LARGEST_SHARE: u64 = 8;

/// How stale the note of an entry's last use may be. Reading thus seldom writes.
const USE_STEP: Duration = Duration::from_secs(60);

/// What an entry counts for besides its bytes: about what SQLite needs for a row and its places in the indices.
const ROW_SIZE: u64 = 128;

/// The level of Zstandard that gains most of what there is to gain, at the speed of a disk.
const ZSTD_LEVEL: i32 = 3;

/// Variants of one URL that are looked at, the newest first.
const MOST_VARIANTS: u32 = 32;

const AS_IT_IS: u8 = 0;
const ZSTD: u8 = 1;

impl PageCache {
    /// The cache in a store, of so many bytes. Whoever opens the same file should give the same number: an entry that is put
    /// makes room for itself by its own cache's capacity.
    #[must_use]
    pub fn new(store: Arc<Store>, capacity: u64) -> Self {
        Self { store, capacity }
    }

    /// Looks for damage in the whole store; see [`Store::check`].
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn check(&self) -> Result<(), StoreError> {
        self.store.check()
    }

    /// An entry, and a note that it was used.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn get(&self, key: &PageKey<'_>, now: SystemTime) -> Result<Option<StoredPage>, StoreError> {
        let Some(found) = self.store.read(|connection| find(connection, key))? else { return Ok(None) };
        let now = milliseconds(now);
        if now.saturating_sub(found.last_used) >= whole_milliseconds(USE_STEP) {
            match self.store.write(|transaction| note_use(transaction, found.id, now)) {
                // The entry is there all the same; it may be evicted a little earlier than it should.
                Ok(_) | Err(StoreError::Busy { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        // Unpacked when neither lock is held.
        let body = unpacked(found.body, found.coding, found.body_length)
            .map_err(|error| self.store.corrupt(format!("the body of an entry does not unpack: {error}")))?;
        Ok(Some(StoredPage {
            response: PageResponse { status: found.status, headers: found.headers, body },
            stored: time(found.stored),
            size: found.size,
        }))
    }

    /// What tells the stored answers to a request apart: the `vary` of each, the one stored last first.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn variants(&self, tenant: &Tenant, method: &str, url: &str) -> Result<Vec<String>, StoreError> {
        self.store.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT vary FROM page WHERE tenant = ?1 AND url = ?2 AND method = ?3
                 ORDER BY stored DESC, id DESC LIMIT ?4",
            )?;
            statement
                .query_map(params![tenant.name(), url, method, MOST_VARIANTS], |row| row.get(0))?
                .collect()
        })
    }

    /// Stores an answer in the place of what was there under its key. Others make room for it as far as need be.
    ///
    /// # Errors
    /// See [`StoreError`]. The cache is then as it was.
    pub fn put(
        &self,
        key: &PageKey<'_>,
        response: &PageResponse,
        now: SystemTime,
    ) -> Result<Placement, StoreError> {
        let (coding, body) = packed(&response.body);
        let size = entry_size(key, response.headers.len(), body.len());
        if size > self.capacity / LARGEST_SHARE {
            self.remove(key)?;
            return Ok(Placement::TooLarge);
        }
        let now = milliseconds(now);
        self.store.write(|transaction| {
            delete(transaction, key)?;
            let evicted = make_room(transaction, self.capacity - size)?;
            let mut statement = transaction.prepare_cached(
                "INSERT INTO page (tenant, url, method, vary, coding, body_length, size, stored, last_used, status, headers, body)
                 VALUES (:tenant, :url, :method, :vary, :coding, :body_length, :size, :now, :now, :status, :headers, :body)",
            )?;
            statement.execute(named_params! {
                ":tenant": key.tenant.name(), ":url": key.url, ":method": key.method, ":vary": key.vary,
                ":coding": coding, ":body_length": signed(response.body.len() as u64), ":size": signed(size),
                ":now": now, ":status": response.status, ":headers": response.headers, ":body": &*body,
            })?;
            Ok(Placement::Stored { evicted })
        })
    }

    /// Notes that a stored answer is still valid, with the header fields that it has now: after a 304 (Not Modified). Whether
    /// there is such an entry.
    ///
    /// # Errors
    /// See [`StoreError`]. The entry is then as it was.
    pub fn refresh(&self, key: &PageKey<'_>, headers: &[u8], now: SystemTime) -> Result<bool, StoreError> {
        let now = milliseconds(now);
        self.store.write(|transaction| {
            let mut statement = transaction.prepare_cached(
                "UPDATE page SET stored = :now, last_used = max(last_used, :now), headers = :headers,
                     size = size - length(headers) + length(:headers)
                 WHERE tenant = :tenant AND url = :url AND method = :method AND vary = :vary",
            )?;
            let changed = statement.execute(named_params! {
                ":tenant": key.tenant.name(), ":url": key.url, ":method": key.method, ":vary": key.vary,
                ":headers": headers, ":now": now,
            })?;
            make_room(transaction, self.capacity)?;
            Ok(changed > 0)
        })
    }

    /// Forgets an entry. Whether there was one.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn remove(&self, key: &PageKey<'_>) -> Result<bool, StoreError> {
        self.store.write(|transaction| delete(transaction, key))
    }

    /// Forgets every answer to requests for a URL, whatever the method. How many there were.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn remove_url(&self, tenant: &Tenant, url: &str) -> Result<usize, StoreError> {
        self.store.write(|transaction| {
            transaction
                .prepare_cached("DELETE FROM page WHERE tenant = ?1 AND url = ?2")?
                .execute(params![tenant.name(), url])
        })
    }

    /// Forgets the entries of a tenant, or all, and gives the disk their room back. How many there were.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn clear(&self, tenant: Option<&Tenant>) -> Result<usize, StoreError> {
        let removed = self.store.write(|transaction| match tenant {
            Some(tenant) => transaction.execute("DELETE FROM page WHERE tenant = ?1", [tenant.name()]),
            None => transaction.execute("DELETE FROM page", []),
        })?;
        self.store.shrink()?;
        Ok(removed)
    }

    /// What is in the cache.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn stats(&self) -> Result<CacheStats, StoreError> {
        let tenants = self.store.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT tenant, count(*), sum(size) FROM page GROUP BY tenant ORDER BY tenant",
            )?;
            let rows = statement.query_map([], |row| {
                Ok(TenantStats { tenant: row.get(0)?, entries: unsigned(row, 1)?, bytes: unsigned(row, 2)? })
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        Ok(CacheStats {
            entries: tenants.iter().map(|tenant| tenant.entries).sum(),
            bytes: tenants.iter().map(|tenant| tenant.bytes).sum(),
            capacity: self.capacity,
            tenants,
        })
    }
}

/// A row as it is on disk.
struct Found {
    id: i64,
    status: u16,
    headers: Vec<u8>,
    body: Vec<u8>,
    coding: u8,
    body_length: u64,
    size: u64,
    stored: i64,
    last_used: i64,
}

fn find(connection: &Connection, key: &PageKey<'_>) -> rusqlite::Result<Option<Found>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, status, headers, body, coding, body_length, size, stored, last_used FROM page
         WHERE tenant = ?1 AND url = ?2 AND method = ?3 AND vary = ?4",
    )?;
    statement
        .query_row(params![key.tenant.name(), key.url, key.method, key.vary], |row| {
            Ok(Found {
                id: row.get(0)?,
                status: row.get(1)?,
                headers: row.get(2)?,
                body: row.get(3)?,
                coding: row.get(4)?,
                body_length: unsigned(row, 5)?,
                size: unsigned(row, 6)?,
                stored: row.get(7)?,
                last_used: row.get(8)?,
            })
        })
        .optional()
}

fn note_use(transaction: &Transaction<'_>, id: i64, now: i64) -> rusqlite::Result<usize> {
    transaction
        .prepare_cached("UPDATE page SET last_used = max(last_used, ?2) WHERE id = ?1")?
        .execute(params![id, now])
}

fn delete(transaction: &Transaction<'_>, key: &PageKey<'_>) -> rusqlite::Result<bool> {
    let deleted = transaction
        .prepare_cached("DELETE FROM page WHERE tenant = ?1 AND url = ?2 AND method = ?3 AND vary = ?4")?
        .execute(params![key.tenant.name(), key.url, key.method, key.vary])?;
    Ok(deleted > 0)
}

/// Evicts what has not been used for longest until no more than `room` bytes are left. How many entries went.
fn make_room(transaction: &Transaction<'_>, room: u64) -> rusqlite::Result<usize> {
    let mut bytes =
        transaction.prepare_cached("SELECT bytes FROM page_total")?.query_row([], |row| unsigned(row, 0))?;
    if bytes <= room {
        return Ok(0);
    }
    let mut evicted = Vec::new();
    let mut statement = transaction.prepare_cached("SELECT id, size FROM page ORDER BY last_used, id")?;
    let mut rows = statement.query([])?;
    while bytes > room
        && let Some(row) = rows.next()?
    {
        evicted.push(row.get::<_, i64>(0)?);
        bytes = bytes.saturating_sub(unsigned(row, 1)?);
    }
    drop(rows);
    let mut delete = transaction.prepare_cached("DELETE FROM page WHERE id = ?1")?;
    for id in &evicted {
        delete.execute([id])?;
    }
    Ok(evicted.len())
}

fn entry_size(key: &PageKey<'_>, headers: usize, body: usize) -> u64 {
    let texts = [key.tenant.name(), key.url, key.method, key.vary];
    texts.iter().map(|text| text.len()).chain([headers, body]).map(|bytes| bytes as u64).sum::<u64>()
        + ROW_SIZE
}

/// The body as it is stored: compressed if that makes it smaller.
fn packed(body: &[u8]) -> (u8, Cow<'_, [u8]>) {
    match zstd::bulk::compress(body, ZSTD_LEVEL) {
        Ok(packed) if packed.len() < body.len() => (ZSTD, packed.into()),
        _ => (AS_IT_IS, body.into()),
    }
}

/// The body as it was given. Never more than the length that was noted with it.
fn unpacked(stored: Vec<u8>, coding: u8, length: u64) -> io::Result<Vec<u8>> {
    let damaged = |reason| io::Error::new(io::ErrorKind::InvalidData, reason);
    let body = match coding {
        AS_IT_IS => stored,
        ZSTD => {
            let mut body = Vec::new();
            let decoder = zstd::stream::read::Decoder::with_buffer(&*stored)?;
            decoder.take(length.saturating_add(1)).read_to_end(&mut body)?;
            body
        }
        _ => return Err(damaged("its coding is unknown")),
    };
    if body.len() as u64 == length { Ok(body) } else { Err(damaged("it has another length than it should")) }
}

/// A time as it is stored. What lies outside of the years from 1970 to 9999 is moved to the nearest end.
fn milliseconds(time: SystemTime) -> i64 {
    const END: i64 = 253_402_300_799_999;
    time.duration_since(UNIX_EPOCH).map_or(0, |since| whole_milliseconds(since).min(END))
}

fn whole_milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn time(milliseconds: i64) -> SystemTime {
    let since = Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0));
    UNIX_EPOCH.checked_add(since).unwrap_or(UNIX_EPOCH)
}

/// SQLite's integers are signed.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

#[cfg(test)]
mod tests;
