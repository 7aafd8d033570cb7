//! Machine code of components, kept on disk.
//!
//! An artefact is named by the component's SHA-256 and by what Wasmtime says its code depends on (version, processor,
//! configuration). Beside it lies its seal, a SHA-256 over that name and the code. Machine code runs without any
//! sandbox, so the folder and its files are trusted only if nobody else can have written them. A file whose content was
//! found to fit its seal is not read again as long as it is the same file with the same size and time of change; the
//! code is mapped into memory, not copied.

use std::collections::HashMap;
use std::fs::{self, File, Metadata};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use riptide_events::Event;
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::contract::CONTRACT;

const DIGEST_SIZE: usize = 32;

/// The extension of machine code.
const ARTEFACT: &str = "cwasm";

/// Artefacts that the folder may hold; those not used for the longest time go first.
const KEPT: usize = 64;

/// A folder of compiled components.
pub(crate) struct Cache {
    folder: PathBuf,
    /// The artefacts that were found to fit their seals, by name.
    checked: Mutex<HashMap<String, Stamp>>,
}

/// What tells whether a file has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    size: u64,
    changed: Option<SystemTime>,
    file: u64,
}

/// Why the cache is of no use.
#[derive(Debug)]
pub(crate) struct Refusal {
    path: PathBuf,
    reason: String,
}

impl Refusal {
    fn new(path: &Path, reason: impl ToString) -> Self {
        Self { path: path.to_owned(), reason: reason.to_string() }
    }

    pub(crate) fn into_event(self) -> Event {
        Event::CacheRefused { path: self.path, reason: self.reason }
    }
}

impl Cache {
    /// Opens the folder; makes it, for this user alone, when it is not there.
    pub(crate) fn open(folder: PathBuf) -> Result<Self, Refusal> {
        let made = make_private(&folder).and_then(|()| fs::metadata(&folder));
        let metadata = made.map_err(|error| Refusal::new(&folder, error))?;
        check_ownership(&metadata).map_err(|reason| Refusal::new(&folder, reason))?;
        Ok(Self { folder, checked: Mutex::default() })
    }

    /// Whether the component's machine code is here.
    pub(crate) fn holds(&self, engine: &Engine, digest: &str) -> bool {
        self.folder.join(artefact_name(engine, digest)).is_file()
    }

    /// The component, if its machine code is here.
    pub(crate) fn get(&self, engine: &Engine, digest: &str) -> Result<Option<Component>, Refusal> {
        let name = artefact_name(engine, digest);
        let path = self.folder.join(&name);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Refusal::new(&path, error)),
        };
        self.check(&name, &path, file).map_err(|reason| Refusal::new(&path, reason))?;
        let component = load_file(engine, &path);
        component.map(Some).map_err(|error| Refusal::new(&path, format!("Wasmtime refuses it: {error:#}")))
    }

    /// Whether the file can be trusted.
    fn check(&self, name: &str, path: &Path, mut file: File) -> Result<(), String> {
        let metadata = file.metadata().map_err(|error| error.to_string())?;
        check_ownership(&metadata)?;
        let stamp = Stamp::of(&metadata);
        let mut checked = self.checked.lock().unwrap_or_else(PoisonError::into_inner);
        if checked.get(name) == Some(&stamp) {
            return Ok(());
        }
        let mut artefact = Vec::new();
        file.read_to_end(&mut artefact).map_err(|error| error.to_string())?;
        let seal = fs::read(seal_path(path)).map_err(|error| format!("its seal cannot be read: {error}"))?;
        if seal != sealed(name, &artefact) {
            return Err("it is damaged: its content does not fit its seal".to_owned());
        }
        // What was used last is kept longest. A folder that takes no changes serves as it is.
        let _ = file.set_modified(SystemTime::now());
        let stamp = file.metadata().map_or(stamp, |metadata| Stamp::of(&metadata));
        checked.insert(name.to_owned(), stamp);
        Ok(())
    }

    /// Keeps the component's machine code. Whoever reads at the same time sees the former file or this one, whole.
    pub(crate) fn put(&self, engine: &Engine, digest: &str, component: &Component) -> Result<(), Refusal> {
        let name = artefact_name(engine, digest);
        let path = self.folder.join(&name);
        let artefact = component.serialize().map_err(|error| Refusal::new(&path, format!("{error:#}")))?;
        let write = |path: &Path, content: &[u8]| -> io::Result<()> {
            let mut file = NamedTempFile::new_in(&self.folder)?;
            file.write_all(content)?;
            file.persist(path)?;
            Ok(())
        };
        // The seal first: an artefact is never there without it.
        write(&seal_path(&path), &sealed(&name, &artefact))
            .and_then(|()| write(&path, &artefact))
            .and_then(|()| self.prune())
            .map_err(|error| Refusal::new(&path, error))
    }

    /// Deletes the artefacts that were not used for the longest time, beyond those that the folder may hold.
    fn prune(&self) -> io::Result<()> {
        let mut artefacts = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == ARTEFACT) {
                artefacts.push((fs::metadata(&path)?.modified()?, path));
            }
        }
        artefacts.sort_unstable_by(|one, other| other.cmp(one));
        for (_, path) in artefacts.into_iter().skip(KEPT) {
            fs::remove_file(&path)?;
            fs::remove_file(seal_path(&path))?;
        }
        Ok(())
    }
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self { size: metadata.len(), changed: metadata.modified().ok(), file: file_number(metadata) }
    }
}

#[expect(
    unsafe_code,
    reason = "Wasmtime cannot check machine code; `Cache::get` has checked where it comes from"
)]
fn load_file(engine: &Engine, artefact: &Path) -> wasmtime::Result<Component> {
    // SAFETY: the artefact must be unmodified output of `Component::serialize`, and stay so while it is mapped. Only
    // this user can write the file, it fits the seal that `Cache::put` gave it, and RipTide never changes an artefact:
    // it puts another file in its place. Wasmtime itself compares version and configuration.
    unsafe { Component::deserialize_file(engine, artefact) }
}

#[expect(unsafe_code, reason = "Wasmtime cannot check machine code; a compiler's is trusted")]
pub(crate) fn load(engine: &Engine, artefact: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: the artefact must be unmodified output of `Engine::precompile_component`. Whoever configured the sandbox
    // named the program that made it as one to trust, and the pipe to it is nobody else's. Wasmtime itself compares
    // version and configuration.
    unsafe { Component::deserialize(engine, artefact) }
}

fn artefact_name(engine: &Engine, digest: &str) -> String {
    // A hash that differs after a change of compiler costs one more compilation, no more.
    let mut compatibility = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut compatibility);
    // What was found to fit another contract must be compared again.
    CONTRACT.hash(&mut compatibility);
    format!("{digest}-{:016x}.{ARTEFACT}", compatibility.finish())
}

fn seal_path(artefact: &Path) -> PathBuf {
    artefact.with_extension("seal")
}

fn sealed(name: &str, artefact: &[u8]) -> [u8; DIGEST_SIZE] {
    Sha256::new().chain_update(name).chain_update(artefact).finalize().into()
}

/// SHA-256 in hexadecimal, the digest that a component is known by.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(unix)]
fn make_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// The number of the file, which a file put in its place does not have.
#[cfg(unix)]
fn file_number(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn file_number(_metadata: &Metadata) -> u64 {
    0
}

#[cfg(unix)]
fn check_ownership(metadata: &Metadata) -> Result<(), String> {
    use std::os::unix::fs::MetadataExt;
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err("it belongs to another user".to_owned());
    }
    if metadata.mode() & 0o022 != 0 {
        return Err("other users may write to it; remove that right with `chmod go-w`".to_owned());
    }
    Ok(())
}

/// Elsewhere the user's own folders are closed to others from the start.
#[cfg(not(unix))]
fn check_ownership(_metadata: &Metadata) -> Result<(), String> {
    Ok(())
}
