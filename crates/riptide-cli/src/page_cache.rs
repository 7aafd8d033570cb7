//! `riptide cache`: what is kept of the web.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use bytesize::ByteSize;
use riptide::{CacheStats, HttpCache, PageCache, Store};
use serde_json::json;

use crate::args::{CacheArgs, CacheCommand};
use crate::exit::Exit;
use crate::extract::user_cache_dir;
use crate::output;
use crate::progress::say;

/// The name of the file within the cache folder.
const FILE: &str = "pages.sqlite";

/// Opens the cache of pages in a folder.
///
/// # Errors
/// When the file cannot be used.
pub(crate) fn open(folder: &Path, capacity: ByteSize) -> anyhow::Result<Arc<HttpCache>> {
    let path = folder.join(FILE);
    std::fs::create_dir_all(folder)
        .with_context(|| format!("{}: this folder cannot be made", folder.display()))?;
    let store = Store::open(&path).with_context(|| path.display().to_string())?;
    Ok(Arc::new(HttpCache::new(PageCache::new(Arc::new(store), capacity.as_u64()))))
}

/// The cache that options come to: none where there is no folder for it. One that cannot be used is told of, and done
/// without.
pub(crate) fn of(args: &CacheArgs) -> Option<Arc<HttpCache>> {
    let folder = args.cache_dir.clone().or_else(user_cache_dir)?;
    match open(&folder, args.page_cache_size) {
        Ok(cache) => Some(cache),
        Err(error) => {
            say(&format!("riptide: warning: pages are fetched anew each time: {error:#}"));
            None
        }
    }
}

/// Runs the command. Where there is no cache, none is made.
pub(crate) fn run(command: &CacheCommand) -> anyhow::Result<Exit> {
    match command {
        CacheCommand::Stats { cache, json, .. } => {
            let (path, pages) = existing(cache)?;
            let capacity = cache.page_cache_size.as_u64();
            let stats = match pages {
                Some(pages) => pages.pages().stats()?,
                None => CacheStats { entries: 0, bytes: 0, capacity, tenants: Vec::new() },
            };
            output::print(&if *json {
                let tenants: Vec<_> = stats
                    .tenants
                    .iter()
                    .map(|tenant| json!({ "tenant": tenant.tenant, "entries": tenant.entries, "bytes": tenant.bytes }))
                    .collect();
                json!({
                    "path": path.display().to_string(),
                    "entries": stats.entries,
                    "bytes": stats.bytes,
                    "capacity": stats.capacity,
                    "tenants": tenants,
                })
                .to_string()
            } else {
                format!(
                    "{}: {} pages, {} of {}",
                    path.display(),
                    stats.entries,
                    ByteSize(stats.bytes),
                    ByteSize(stats.capacity)
                )
            });
        }
        CacheCommand::Clear { cache, .. } => {
            let (path, pages) = existing(cache)?;
            let removed = pages.map_or(Ok(0), |pages| pages.pages().clear(None))?;
            output::print(&format!("{}: {removed} pages removed", path.display()));
        }
    }
    Ok(Exit::Ok)
}

/// Where the cache is, and the cache if it is there.
fn existing(args: &CacheArgs) -> anyhow::Result<(PathBuf, Option<Arc<HttpCache>>)> {
    let folder = args
        .cache_dir
        .clone()
        .or_else(user_cache_dir)
        .context("there is no cache folder; name one with --cache-dir")?;
    let path = folder.join(FILE);
    let is_there = path.try_exists().with_context(|| format!("{}: cannot be looked at", path.display()))?;
    let pages = is_there.then(|| open(&folder, args.page_cache_size)).transpose()?;
    Ok((path, pages))
}
