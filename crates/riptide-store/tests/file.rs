//! The file itself: who else may have written it, and what became of it.

#![expect(clippy::expect_used, reason = "what tests share is not marked as a test")]

use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{env, thread};

use riptide_store::{PageCache, PageKey, PageResponse, Store, StoreError};
use riptide_types::{Failure as _, Tenant};
use rusqlite::Connection;

const CAPACITY: u64 = 64 << 20;

fn cache(path: &Path) -> PageCache {
    PageCache::new(Arc::new(Store::open(path).expect("the store opens")), CAPACITY)
}

fn put(cache: &PageCache, number: u64, now: SystemTime) {
    let tenant = Tenant::default();
    let url = format!("http://example.org/{number}");
    let key = PageKey { tenant: &tenant, method: "GET", url: &url, vary: "" };
    let body = url.as_bytes().iter().copied().cycle().take(20_000).collect();
    cache
        .put(&key, &PageResponse { status: 200, headers: Vec::new(), body }, now)
        .expect("the page is stored");
}

#[test]
fn a_file_and_its_folders_are_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/riptide.db");
    put(&cache(&path), 1, UNIX_EPOCH);
    let store = Store::open(&path).unwrap();
    store.check().unwrap();
    assert_eq!(store.path(), path);
    assert_eq!(cache(&path).stats().unwrap().entries, 1);
    #[cfg(unix)]
    for name in ["riptide.db", "riptide.db-wal", "riptide.db-shm"] {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(path.with_file_name(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name} is readable by others");
    }
}

#[test]
fn many_can_make_it_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("riptide.db");
    thread::scope(|scope| {
        for number in 0..8 {
            let path = &path;
            scope.spawn(move || put(&cache(path), number, UNIX_EPOCH));
        }
    });
    assert_eq!(cache(&path).stats().unwrap().entries, 8);
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("riptide.db");
    put(&cache(&path), 1, UNIX_EPOCH);
    let connection = Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::NewerSchema { found: 99, known: 1, .. }), "{error}");
    assert!(error.to_string().contains("use a newer RipTide"), "{error}");
    assert_eq!((error.code(), error.retryable()), ("store-newer-schema", false));
    let pages: u32 = connection.query_row("SELECT count(*) FROM page", [], |row| row.get(0)).unwrap();
    assert_eq!(pages, 1);
}

#[test]
fn a_database_of_another_program_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE bookmarks (url TEXT)").unwrap();
    let before = fs::read(&path).unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_file_that_is_no_database_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    fs::write(&path, "Dear diary, ".repeat(200)).unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
    assert!(error.to_string().contains("delete the file"), "{error}");
    assert!(matches!(Store::open(folder.path()).unwrap_err(), StoreError::Unopened { .. }));
}

#[test]
fn damage_in_the_middle_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("riptide.db");
    {
        let cache = cache(&path);
        (0..200).for_each(|number| put(&cache, number, UNIX_EPOCH));
    }
    let mut file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    let length = file.metadata().unwrap().len();
    file.seek(SeekFrom::Start(8_192)).unwrap();
    file.write_all(&vec![0xA5; usize::try_from(length - 8_192).unwrap()]).unwrap();
    let error = Store::open(&path).and_then(|store| store.check()).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
    assert_eq!(error.code(), "store-corrupt");
}

/// Where the process that is to be killed writes.
const VICTIM_FILE: &str = "RIPTIDE_STORE_TEST_FILE";

/// What the other process does; in the process of the tests it has nothing to do.
#[test]
fn victim() {
    let Some(path) = env::var_os(VICTIM_FILE) else { return };
    let cache = cache(Path::new(&path));
    // Bounded, should nobody kill it.
    (0..100_000).for_each(|number| put(&cache, number, UNIX_EPOCH + Duration::from_secs(number)));
}

#[test]
fn a_writer_that_is_killed_leaves_whole_entries() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("riptide.db");
    let cache = cache(&path);
    for round in 1..=5 {
        let mut victim = Command::new(env::current_exe().unwrap())
            .args(["victim", "--exact", "--test-threads=1"])
            .env(VICTIM_FILE, &path)
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let before = cache.stats().unwrap().entries;
        while cache.stats().unwrap().entries < before + 20 {
            assert!(victim.try_wait().unwrap().is_none(), "the victim died by itself");
            thread::yield_now();
        }
        victim.kill().unwrap();
        victim.wait().unwrap();
        let store = Store::open(&path).unwrap();
        store.check().unwrap();
        let stats = cache.stats().unwrap();
        let connection = Connection::open(&path).unwrap();
        let counted: (u64, u64) = connection
            .query_row("SELECT entries, bytes FROM page_total", [], |row| {
                Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get::<_, i64>(1)?.unsigned_abs()))
            })
            .unwrap();
        assert_eq!(counted, (stats.entries, stats.bytes), "round {round}");
        cache.clear(None).unwrap();
    }
}

#[test]
fn clearing_gives_the_disk_its_room_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("riptide.db");
    let cache = cache(&path);
    let tenant = Tenant::default();
    for number in 0..40_u64 {
        let url = format!("u:{number}");
        let key = PageKey { tenant: &tenant, method: "GET", url: &url, vary: "" };
        let mut state = number + 1;
        let body = std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        });
        let body = body.take(100_000).collect();
        cache.put(&key, &PageResponse { status: 200, headers: Vec::new(), body }, UNIX_EPOCH).unwrap();
    }
    assert!(cache.stats().unwrap().bytes > 4_000_000);
    assert_eq!(cache.clear(None).unwrap(), 40);
    assert!(fs::metadata(&path).unwrap().len() < 200_000);
}
