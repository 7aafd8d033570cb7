//! Where Chromium is.

use std::env;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

use crate::BrowserError;

/// What Chromium's program is called, the best first.
const NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// The program to run: the configured one, or the first of `chromium`, `chromium-browser`, `google-chrome`,
/// `google-chrome-stable` and `chrome` on the `PATH`.
///
/// # Errors
///
/// [`BrowserError::NotFound`] if there is none, with the way to install it.
pub fn find_chromium(configured: Option<&Path>) -> Result<PathBuf, BrowserError> {
    if let Some(program) = configured {
        let not_found = || BrowserError::NotFound {
            searched: format!("`{}` is not a program that can be run", program.display()),
        };
        return is_program(program).then(|| without_wrapper(program)).ok_or_else(not_found);
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = env::split_paths(&path).filter(|folder| folder.is_absolute()).collect();
    let candidates = NAMES.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    let found = candidates.into_iter().find(|candidate| is_program(candidate));
    found.map(|program| without_wrapper(&program)).ok_or_else(|| BrowserError::NotFound {
        searched: format!("none of {} is on the PATH", NAMES.map(|name| format!("`{name}`")).join(", ")),
    })
}

fn is_program(path: &Path) -> bool {
    path.is_file() && access(path, Access::EXEC_OK).is_ok()
}

/// Debian's `bin/chromium` is a script that adds flags and extensions of the system to those that it is given. The program
/// itself stands in `lib/chromium`.
fn without_wrapper(program: &Path) -> PathBuf {
    let itself = program.parent().and_then(Path::parent).map(|prefix| prefix.join("lib/chromium/chromium"));
    let is_debians = program.ends_with("bin/chromium");
    itself.filter(|itself| is_debians && is_program(itself)).unwrap_or_else(|| program.to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use riptide_types::Failure as _;

    use super::*;

    #[test]
    fn what_is_no_program_is_refused_with_the_way_to_install_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("chromium");
        fs::write(&file, "").unwrap();
        for path in [&file, &folder.path().join("missing"), folder.path()] {
            let error = find_chromium(Some(path)).unwrap_err();
            assert_eq!(error.code(), "browser-not-found");
            assert!(error.to_string().contains("apt-get install chromium"), "{error}");
        }
    }

    #[test]
    fn the_program_behind_debians_script_is_preferred() {
        let prefix = tempfile::tempdir().unwrap();
        let (script, itself) =
            (prefix.path().join("bin/chromium"), prefix.path().join("lib/chromium/chromium"));
        for program in [&script, &itself] {
            fs::create_dir_all(program.parent().unwrap()).unwrap();
            fs::write(program, "").unwrap();
            fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
        }
        assert_eq!(find_chromium(Some(&script)).unwrap(), itself);
        fs::remove_file(&itself).unwrap();
        assert_eq!(find_chromium(Some(&script)).unwrap(), script);
    }
}
