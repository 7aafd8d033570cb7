//! One Chromium, from its start to the removal of its profile.

use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use command_fds::{CommandFdExt as _, FdMapping};
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, WaitOptions, kill_process_group, waitid, waitpgid,
};
use tokio::io::AsyncReadExt as _;
use tokio::net::unix::pipe;

use crate::group;
use crate::profiles::Profile;

/// How much of what Chromium says on its standard error is kept: the end.
const KEPT: usize = 4096;
/// How often it is looked whether a process is gone.
const PAUSE: Duration = Duration::from_millis(5);
/// How long the rest of the group may take to go after SIGKILL.
const REST: Duration = Duration::from_millis(500);

/// The environment that Chromium gets to see.
const ENVIRONMENT: [&str; 7] =
    ["PATH", "LANG", "LC_ALL", "TZ", "FONTCONFIG_FILE", "FONTCONFIG_PATH", "LD_LIBRARY_PATH"];

/// A running Chromium in a process group of its own. Dropping it kills the group, collects it and removes the profile;
/// that blocks for some milliseconds.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    group: Pid,
    said: Arc<Mutex<Vec<u8>>>,
    // Goes last.
    _profile: Profile,
}

/// Our ends of the debugging pipe.
pub(crate) struct Ends {
    pub(crate) to: OwnedFd,
    pub(crate) from: OwnedFd,
}

impl Process {
    /// Starts `program` with the pipe at the descriptors 3 and 4, where `--remote-debugging-pipe` wants it.
    pub(crate) fn start(program: &Path, arguments: &[String], profile: Profile) -> io::Result<(Self, Ends)> {
        let (its_input, to): (PipeReader, PipeWriter) = io::pipe()?;
        let (from, its_output) = io::pipe()?;
        let mut command = Command::new(program);
        command
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .args(arguments)
            .env_clear()
            .envs(ENVIRONMENT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))))
            .env("HOME", profile.path())
            .env("TMPDIR", profile.temporary_files())
            .env("DBUS_SESSION_BUS_ADDRESS", "disabled:")
            .env("DBUS_SYSTEM_BUS_ADDRESS", "disabled:")
            .current_dir(profile.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0);
        let mappings = vec![
            FdMapping { parent_fd: its_input.into(), child_fd: 3 },
            FdMapping { parent_fd: its_output.into(), child_fd: 4 },
        ];
        command.fd_mappings(mappings).map_err(io::Error::other)?;
        let mut child = command.spawn()?;
        let said = Arc::default();
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(listen(pipe::Receiver::from_owned_fd(stderr.into())?, Arc::clone(&said)));
        }
        let group = Pid::from_child(&child);
        Ok((Self { child, group, said, _profile: profile }, Ends { to: to.into(), from: from.into() }))
    }

    /// The process's number, which is the group's too.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Bytes that the browser's processes hold for themselves.
    pub(crate) fn memory(&self) -> Option<u64> {
        group::own_memory(self.group)
    }

    /// The end of what Chromium has said on its standard error.
    pub(crate) fn said(&self) -> String {
        String::from_utf8_lossy(&self.said.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    /// Signals the whole group.
    pub(crate) fn signal(&self, signal: Signal) {
        // As long as its first process is not collected, the group's number belongs to nobody else.
        let _ = kill_process_group(self.group, signal);
    }

    /// Whether its first process has ended. It is not collected by that.
    pub(crate) fn has_ended(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        !matches!(waitid(WaitId::Pid(self.group), options), Ok(None))
    }

    /// Waits for the end of its first process.
    pub(crate) async fn ends_within(&self, limit: Duration) -> bool {
        let ended = async {
            while !self.has_ended() {
                tokio::time::sleep(PAUSE).await;
            }
        };
        tokio::time::timeout(limit, ended).await.is_ok()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
        // After SIGKILL this does not wait for long.
        let _ = self.child.wait();
        let end = Instant::now() + REST;
        while group::runs(self.group) && Instant::now() < end {
            thread::sleep(PAUSE);
        }
        // Orphans are collected by the system's first process, unless that is this one.
        while matches!(waitpgid(self.group, WaitOptions::NOHANG), Ok(Some(_))) {}
    }
}

async fn listen(mut stderr: pipe::Receiver, said: Arc<Mutex<Vec<u8>>>) {
    let mut piece = [0; 1024];
    while let Ok(size @ 1..) = stderr.read(&mut piece).await {
        let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
        said.extend(piece.iter().take(size));
        let excess = said.len().saturating_sub(KEPT);
        said.drain(..excess);
    }
}
