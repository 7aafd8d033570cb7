//! What is known of the processes of a browser.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use rustix::param::page_size;
use rustix::process::{Pid, Signal, kill_process, test_kill_process_group};

/// Bytes that the processes of a group hold for themselves; `None` where the system does not tell.
pub(crate) fn own_memory(group: Pid) -> Option<u64> {
    let pages = processes()?.filter_map(|process| {
        state_and_group_of(&process).filter(|(_, of)| *of == group)?;
        let statm = fs::read_to_string(process.join("statm")).ok()?;
        let mut numbers = statm.split(' ').skip(1).map_while(|number| number.parse::<u64>().ok());
        let (resident, shared) = (numbers.next()?, numbers.next()?);
        Some(resident.saturating_sub(shared))
    });
    Some(pages.sum::<u64>() * page_size() as u64)
}

/// Whether a process of the group still runs. One that has ended, and waits for whoever is to collect it, does not.
pub(crate) fn runs(group: Pid) -> bool {
    let Some(mut processes) = processes() else { return test_kill_process_group(group).is_ok() };
    processes.any(|process| match state_and_group_of(&process) {
        Some((state, of)) => of == group && !matches!(state, 'Z' | 'X'),
        None => false,
    })
}

/// Ends the browsers that outlive the process that started them: those whose profile lies in `folder`.
pub(crate) fn kill_users_of(folder: &Path) {
    let Some(processes) = processes() else { return };
    let mut argument = b"--user-data-dir=".to_vec();
    argument.extend(folder.as_os_str().as_bytes());
    argument.push(b'/');
    for process in processes {
        let Ok(command) = fs::read(process.join("cmdline")) else { continue };
        if command.split(|byte| *byte == 0).any(|given| given.starts_with(&argument))
            && let Some(process) = number_of(&process)
        {
            // One that is gone by now is as good.
            let _ = kill_process(process, Signal::KILL);
        }
    }
}

/// The folders of all processes in `/proc`.
fn processes() -> Option<impl Iterator<Item = PathBuf>> {
    let entries = fs::read_dir("/proc").ok()?;
    Some(entries.flatten().map(|entry| entry.path()).filter(|path| number_of(path).is_some()))
}

fn number_of(process: &Path) -> Option<Pid> {
    Pid::from_raw(process.file_name()?.to_str()?.parse().ok()?)
}

/// The third and fifth fields of `stat`, counted from behind the name, which may hold anything (proc(5)).
fn state_and_group_of(process: &Path) -> Option<(char, Pid)> {
    let stat = fs::read_to_string(process.join("stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace();
    let state = fields.next()?.chars().next()?;
    Some((state, Pid::from_raw(fields.nth(1)?.parse().ok()?)?))
}
