//! The folders that browsers keep their profiles in while they run.
//!
//! One folder holds those of a user. In it each process of ours has a folder of its own, with a file that it keeps locked:
//! the lock ends with the process, however it dies, and so tells what is left over.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::Duration;

use rustix::process::geteuid;

use crate::{BrowserError, group};

/// The file whose lock its owner holds for as long as it lives.
const LOCK: &str = "lock";
/// How often a folder is removed anew that something still writes to, and how long that takes in between.
const ATTEMPTS: u32 = 40;
const PAUSE: Duration = Duration::from_millis(25);

/// This process's folder of profiles. Clones are the same; the folder goes with the last.
#[derive(Clone, Debug)]
pub(crate) struct Profiles(Arc<Own>);

#[derive(Debug)]
struct Own {
    path: PathBuf,
    next: AtomicU64,
    /// Held until the folder is gone.
    _lock: File,
}

/// The folder of one browser's profile; dropping it removes it.
#[derive(Debug)]
pub(crate) struct Profile {
    path: PathBuf,
    _own: Profiles,
}

impl Profiles {
    /// Makes the folder, in `parent` or the system's folder for temporary files, and removes what processes that are gone have left there, their
    /// browsers included. Blocks.
    pub(crate) fn open(parent: Option<&Path>) -> Result<Self, BrowserError> {
        let default = || std::env::temp_dir().join(format!("riptide-browsers-{}", geteuid().as_raw()));
        let parent = parent.map_or_else(default, Path::to_owned);
        open(&parent).map_err(|source| BrowserError::Profiles { path: parent, source })
    }

    /// An empty folder for one browser.
    pub(crate) fn create(&self) -> Result<Profile, BrowserError> {
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        let profile = Profile { path: self.0.path.join(number.to_string()), _own: self.clone() };
        let made = private_folder(&profile.path).and_then(|()| private_folder(&profile.temporary_files()));
        match made {
            Ok(()) => Ok(profile),
            Err(source) => Err(BrowserError::Profiles { path: profile.path.clone(), source }),
        }
    }
}

impl Profile {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the browser puts what it would leave in the system's folder for temporary files.
    pub(crate) fn temporary_files(&self) -> PathBuf {
        self.path.join("tmp")
    }
}

fn open(parent: &Path) -> io::Result<Profiles> {
    fs::create_dir_all(parent.parent().unwrap_or(parent))?;
    match private_folder(parent) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => made?,
    }
    let found = fs::symlink_metadata(parent)?;
    if !found.is_dir() || found.uid() != geteuid().as_raw() || found.mode() & 0o022 != 0 {
        return Err(io::Error::other("it is not a folder of this user that nobody else may write to"));
    }
    // Held while folders are made and left-overs are looked for, so that a folder without a lock is a left-over too.
    let turn = lock_file(&parent.join(LOCK))?;
    turn.lock()?;
    remove_left_overs(parent)?;
    let path = unused(parent)?;
    let lock = lock_file(&path.join(LOCK))?;
    lock.lock()?;
    Ok(Profiles(Arc::new(Own { path, next: AtomicU64::new(0), _lock: lock })))
}

fn private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

fn lock_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).truncate(false).write(true).open(path)
}

fn unused(parent: &Path) -> io::Result<PathBuf> {
    let process = std::process::id();
    for number in 0_u32.. {
        let path = parent.join(format!("{process}-{number}"));
        match private_folder(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

fn remove_left_overs(parent: &Path) -> io::Result<()> {
    for entry in fs::read_dir(parent)? {
        let path = entry?.path();
        if path.is_dir() && is_left_over(&path) {
            group::kill_users_of(&path);
            remove(&path)?;
        }
    }
    Ok(())
}

fn is_left_over(path: &Path) -> bool {
    match File::open(path.join(LOCK)) {
        Ok(lock) => lock.try_lock().is_ok(),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

/// Removes a folder that a process may still write to for a moment.
fn remove(path: &Path) -> io::Result<()> {
    let mut result = Ok(());
    for _ in 0..ATTEMPTS {
        result = fs::remove_dir_all(path);
        match &result {
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => sleep(PAUSE),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            _ => return result,
        }
    }
    result
}

impl Drop for Profile {
    fn drop(&mut self) {
        // What cannot be removed now is removed at the next start.
        let _ = remove(&self.path);
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let _ = remove(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use riptide_types::Failure as _;

    use super::*;

    fn folders(parent: &Path) -> usize {
        fs::read_dir(parent).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir()).count()
    }

    #[test]
    fn a_profile_goes_with_its_browser_and_the_folder_with_the_last_of_them() {
        let parent = tempfile::tempdir().unwrap();
        let profiles = Profiles::open(Some(parent.path())).unwrap();
        let (one, other) = (profiles.create().unwrap(), profiles.create().unwrap());
        fs::write(one.path().join("History"), "x").unwrap();
        let path = one.path().to_owned();
        drop(one);
        assert!(!path.exists() && other.path().is_dir());
        drop(profiles);
        assert_eq!(folders(parent.path()), 1);
        drop(other);
        assert_eq!(folders(parent.path()), 0);
    }

    #[test]
    fn what_dead_processes_left_is_removed_and_what_living_ones_use_is_not() {
        let parent = tempfile::tempdir().unwrap();
        let living = Profiles::open(Some(parent.path())).unwrap();
        let profile = living.create().unwrap();
        for (name, lock) in [("1-0", true), ("2-0", false)] {
            fs::create_dir_all(parent.path().join(name).join("0/Default")).unwrap();
            if lock {
                fs::write(parent.path().join(name).join(LOCK), "").unwrap();
            }
        }
        assert_eq!(folders(parent.path()), 3);
        let next = Profiles::open(Some(parent.path())).unwrap();
        assert_eq!(folders(parent.path()), 2);
        assert!(profile.path().is_dir());
        drop(next);
    }

    #[test]
    fn a_folder_that_others_may_write_to_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;

        let parent = tempfile::tempdir().unwrap();
        fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o777)).unwrap();
        assert_eq!(Profiles::open(Some(parent.path())).unwrap_err().code(), "browser-profiles");
    }
}
