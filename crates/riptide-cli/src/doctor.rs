//! `riptide doctor`: whether all is there that RipTide can use, and how to mend what is not.

use std::net::ToSocketAddrs;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use bytesize::ByteSize;
use riptide::{Riptide, find_chromium};
use serde_json::json;

use crate::args::DoctorArgs;
use crate::exit::Exit;
use crate::extract::user_cache_dir;
use crate::{component, output, page_cache};

/// A name that exists for as long as the DNS does (RFC 2606).
const KNOWN_NAME: (&str, u16) = ("example.com", 443);

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Open files that 64 pages under way need, with room for browsers.
#[cfg(unix)]
const FILES: u64 = 1024;

/// What came of looking at one thing.
struct Finding {
    subject: &'static str,
    state: State,
    /// What is there, or what is wrong.
    text: String,
    /// How to mend it.
    advice: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Good,
    /// Something is missing that some work needs.
    Limited,
    Broken,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Limited => "limited",
            Self::Broken => "broken",
        }
    }
}

fn good(subject: &'static str, text: String) -> Finding {
    Finding { subject, state: State::Good, text, advice: None }
}

fn bad(subject: &'static str, state: State, text: String, advice: &str) -> Finding {
    Finding { subject, state, text, advice: Some(advice.to_owned()) }
}

/// Runs the command.
pub(crate) fn run(args: &DoctorArgs) -> anyhow::Result<Exit> {
    let findings = [
        extractor(args),
        pages(args),
        chromium(args.browser.as_deref()),
        names(),
        contact(args),
        open_files(),
        memory(),
    ];
    if args.json {
        let records: Vec<_> = findings
            .iter()
            .map(|finding| {
                json!({
                    "subject": finding.subject,
                    "state": finding.state.name(),
                    "text": finding.text,
                    "advice": finding.advice,
                })
            })
            .collect();
        output::print(&json!(records).to_string());
    } else {
        for Finding { subject, state, text, advice } in &findings {
            output::print(&format!("{:<8} {subject}: {text}", state.name()));
            for line in advice.iter().flat_map(|advice| advice.lines()) {
                output::print(&format!("         {line}"));
            }
        }
    }
    let is_broken = findings.iter().any(|finding| finding.state == State::Broken);
    Ok(if is_broken { Exit::Failure } else { Exit::Ok })
}

/// Whether the sandbox starts, with compiled code that is kept.
fn extractor(args: &DoctorArgs) -> Finding {
    const SUBJECT: &str = "extractor";
    let Some(folder) = args.cache_dir.clone().or_else(user_cache_dir) else {
        return bad(
            SUBJECT,
            State::Limited,
            "there is no folder for compiled code, so each start takes long".to_owned(),
            "Name one with --cache-dir or RIPTIDE_CACHE_DIR.",
        );
    };
    let policy = match component::load_policy() {
        Ok(policy) => policy,
        Err(error) => {
            return bad(SUBJECT, State::Broken, error.to_string(), "Start the program by its full path.");
        }
    };
    match Riptide::builder().cache_dir(folder.clone()).load_policy(policy).build() {
        Ok(_) => good(SUBJECT, format!("runs in its sandbox; compiled code is kept in {}", folder.display())),
        Err(error) => bad(
            SUBJECT,
            State::Broken,
            error.to_string(),
            "This build is damaged, or this processor is not supported: build RipTide anew on this machine.",
        ),
    }
}

fn pages(args: &DoctorArgs) -> Finding {
    const SUBJECT: &str = "page cache";
    let Some(folder) = args.cache_dir.clone().or_else(user_cache_dir) else {
        return bad(
            SUBJECT,
            State::Limited,
            "there is no folder for it, so every page is fetched anew".to_owned(),
            "Name one with --cache-dir or RIPTIDE_CACHE_DIR.",
        );
    };
    let checked = page_cache::open(&folder, ByteSize::gib(1)).and_then(|cache| {
        cache.pages().check()?;
        Ok(cache.pages().stats()?)
    });
    match checked {
        Ok(stats) => good(
            SUBJECT,
            format!("{} pages, {}, in {}", stats.entries, ByteSize(stats.bytes), folder.display()),
        ),
        Err(error) => bad(
            SUBJECT,
            State::Broken,
            format!("{error:#}"),
            "Make the folder writable; if the file is damaged, delete it: only copies are lost.",
        ),
    }
}

fn chromium(configured: Option<&Path>) -> Finding {
    const SUBJECT: &str = "browser";
    const ADVICE: &str = "Pages are extracted as they come, without running their scripts, and there are no screenshots.\n\
        Debian, Ubuntu: apt-get install chromium. Elsewhere: install Chromium, or name its program with --browser.";
    let program = match find_chromium(configured) {
        Ok(program) => program,
        Err(error) => return bad(SUBJECT, State::Limited, error.to_string(), ADVICE),
    };
    match Command::new(&program).arg("--version").output() {
        Ok(answer) if answer.status.success() => good(
            SUBJECT,
            format!("{}, {}", String::from_utf8_lossy(&answer.stdout).trim(), program.display()),
        ),
        Ok(answer) => {
            bad(SUBJECT, State::Limited, format!("{} ends with {}", program.display(), answer.status), ADVICE)
        }
        Err(error) => {
            bad(SUBJECT, State::Limited, format!("{} does not start: {error}", program.display()), ADVICE)
        }
    }
}

/// Whether names are resolved.
fn names() -> Finding {
    const SUBJECT: &str = "DNS";
    const ADVICE: &str =
        "Pages of the web cannot be fetched. Look at /etc/resolv.conf, and at the firewall for port 53.";
    let (tell, told) = mpsc::channel();
    thread::spawn(move || tell.send(KNOWN_NAME.to_socket_addrs().map(Iterator::count)).is_ok());
    match told.recv_timeout(PATIENCE) {
        Ok(Ok(count)) => good(SUBJECT, format!("{} has {count} addresses", KNOWN_NAME.0)),
        Ok(Err(error)) => {
            bad(SUBJECT, State::Limited, format!("{} cannot be resolved: {error}", KNOWN_NAME.0), ADVICE)
        }
        Err(_) => bad(SUBJECT, State::Limited, format!("no answer within {} s", PATIENCE.as_secs()), ADVICE),
    }
}

fn contact(args: &DoctorArgs) -> Finding {
    const SUBJECT: &str = "contact";
    match &args.contact {
        Some(contact) => good(SUBJECT, format!("site owners are told to write to {contact}")),
        None => bad(
            SUBJECT,
            State::Limited,
            "site owners are not told whom to write to".to_owned(),
            "Give a URL or an address with --contact or RIPTIDE_CONTACT, or in [fetch] of the configuration file.",
        ),
    }
}

#[cfg(unix)]
fn open_files() -> Finding {
    const SUBJECT: &str = "open files";
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    match limit {
        Some(limit) if limit < FILES => bad(
            SUBJECT,
            State::Limited,
            format!("at most {limit}"),
            &format!("Allow {FILES} or more: ulimit -n {FILES}"),
        ),
        Some(limit) => good(SUBJECT, format!("at most {limit}")),
        None => good(SUBJECT, "as many as there may be".to_owned()),
    }
}

#[cfg(not(unix))]
fn open_files() -> Finding {
    good("open files", "not limited here".to_owned())
}

/// Whether there is room for a sandbox on each core.
fn memory() -> Finding {
    const SUBJECT: &str = "memory";
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let needed = u64::try_from(cores).unwrap_or(1) * ByteSize::mib(256).as_u64();
    match available_memory() {
        Some(bytes) if bytes < needed => bad(
            SUBJECT,
            State::Limited,
            format!("{} available for {cores} cores", ByteSize(bytes)),
            "Large pages may not fit: work on fewer at once with --jobs.",
        ),
        Some(bytes) => good(SUBJECT, format!("{} available for {cores} cores", ByteSize(bytes))),
        None => good(SUBJECT, format!("not known here, {cores} cores")),
    }
}

/// What Linux can give without swapping, in bytes.
fn available_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}
