//! Renders pages while browsers, their parts and the whole program are killed at random, and reports what is left:
//! `cargo bench --package riptide-browser --bench chaos`. Linux only.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a program that checks and reports"
)]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use riptide_browser::{BrowserConfig, BrowserPool, RenderRequest};
use riptide_events::{Event, EventBus};
use riptide_fetch::{Dialer, Guard, Policy, Resolver};
use riptide_types::Failure as _;
use rustix::process::{Pid, Signal, kill_process};

const PAGES: usize = 300;
const BROWSERS: usize = 2;
/// Pages after which the program itself is killed.
const PER_LIFE: usize = 50;
const ORPHANS_GONE: Duration = Duration::from_secs(10);
const FULL_AGAIN: Duration = Duration::from_secs(2);
/// Some of these loop for ever, in the page or in a worker.
const PAGE: &str = "<!doctype html><title>p</title><div id=root></div><script>
    for (let i = 0; i < 200; i++) root.append(Object.assign(document.createElement('p'), { textContent: 'Line ' + i }));
    if (location.search.endsWith('7')) setTimeout(() => { while (true) {} }, 100);
    if (location.search.endsWith('3')) new Worker(URL.createObjectURL(new Blob(['while (true) {}'])));
</script>";

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().position(|argument| argument == "life") {
        Some(at) => live(&arguments[at + 1], arguments[at + 2].parse().unwrap()),
        None => run(),
    }
}

/// Marsaglia's xorshift64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound
    }
}

/// The program that renders, until it is killed or its input ends. It tells of each page.
fn live(profiles: &str, site: SocketAddr) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let guard =
            Guard::new(Policy { exceptions: vec![site.to_string().parse().unwrap()], ..Policy::default() });
        let dialer = Dialer::new(guard, Resolver::default(), None, Duration::from_secs(5));
        let config = BrowserConfig {
            profiles: Some(profiles.into()),
            browsers: NonZero::new(BROWSERS).unwrap(),
            warm: BROWSERS,
            ..BrowserConfig::default()
        };
        let events = EventBus::new(1024);
        let heard = events.subscribe();
        thread::spawn(move || {
            while let Some(event) = heard.recv() {
                if matches!(event, Event::BrowserStarted { .. }) {
                    println!("ready");
                }
            }
        });
        let pool = BrowserPool::start(config, dialer, events).await.unwrap();
        let number = Arc::new(AtomicUsize::new(0));
        for _ in 0..BROWSERS {
            let (pool, number) = (pool.clone(), Arc::clone(&number));
            tokio::spawn(async move {
                loop {
                    let number = number.fetch_add(1, Ordering::Relaxed);
                    let url = format!("http://{site}/?{number}").parse().unwrap();
                    let mut request = RenderRequest::new(url);
                    request.deadline = Duration::from_secs(20);
                    match pool.render(request).await {
                        Ok(page) if page.html.contains("Line 199") => println!("page ok"),
                        Ok(_) => println!("page incomplete"),
                        Err(error) => println!("page {}", error.code()),
                    }
                }
            });
        }
        std::future::pending::<()>().await;
    });
}

/// What the processes of the system are: number, state, group, arguments.
fn processes() -> Vec<(i32, char, i32, String)> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter_map(|entry| {
            let number = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
            let arguments = fs::read_to_string(entry.path().join("cmdline")).ok()?.replace('\0', " ");
            Some((number, fields[0].chars().next()?, fields[2].parse().ok()?, arguments))
        })
        .collect()
}

/// Children of the program that have ended, and that it does not collect within a second.
fn lasting_zombies(program: u32) -> usize {
    let zombies = || -> Vec<i32> {
        let children = fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| {
            let number = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().take(2).collect();
            (fields == ["Z", &program.to_string()]).then_some(number)
        });
        children.collect()
    };
    let before = zombies();
    thread::sleep(Duration::from_secs(1));
    zombies().iter().filter(|zombie| before.contains(zombie)).count()
}

/// The browsers that keep their profiles in this folder: the first process of each.
fn browsers(profiles: &Path) -> Vec<i32> {
    let mark = format!("--user-data-dir={}/", profiles.display());
    let found = processes().into_iter();
    found
        .filter(|(number, _, group, arguments)| number == group && arguments.contains(&mark))
        .map(|(number, ..)| number)
        .collect()
}

/// All processes that belong to browsers of this folder, by their group or their arguments.
fn parts(groups: &[i32], profiles: &Path) -> Vec<(i32, char)> {
    let mark = profiles.display().to_string();
    let found = processes().into_iter();
    found
        .filter(|(_, _, group, arguments)| {
            groups.contains(group) || arguments.contains(&mark) && !arguments.contains(" life ")
        })
        .map(|(number, state, ..)| (number, state))
        .collect()
}

struct Life {
    program: Child,
    lines: mpsc::Receiver<String>,
}

impl Life {
    fn start(profiles: &Path, site: SocketAddr) -> Self {
        let mut program = Command::new(std::env::current_exe().unwrap())
            .args(["life", profiles.to_str().unwrap(), &site.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(program.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Self { program, lines }
    }
}

fn folders(parent: &Path) -> Vec<PathBuf> {
    fs::read_dir(parent)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect()
}

/// What has happened so far.
struct Chaos {
    site: SocketAddr,
    profiles: PathBuf,
    random: Random,
    tally: BTreeMap<String, usize>,
    pages: usize,
    kills: usize,
    orphans: usize,
    zombies: usize,
    left_over: usize,
    slowest_death: Duration,
    /// From the death of a browser until the next one had shown a page.
    recoveries: Vec<Duration>,
}

impl Chaos {
    /// One life of the program, with deaths of its browsers, and its end by SIGKILL.
    fn live_once(&mut self) {
        let before = folders(&self.profiles);
        let mut life = Life::start(&self.profiles, self.site);
        let groups = self.kill_around(&life);
        // Left-overs of the life before are gone since the start of this one.
        self.left_over += before.iter().filter(|folder| folder.exists()).count();
        self.zombies += lasting_zombies(life.program.id());
        life.program.kill().unwrap();
        life.program.wait().unwrap();
        let died = Instant::now();
        // Orphans that have ended are collected by the system's first process, when it pleases.
        let running =
            || parts(&groups, &self.profiles).into_iter().filter(|(_, state)| *state != 'Z').count();
        while running() > 0 && died.elapsed() < ORPHANS_GONE {
            thread::sleep(Duration::from_millis(20));
        }
        self.slowest_death = self.slowest_death.max(died.elapsed());
        self.orphans += running();
    }

    /// Kills browsers and parts of them, until enough pages were rendered. The browsers that there were.
    fn kill_around(&mut self, life: &Life) -> Vec<i32> {
        let mut groups = Vec::new();
        let end = self.pages + PER_LIFE + self.random.below(10);
        let mut next_kill = self.pages + 5;
        let mut dead_since: Option<Instant> = None;
        while self.pages < end {
            let Ok(line) = life.lines.recv_timeout(Duration::from_secs(60)) else {
                panic!("nothing happens any more");
            };
            if let Some(outcome) = line.strip_prefix("page ") {
                self.pages += 1;
                *self.tally.entry(outcome.to_owned()).or_default() += 1;
            } else {
                self.recoveries.extend(dead_since.take().map(|since| since.elapsed()));
            }
            let alive = browsers(&self.profiles);
            groups.extend(&alive);
            if self.pages >= next_kill && dead_since.is_none() && !alive.is_empty() {
                next_kill = self.pages + 3 + self.random.below(8);
                let browser = alive[self.random.below(alive.len())];
                if self.kill(browser) {
                    dead_since = Some(Instant::now());
                }
            }
        }
        groups
    }

    /// Kills a browser's first process or any of its parts; whether it was the first.
    fn kill(&mut self, browser: i32) -> bool {
        let parts: Vec<i32> = processes()
            .into_iter()
            .filter(|(_, _, group, _)| *group == browser)
            .map(|(number, ..)| number)
            .collect();
        let part = parts.get(self.random.below(parts.len().max(1))).copied().unwrap_or(browser);
        let victim = if self.random.below(2) == 0 { browser } else { part };
        let killed = kill_process(Pid::from_raw(victim).unwrap(), Signal::KILL).is_ok();
        self.kills += usize::from(killed);
        killed && victim == browser
    }

    /// A last start, which finds what the life before has left.
    fn start_again(&mut self) {
        let before = folders(&self.profiles);
        let mut life = Life::start(&self.profiles, self.site);
        while !life.lines.recv_timeout(Duration::from_secs(60)).unwrap().starts_with("page") {}
        self.left_over += before.iter().filter(|folder| folder.exists()).count();
        life.program.kill().unwrap();
        life.program.wait().unwrap();
    }
}

fn run() {
    let parent = tempfile::tempdir().unwrap();
    let mut chaos = Chaos {
        site: serve(),
        profiles: parent.path().join("profiles"),
        random: Random(0x9e37_79b9_7f4a_7c15),
        tally: BTreeMap::new(),
        pages: 0,
        kills: 0,
        orphans: 0,
        zombies: 0,
        left_over: 0,
        slowest_death: Duration::ZERO,
        recoveries: Vec::new(),
    };
    let mut lives = 0;
    while chaos.pages < PAGES {
        lives += 1;
        chaos.live_once();
    }
    chaos.start_again();

    let Chaos { tally, pages, kills, orphans, zombies, left_over, slowest_death, mut recoveries, .. } = chaos;
    recoveries.sort();
    let slowest = recoveries.last().copied().unwrap_or_default();
    let median = recoveries.get(recoveries.len() / 2).copied().unwrap_or_default();
    println!("{pages} pages in {lives} lives, {kills} kills beside those: {tally:?}");
    println!(
        "orphans {ORPHANS_GONE:?} after a death of the program: {orphans}; the last was gone after {slowest_death:?}"
    );
    println!("zombies: {zombies}; left-over profiles at the next start: {left_over}");
    println!(
        "the pool was full again after {median:?} in the middle and {slowest:?} at the worst of {} deaths of browsers",
        recoveries.len()
    );
    assert_eq!((orphans, zombies, left_over), (0, 0, 0));
    assert!(slowest <= FULL_AGAIN, "the pool took {slowest:?} to be full again");
}

/// A site with one page.
fn serve() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            thread::spawn(move || {
                // One request is one packet here.
                let _ = stream.read(&mut [0; 4096]);
                let length = PAGE.len();
                let _ = write!(
                    stream,
                    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{PAGE}"
                );
            });
        }
    });
    address
}
