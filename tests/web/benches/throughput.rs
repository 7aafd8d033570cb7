//! How fast programs fetch distinct pages from the site: `riptide` beside `curl --parallel` and `wget`.
//!
//! ```sh
//! cargo build --release
//! cargo bench -p riptide-test-site --bench throughput -- --pages 5000 --riptide target/release/riptide
//! ```
//!
//! `riptide` extracts what the others only fetch. Programs that are not there are left out. Each runs three times; the fastest
//! run counts.

use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use riptide_test_site::Site;

/// Runs of each program.
const RUNS: usize = 3;

/// Requests at once, for programs that can.
const AT_ONCE: &str = "64";

/// How often the memory of a program is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// What is to be fetched.
struct Job {
    site: Site,
    pages: usize,
    /// Holds the lists of URLs and what `riptide` writes.
    folder: PathBuf,
}

/// What a run took.
struct Run {
    time: Duration,
    /// The largest resident set that was seen.
    memory_kib: u64,
}

fn main() -> io::Result<()> {
    let arguments: Vec<_> = env::args().collect();
    let value = |name: &str| arguments.iter().skip_while(|argument| *argument != name).nth(1);
    let pages = value("--pages").and_then(|pages| pages.parse().ok()).unwrap_or(2_000);
    let riptide = value("--riptide").map_or("riptide", String::as_str);
    let job = Job::prepare(pages)?;
    let programs = [
        ("riptide", job.riptide(riptide, &[])),
        ("riptide --native", job.riptide(riptide, &["--native"])),
        ("curl --parallel", job.curl()),
        ("wget", job.wget()),
    ];
    writeln!(
        io::stdout(),
        "{pages} pages\n{:<18} {:>10} {:>10} {:>12}",
        "",
        "seconds",
        "pages/s",
        "memory MiB"
    )?;
    for (name, mut command) in programs {
        job.measure(name, &mut command)?;
    }
    fs::remove_dir_all(&job.folder)
}

impl Job {
    fn prepare(pages: usize) -> io::Result<Self> {
        let site = Site::start()?;
        let folder = env::temp_dir().join(format!("riptide-throughput-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let urls = || (1..=pages).map(|number| site.url(&format!("/bulk/{number}")));
        fs::write(folder.join("urls.txt"), urls().map(|url| url + "\n").collect::<String>())?;
        let lines = urls().map(|url| format!("{{\"url\": \"{url}\"}}\n"));
        fs::write(folder.join("urls.jsonl"), lines.collect::<String>())?;
        Ok(Self { site, pages, folder })
    }

    fn riptide(&self, program: &str, more: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(["extract", "--format", "jsonl", "--manifest"]).arg(self.folder.join("urls.jsonl"));
        command.arg("--output").arg(self.folder.join("documents.jsonl"));
        command.args(["--allow", &self.site.address().to_string(), "--connections", AT_ONCE]);
        command.args(["--per-host", AT_ONCE, "--delay", "0s"]).args(more);
        command
    }

    fn curl(&self) -> Command {
        let mut command = Command::new("curl");
        // It shows its progress even when it is told to be silent.
        command.stderr(Stdio::null());
        command.args(["--silent", "--fail", "--noproxy", "*", "--parallel", "--parallel-max", AT_ONCE]);
        command.args(["--output", "/dev/null", &self.site.url(&format!("/bulk/[1-{}]", self.pages))]);
        command
    }

    fn wget(&self) -> Command {
        let mut command = Command::new("wget");
        command.args(["--quiet", "--no-proxy", "--output-document", "/dev/null", "--input-file"]);
        command.arg(self.folder.join("urls.txt"));
        command
    }

    /// Runs a program and tells how its fastest run went.
    fn measure(&self, name: &str, command: &mut Command) -> io::Result<()> {
        let mut best: Option<Run> = None;
        for _ in 0..RUNS {
            self.site.forget();
            let run = match run(command) {
                Ok(run) => run,
                Err(error) => return writeln!(io::stdout(), "{name:<18} left out: {error}"),
            };
            let missed =
                (1..=self.pages).filter(|number| self.site.hits(&format!("/bulk/{number}")) == 0).count();
            if missed > 0 {
                return writeln!(io::stdout(), "{name:<18} left out: it did not ask for {missed} pages");
            }
            if best.as_ref().is_none_or(|best| run.time < best.time) {
                best = Some(run);
            }
        }
        let Some(Run { time, memory_kib }) = best else { return Ok(()) };
        let (seconds, mebibytes) = (time.as_secs_f64(), memory_kib / 1024);
        let rate = self.pages as f64 / seconds;
        writeln!(io::stdout(), "{name:<18} {seconds:>10.2} {rate:>10.0} {mebibytes:>12}")
    }
}

fn run(command: &mut Command) -> io::Result<Run> {
    let started = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
    let mut memory_kib = 0;
    loop {
        if let Some(status) = child.try_wait()? {
            let time = started.elapsed();
            let failed = || io::Error::other(format!("it ended with {status}"));
            return if status.success() { Ok(Run { time, memory_kib }) } else { Err(failed()) };
        }
        memory_kib = memory_kib.max(most_memory(&child));
        thread::sleep(LOOK);
    }
}

/// The largest resident set of a running process so far, in KiB; 0 where the system does not tell.
fn most_memory(child: &Child) -> u64 {
    let status = fs::read_to_string(Path::new("/proc").join(child.id().to_string()).join("status"));
    let status = status.unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
