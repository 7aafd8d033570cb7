//! What the tiers of the sandbox save: instances alone, checkouts under contention, and real pages end to end against
//! engines without them. Prints the tables of docs/performance.md.
//!
//! `cargo bench --package riptide --bench tiers -- [DIR with *.html or *.html.gz]`
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a program that measures and reports")]

use std::env;
use std::fs::{self, File};
use std::io::Read as _;
use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use futures::executor::block_on;
use riptide::{ExtractionMode, Limits, Page, Riptide, Source};
use riptide_sandbox::{
    BUILT_IN, BreakerConfig, Budget, Clock, Extractor, LoadPolicy, Request, Sandbox, SandboxConfig,
    TierConfig,
};
use tempfile::TempDir;
use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Engine, Store};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

mod bindings {
    wasmtime::component::bindgen!({ path: "../../wit", world: "extractor" });
}

use bindings::Extractor as Bindings;
use bindings::exports::riptide::extractor::extraction::ExtractionMode as Mode;

/// At most this many pages, evenly taken from the folder.
const PAGES: usize = 300;
const ROUNDS: usize = 5000;

fn main() {
    let folder = env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let folder = folder.unwrap_or_else(|| "tests/site/pages".to_owned());
    // Cargo runs benchmarks in the folder of their package; the folder is told from the workspace's.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    let pages = pages(&folder);
    let cache = tempfile::tempdir().unwrap();
    println!(
        "{} pages, {} bytes at the median",
        pages.len(),
        median(pages.iter().map(|page| page.html.len()))
    );
    let bench = Bench { pages, cache };
    // From here on the machine code is on disk.
    drop(bench.sandbox(TierConfig::default(), 1, 1));
    bench.instances();
    bench.small_pages();
    bench.real_pages();
    bench.fairness();
    bench.loops();
}

struct Bench {
    pages: Vec<Page>,
    cache: TempDir,
}

impl Bench {
    fn sandbox(&self, tiers: TierConfig, threads: usize, documents: u32) -> (Sandbox, Extractor) {
        let sandbox = Sandbox::new(SandboxConfig {
            threads: NonZero::new(threads).unwrap(),
            tiers,
            documents_per_instance: NonZero::new(documents).unwrap(),
            cache_dir: Some(self.cache.path().to_owned()),
            ..SandboxConfig::default()
        });
        let sandbox = sandbox.unwrap();
        let extractor = sandbox.load(BUILT_IN).unwrap();
        sandbox.wait_for_compiler();
        (sandbox, extractor)
    }

    fn instances(&self) {
        table("instances of the built-in component");
        let (hot, extractor) = self.sandbox(TierConfig::default(), 1, 1);
        row("start and end, no call", block_on(hot.time_instances(&extractor, ROUNDS)).unwrap());
        row("hot: checkout and release", repeat(ROUNDS, || checkout(&hot, &extractor)));
        let (warm, extractor) = self.sandbox(TierConfig { hot: 0, ..TierConfig::default() }, 1, 1);
        row("warm: checkout on a guest thread, and release", repeat(ROUNDS, || checkout(&warm, &extractor)));
        row("cold: from disk to an instance, and release", cold(self.cache.path()));
    }

    fn small_pages(&self) {
        table("a small page, extracted");
        let (scratch, small) = (Scratch::new(), small_page());
        row("from scratch, no pool", repeat(1000, || scratch.extract(&small)));
        first_request(self.cache.path());
        for tasks in [1, 2, 8, 64] {
            let (sandbox, extractor) = self.sandbox(TierConfig::default(), 2, 1);
            row(&format!("{tasks} tasks on 2 threads"), contended(&sandbox, &extractor, tasks));
        }
    }

    fn real_pages(&self) {
        table("real pages, one after the other");
        let native = Riptide::builder().native(true).build().unwrap();
        let (pooled, extractor) = self.sandbox(TierConfig::default(), 1, 1);
        let (reusing, reused) = self.sandbox(TierConfig::default(), 1, u32::MAX);
        let scratch = Scratch::new();
        // One round to warm up, then all of them in turn for each page, so that each sees the same machine.
        for round in 0..2 {
            let mut times: [Vec<Duration>; 4] = Default::default();
            let [of_native, of_pooled, of_reused, of_scratch] = &mut times;
            for page in &self.pages {
                of_native.push(time(|| drop(native.extract(source(page), &ExtractionMode::default()))));
                of_pooled.push(time(|| drop(block_on(pooled.extract(&extractor, request(page))))));
                of_reused.push(time(|| drop(block_on(reusing.extract(&reused, request(page))))));
                of_scratch.push(time(|| scratch.extract(page)));
            }
            if round > 0 {
                let names = [
                    "native",
                    "a fresh instance each (default)",
                    "one instance for all",
                    "from scratch, no pool",
                ];
                names.into_iter().zip(times).for_each(|(name, times)| row(name, times));
            }
        }
    }

    fn fairness(&self) {
        table("the small tenant's pages on 2 threads");
        let (sandbox, extractor) = self.sandbox(TierConfig::default(), 2, 1);
        row("alone", tenant(&sandbox, &extractor, &self.pages, "small"));
        row("beside ten requests of another", beside(&sandbox, &extractor, &self.pages));
    }
}

impl Bench {
    /// How late endless loops end, and what pages beside them notice.
    fn loops(&self) {
        const TIME: Duration = Duration::from_millis(20);
        table("beside endless loops, on 2 threads");
        let (sandbox, extractor) = self.sandbox(TierConfig::default(), 2, 1);
        let small = small_page();
        let quick = || time(|| drop(block_on(sandbox.extract(&extractor, request(&small)))));
        row("a small page, alone", (0..1000).map(|_| quick()).collect());
        let endless = Sandbox::new(SandboxConfig {
            threads: NonZero::<usize>::MIN,
            budget: Budget { limits: Limits { time: TIME, ..Limits::default() }, ..Budget::default() },
            load: LoadPolicy { canary: false, ..LoadPolicy::default() },
            // All of its calls fail, and are meant to.
            breaker: BreakerConfig { minimum_calls: NonZero::<u64>::MAX, ..SandboxConfig::default().breaker },
            ..SandboxConfig::default()
        });
        let endless = endless.unwrap();
        let looping = endless.load(looping_component()).unwrap();
        endless.wait_for_compiler();
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            let beside = scope.spawn(|| {
                let mut times = Vec::new();
                while !done.load(Ordering::SeqCst) {
                    times.push(quick());
                }
                times
            });
            let late = repeat(200, || drop(block_on(endless.extract(&looping, Request::default()))));
            done.store(true, Ordering::SeqCst);
            row("a small page, beside a loop", beside.join().unwrap());
            row(
                "loops end after their deadline by",
                late.into_iter().map(|time| time.saturating_sub(TIME)).collect(),
            );
        });
    }
}

/// A component whose `extract` never ends.
fn looping_component() -> Vec<u8> {
    let module = r#"(module
        (memory (export "memory") 2)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 65536)
        (func (export "riptide:extractor/extraction@0.1.0#extract")
            (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) (loop br 0) unreachable)
        (func (export "riptide:extractor/extraction@0.1.0#describe") (result i32) i32.const 1024)
        (func (export "riptide:extractor/extraction@0.1.0#check-health") (result i32) i32.const 1024))"#;
    let mut resolve = Resolve::default();
    let package = resolve.push_str("extractor.wit", include_str!("../../../wit/extractor.wit")).unwrap();
    let world = resolve.select_world(&[package], Some("extractor")).unwrap();
    let mut module = wat::parse_str(module).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false).unwrap();
    ComponentEncoder::default().module(&module).unwrap().encode().unwrap()
}

/// Instantiates without a pool and links each time, as one does without a runtime around Wasmtime.
struct Scratch {
    engine: Engine,
    component: Component,
}

impl Scratch {
    fn new() -> Self {
        let mut config = Config::new();
        config.epoch_interruption(true).memory_init_cow(true).concurrency_support(false);
        let engine = Engine::new(&config).unwrap();
        let component = Component::new(&engine, BUILT_IN).unwrap();
        Self { engine, component }
    }

    fn extract(&self, page: &Page) {
        let mut store = Store::new(&self.engine, ());
        store.set_epoch_deadline(1);
        let linker = Linker::new(&self.engine);
        let guest = Bindings::instantiate(&mut store, &self.component, &linker).unwrap();
        let mode = Mode::Article(bindings::exports::riptide::extractor::extraction::Focus::Balanced);
        drop(guest.riptide_extractor_extraction().call_extract(&mut store, &page.html, &page.url, &mode));
    }
}

fn checkout(sandbox: &Sandbox, extractor: &Extractor) {
    let lease = block_on(sandbox.checkout(extractor, &"bench".parse().unwrap())).unwrap();
    block_on(lease.release());
}

/// From machine code on disk to an instance, again and again.
fn cold(cache: &Path) -> Vec<Duration> {
    let clock = Clock::manual();
    let sandbox = Sandbox::new(SandboxConfig {
        cache_dir: Some(cache.to_owned()),
        clock: Some(clock.clone()),
        // The clock makes leaps; a health check beside one would run out of time.
        health_interval: Duration::MAX,
        ..SandboxConfig::default()
    });
    let sandbox = sandbox.unwrap();
    let extractor = sandbox.load(BUILT_IN).unwrap();
    let mut times = Vec::new();
    for _ in 0..200 {
        // An outcome is handed over before its lease ends, that of the trial at loading too.
        while sandbox.instances().in_use > 0 {
            thread::yield_now();
        }
        clock.advance(TierConfig::default().warm_for);
        sandbox.optimise();
        assert_eq!(format!("{:?}", extractor.tier()), "Cold");
        times.push(time(|| checkout(&sandbox, &extractor)));
    }
    times
}

/// The first page after a start, and those that follow.
fn first_request(cache: &Path) {
    let small = small_page();
    let (mut first, mut later) = (Vec::new(), Vec::new());
    for _ in 0..20 {
        let builder = Riptide::builder().jobs(NonZero::<usize>::MIN).cache_dir(cache.to_owned());
        let riptide = builder.build().unwrap();
        first.push(time(|| drop(riptide.extract(source(&small), &ExtractionMode::default()))));
        later.extend(repeat(50, || drop(riptide.extract(source(&small), &ExtractionMode::default()))));
    }
    row("the first after a start", first);
    row("those that follow", later);
}

fn contended(sandbox: &Sandbox, extractor: &Extractor, tasks: usize) -> Vec<Duration> {
    let small = small_page();
    thread::scope(|scope| {
        let tasks = (0..tasks).map(|_| {
            scope.spawn(|| {
                repeat(2000 / tasks, || drop(block_on(sandbox.extract(extractor, request(&small)))))
            })
        });
        tasks.collect::<Vec<_>>().into_iter().flat_map(|task| task.join().unwrap()).collect()
    })
}

/// The times of all pages, one after the other, as one tenant's.
fn tenant(sandbox: &Sandbox, extractor: &Extractor, pages: &[Page], name: &str) -> Vec<Duration> {
    let request = |page| Request { tenant: name.parse().unwrap(), ..request(page) };
    pages.iter().map(|page| time(|| drop(block_on(sandbox.extract(extractor, request(page)))))).collect()
}

/// The same while another tenant always wants ten pages at once.
fn beside(sandbox: &Sandbox, extractor: &Extractor, pages: &[Page]) -> Vec<Duration> {
    let done = Arc::new(());
    let still = Arc::downgrade(&done);
    thread::scope(|scope| {
        for start in 0..10 {
            let still = still.clone();
            scope.spawn(move || {
                for page in pages.iter().cycle().skip(start * pages.len() / 10) {
                    if still.strong_count() == 0 {
                        return;
                    }
                    let request = Request { tenant: "large".parse().unwrap(), ..request(page) };
                    drop(block_on(sandbox.extract(extractor, request)));
                }
            });
        }
        let times = tenant(sandbox, extractor, pages, "small");
        drop(done);
        times
    })
}

fn request(page: &Page) -> Request {
    Request { page: page.clone(), ..Request::default() }
}

fn source(page: &Page) -> Source {
    Source { bytes: page.html.clone().into_bytes(), url: page.url.clone(), ..Source::default() }
}

fn small_page() -> Page {
    let html = "<!doctype html><title>Tide</title><article><h1>Tide</h1><p>Twice a day the sea comes back.</article>";
    Page { html: html.to_owned(), url: String::new() }
}

/// Every so many of the folder's pages, by name.
fn pages(folder: &Path) -> Vec<Page> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let step = paths.len().div_ceil(PAGES).max(1);
    paths.iter().step_by(step).map(|path| Page { html: read(path), url: String::new() }).collect()
}

fn read(path: &Path) -> String {
    let mut bytes = Vec::new();
    let mut file = File::open(path).unwrap();
    if path.extension().is_some_and(|extension| extension == "gz") {
        GzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    } else {
        file.read_to_end(&mut bytes).unwrap();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn time(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

fn repeat(rounds: usize, mut work: impl FnMut()) -> Vec<Duration> {
    (0..rounds).map(|_| time(&mut work)).collect()
}

fn median(values: impl Iterator<Item = usize>) -> usize {
    let mut values: Vec<_> = values.collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn table(title: &str) {
    println!("\n| {title} | p50 | p99 | p99.9 |\n|---|--:|--:|--:|");
}

fn row(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |part: f64| {
        let place = (times.len() as f64 * part) as usize;
        times.get(place.min(times.len() - 1)).copied().unwrap_or_default()
    };
    println!("| {name} | {:.1?} | {:.1?} | {:.1?} |", at(0.5), at(0.99), at(0.999));
}
