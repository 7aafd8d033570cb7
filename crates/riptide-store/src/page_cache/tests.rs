use std::thread;

use tempfile::TempDir;

use super::*;

struct Opened {
    cache: PageCache,
    folder: TempDir,
}

fn opened(capacity: u64) -> Opened {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("riptide.db")).unwrap();
    Opened { cache: PageCache::new(Arc::new(store), capacity), folder }
}

impl Opened {
    /// A cache on the same file through connections of its own.
    fn again(&self) -> PageCache {
        let store = Store::open(&self.folder.path().join("riptide.db")).unwrap();
        PageCache::new(Arc::new(store), self.cache.capacity)
    }
}

/// So many minutes into the test.
fn minute(minute: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000 + minute * 60)
}

/// Bytes that do not compress, so many of them.
fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

fn page(body: &[u8]) -> PageResponse {
    PageResponse { status: 200, headers: b"content-type: text/html\r\n".to_vec(), body: body.to_vec() }
}

fn tenant(name: &str) -> Tenant {
    name.parse().unwrap()
}

fn key<'k>(tenant: &'k Tenant, url: &'k str) -> PageKey<'k> {
    PageKey { tenant, method: "GET", url, vary: "" }
}

#[test]
fn what_was_put_comes_back_byte_for_byte() {
    let Opened { cache, folder: _folder } = opened(1 << 20);
    let owner = Tenant::default();
    for (url, body) in [("u:empty", vec![]), ("u:noise", noise(5_000, 1)), ("u:text", b"word ".repeat(4_000))]
    {
        let response = PageResponse { status: 404, headers: b"x: \xff\r\n".to_vec(), body };
        assert_eq!(
            cache.put(&key(&owner, url), &response, minute(0)).unwrap(),
            Placement::Stored { evicted: 0 }
        );
        let found = cache.get(&key(&owner, url), minute(0)).unwrap().unwrap();
        assert_eq!(found.response, response);
        assert_eq!(found.stored, minute(0));
    }
}

#[test]
fn every_part_of_the_key_tells_entries_apart() {
    let Opened { cache, folder: _folder } = opened(1 << 20);
    let (one, two) = (tenant("one"), tenant("two"));
    let keys = [
        key(&one, "u:a"),
        key(&two, "u:a"),
        key(&one, "u:b"),
        PageKey { method: "HEAD", ..key(&one, "u:a") },
        PageKey { vary: "accept-language#1", ..key(&one, "u:a") },
    ];
    for (number, key) in keys.iter().enumerate() {
        assert_eq!(cache.get(key, minute(0)).unwrap(), None);
        cache.put(key, &page(number.to_string().as_bytes()), minute(number as u64)).unwrap();
    }
    for (number, key) in keys.iter().enumerate() {
        let found = cache.get(key, minute(5)).unwrap().unwrap();
        assert_eq!(found.response.body, number.to_string().as_bytes());
    }
    assert_eq!(cache.variants(&one, "GET", "u:a").unwrap(), ["accept-language#1", ""]);
    assert!(cache.remove(&keys[0]).unwrap());
    assert!(!cache.remove(&keys[0]).unwrap());
    assert_eq!(cache.remove_url(&one, "u:a").unwrap(), 2);
    assert_eq!(cache.stats().unwrap().entries, 2);
}

#[test]
fn bytes_are_counted_exactly() {
    let Opened { cache, folder: _folder } = opened(1 << 20);
    let (one, two) = (tenant("one"), tenant("two"));
    let first = key(&one, "u:a");
    cache.put(&first, &page(&noise(1_000, 1)), minute(0)).unwrap();
    cache.put(&key(&two, "u:a"), &page(&noise(500, 2)), minute(0)).unwrap();
    let size_of = |body: u64| "onGETu:a".len() as u64 + 1 + 25 + body + ROW_SIZE;
    let of = |tenant: &str, entries, bytes| TenantStats { tenant: tenant.to_owned(), entries, bytes };
    let stats = cache.stats().unwrap();
    assert_eq!(stats.tenants, [of("one", 1, size_of(1_000)), of("two", 1, size_of(500))]);
    assert_eq!((stats.entries, stats.bytes), (2, size_of(1_000) + size_of(500)));

    cache.put(&first, &page(&noise(300, 3)), minute(1)).unwrap();
    assert_eq!(cache.stats().unwrap().bytes, size_of(300) + size_of(500));
    assert!(cache.refresh(&first, b"a: b\r\n", minute(2)).unwrap());
    let refreshed = cache.get(&first, minute(2)).unwrap().unwrap();
    assert_eq!(refreshed.size, size_of(300) - 25 + 6);
    assert_eq!(cache.stats().unwrap().bytes, refreshed.size + size_of(500));
    assert_eq!(total(&cache), (2, cache.stats().unwrap().bytes));

    assert_eq!(cache.clear(Some(&two)).unwrap(), 1);
    assert_eq!(cache.stats().unwrap().bytes, refreshed.size);
    assert_eq!(cache.clear(None).unwrap(), 1);
    assert_eq!(total(&cache), (0, 0));
}

/// What the triggers have counted.
fn total(cache: &PageCache) -> (u64, u64) {
    let row = |row: &Row<'_>| Ok((unsigned(row, 0)?, unsigned(row, 1)?));
    cache
        .store
        .read(|connection| connection.query_row("SELECT entries, bytes FROM page_total", [], row))
        .unwrap()
}

#[test]
fn what_was_not_used_for_longest_makes_room() {
    let Opened { cache, folder: _folder } = opened(12_000);
    let owner = Tenant::default();
    let put = |url: &str, at| cache.put(&key(&owner, url), &page(&noise(1_000, at)), minute(at)).unwrap();
    let kept = || {
        let is_kept = |url: &&str| cache.store.read(|c| find(c, &key(&owner, url))).unwrap().is_some();
        ["u:0", "u:1", "u:2", "u:3", "u:4", "u:5", "u:6", "u:7", "u:8", "u:9"]
            .into_iter()
            .filter(is_kept)
            .collect::<String>()
            .replace("u:", "")
    };
    for (at, url) in ["u:0", "u:1", "u:2", "u:3", "u:4", "u:5", "u:6", "u:7", "u:8", "u:9"].iter().enumerate()
    {
        assert_eq!(put(url, at as u64), Placement::Stored { evicted: 0 });
    }
    assert_eq!(kept(), "0123456789");
    cache.get(&key(&owner, "u:0"), minute(20)).unwrap().unwrap();
    cache.refresh(&key(&owner, "u:2"), b"", minute(21)).unwrap();
    assert_eq!(put("u:a", 22), Placement::Stored { evicted: 1 });
    assert_eq!(kept(), "023456789");
    assert_eq!(put("u:b", 23), Placement::Stored { evicted: 1 });
    assert_eq!(kept(), "02456789");
    assert!(cache.stats().unwrap().bytes <= 12_000);
}

#[test]
fn a_use_is_noted_once_a_minute() {
    let Opened { cache, folder: _folder } = opened(12_000);
    let owner = Tenant::default();
    let key = key(&owner, "u:0");
    cache.put(&key, &page(b""), minute(0)).unwrap();
    let last_used = || cache.store.read(|connection| find(connection, &key)).unwrap().unwrap().last_used;
    cache.get(&key, minute(0) + Duration::from_secs(59)).unwrap();
    assert_eq!(time(last_used()), minute(0));
    cache.get(&key, minute(1)).unwrap();
    assert_eq!(time(last_used()), minute(1));
    cache.get(&key, minute(0)).unwrap();
    assert_eq!(time(last_used()), minute(1));
}

#[test]
fn no_answer_takes_more_than_its_share() {
    let Opened { cache, folder: _folder } = opened(16_000);
    let owner = Tenant::default();
    let key = key(&owner, "u:0");
    cache.put(&key, &page(b"before"), minute(0)).unwrap();
    assert_eq!(cache.put(&key, &page(&noise(2_000, 1)), minute(1)).unwrap(), Placement::TooLarge);
    assert_eq!(cache.get(&key, minute(1)).unwrap(), None);
    // What counts is what is stored.
    assert_eq!(
        cache.put(&key, &page(&[b'x'; 100_000]), minute(1)).unwrap(),
        Placement::Stored { evicted: 0 }
    );
}

#[test]
fn a_smaller_capacity_takes_effect_with_the_next_entry() {
    let opened = opened(1 << 20);
    let owner = Tenant::default();
    for number in 0..20 {
        let url = format!("u:{number}");
        opened.cache.put(&key(&owner, &url), &page(&noise(1_000, number)), minute(number)).unwrap();
    }
    let smaller = PageCache { capacity: 12_000, ..opened.again() };
    assert_eq!(
        smaller.put(&key(&owner, "u:last"), &page(b""), minute(30)).unwrap(),
        Placement::Stored { evicted: 10 }
    );
}

#[test]
fn a_transaction_that_is_not_finished_leaves_no_trace() {
    let opened = opened(1 << 20);
    let owner = Tenant::default();
    opened.cache.put(&key(&owner, "u:0"), &page(b"kept"), minute(0)).unwrap();
    let before = opened.cache.stats().unwrap();
    let dropped = opened.cache.store.write(|transaction| {
        transaction.execute("DELETE FROM page", [])?;
        Err::<(), _>(rusqlite::Error::QueryReturnedNoRows)
    });
    assert!(dropped.is_err());
    let cache = opened.again();
    assert_eq!(cache.stats().unwrap(), before);
    assert_eq!(total(&cache), (1, before.bytes));
    assert_eq!(cache.get(&key(&owner, "u:0"), minute(0)).unwrap().unwrap().response.body, b"kept");
}

#[test]
fn threads_and_connections_share_one_file() {
    let opened = opened(200_000);
    let caches = [opened.cache.clone(), opened.cache.clone(), opened.again(), opened.again()];
    thread::scope(|scope| {
        for (writer, cache) in (0_u64..).zip(&caches) {
            scope.spawn(move || {
                let owner = tenant(&format!("t{}", writer % 2));
                for number in 0..100 {
                    let url = format!("u:{writer}/{number}");
                    let body = noise(1_500, writer * 1_000 + number);
                    cache.put(&key(&owner, &url), &page(&body), minute(number)).unwrap();
                    if let Some(found) = cache.get(&key(&owner, &url), minute(number + 1)).unwrap() {
                        assert_eq!(found.response.body, body);
                    }
                }
            });
        }
    });
    let stats = opened.cache.stats().unwrap();
    assert_eq!(total(&opened.cache), (stats.entries, stats.bytes));
    assert!(stats.bytes <= 200_000 && stats.bytes > 195_000, "{stats:?}");
    opened.cache.store.check().unwrap();
}

#[test]
fn a_body_that_is_damaged_is_told() {
    let Opened { cache, folder: _folder } = opened(1 << 20);
    let owner = Tenant::default();
    let key = key(&owner, "u:0");
    for damage in ["body = x'28b52ffd'", "body_length = 7", "body_length = 99999999999999", "coding = 9"] {
        cache.put(&key, &page(&b"word ".repeat(50)), minute(0)).unwrap();
        cache
            .store
            .write(|transaction| transaction.execute(&format!("UPDATE page SET {damage}"), []))
            .unwrap();
        let error = cache.get(&key, minute(0)).unwrap_err();
        assert!(matches!(error, StoreError::Corrupt { .. }), "{damage}: {error}");
    }
}

#[test]
fn times_outside_of_what_can_be_stored_are_moved_to_its_ends() {
    for (given, kept) in [
        (UNIX_EPOCH - Duration::from_secs(1), UNIX_EPOCH),
        (UNIX_EPOCH + Duration::from_millis(1_234), UNIX_EPOCH + Duration::from_millis(1_234)),
        (UNIX_EPOCH + Duration::from_secs(1 << 40), UNIX_EPOCH + Duration::from_millis(253_402_300_799_999)),
    ] {
        assert_eq!(time(milliseconds(given)), kept);
    }
}
