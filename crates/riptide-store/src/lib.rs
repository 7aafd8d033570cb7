//! What RipTide keeps between runs: one SQLite file.
//!
//! A [`Store`] is the open file; what lives in it has a type of its own. So far that is the [`PageCache`], raw answers of web
//! servers. Calls block: async code makes them on a thread for blocking work. Nothing here reads the clock, callers tell the
//! time.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::SystemTime;
//!
//! use riptide_store::{PageCache, PageKey, PageResponse, Store};
//! use riptide_types::Tenant;
//!
//! let folder = tempfile::tempdir()?;
//! let store = Arc::new(Store::open(&folder.path().join("riptide.db"))?);
//! let cache = PageCache::new(store, 64 << 20);
//!
//! let tenant = Tenant::default();
//! let key = PageKey { tenant: &tenant, method: "GET", url: "https://example.org/", vary: "" };
//! let response = PageResponse { status: 200, headers: b"content-type: text/html\r\n".to_vec(), body: b"<p>Hi".to_vec() };
//! cache.put(&key, &response, SystemTime::now())?;
//! assert_eq!(cache.get(&key, SystemTime::now())?.unwrap().response, response);
//! assert_eq!(cache.stats()?.entries, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod page_cache;
mod store;

pub use error::StoreError;
pub use page_cache::{CacheStats, PageCache, PageKey, PageResponse, Placement, StoredPage, TenantStats};
pub use store::Store;
