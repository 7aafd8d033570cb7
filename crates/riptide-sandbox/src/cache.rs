//! Machine code of components, kept on disk.
//!
//! An artefact is named by the component's SHA-256 and by what Wasmtime says its code depends on (version, processor,
//! configuration), and begins with a SHA-256 over that name and the code. Machine code runs without any sandbox, so
//! the folder and its files are trusted only if nobody else can have written them.

use std::fs::{self, Metadata};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;
use wasmtime::Engine;
use wasmtime::component::Component;

const DIGEST_SIZE: usize = 32;

/// A folder of compiled components.
pub(crate) struct Cache {
    folder: PathBuf,
}

/// Why the cache is of no use.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) path: PathBuf,
    pub(crate) reason: String,
}

impl Refusal {
    fn new(path: &Path, reason: impl ToString) -> Self {
        Self { path: path.to_owned(), reason: reason.to_string() }
    }
}

impl Cache {
    /// Opens the folder; makes it, for this user alone, when it is not there.
    pub(crate) fn open(folder: PathBuf) -> Result<Self, Refusal> {
        let made = make_private(&folder).and_then(|()| fs::metadata(&folder));
        let metadata = made.map_err(|error| Refusal::new(&folder, error))?;
        check_ownership(&metadata).map_err(|reason| Refusal::new(&folder, reason))?;
        Ok(Self { folder })
    }

    /// The component, if its machine code is here.
    pub(crate) fn get(&self, engine: &Engine, digest: &str) -> Result<Option<Component>, Refusal> {
        let name = artefact_name(engine, digest);
        let path = self.folder.join(&name);
        let file = match fs::metadata(&path).and_then(|metadata| Ok((metadata, fs::read(&path)?))) {
            Ok((metadata, file)) => check_ownership(&metadata).map(|()| file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => Err(error.to_string()),
        };
        let file = file.map_err(|reason| Refusal::new(&path, reason))?;
        let artefact = match file.split_first_chunk::<DIGEST_SIZE>() {
            Some((seal, artefact)) if *seal == sealed(&name, artefact) => artefact,
            _ => return Err(Refusal::new(&path, "it is damaged: its content does not fit its digest")),
        };
        let component = load(engine, artefact);
        component.map(Some).map_err(|error| Refusal::new(&path, format!("Wasmtime refuses it: {error:#}")))
    }

    /// Keeps the component's machine code. Whoever reads at the same time sees the old file or the new one, whole.
    pub(crate) fn put(&self, engine: &Engine, digest: &str, component: &Component) -> Result<(), Refusal> {
        let name = artefact_name(engine, digest);
        let path = self.folder.join(&name);
        let artefact = component.serialize().map_err(|error| Refusal::new(&path, format!("{error:#}")))?;
        let write = || -> io::Result<()> {
            let mut file = NamedTempFile::new_in(&self.folder)?;
            file.write_all(&sealed(&name, &artefact))?;
            file.write_all(&artefact)?;
            file.persist(&path)?;
            Ok(())
        };
        write().map_err(|error| Refusal::new(&path, error))
    }
}

#[expect(
    unsafe_code,
    reason = "Wasmtime cannot check machine code; `Cache::get` has checked where it comes from, and a compiler's is trusted"
)]
pub(crate) fn load(engine: &Engine, artefact: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: the artefact must be unmodified output of `Component::serialize` or `Engine::precompile_component`. From the
    // cache: only this user can have written the file, it bears the digest that `Cache::put` gave it, and the digest is of
    // these very bytes in memory, not of a file that could still change. From a compiler's process: whoever configured
    // the sandbox named the program as one to trust, and the pipe to it is nobody else's. Wasmtime itself compares version
    // and configuration.
    unsafe { Component::deserialize(engine, artefact) }
}

fn artefact_name(engine: &Engine, digest: &str) -> String {
    // A hash that differs after a change of compiler costs one more compilation, no more.
    let mut compatibility = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut compatibility);
    format!("{digest}-{:016x}.cwasm", compatibility.finish())
}

fn sealed(name: &str, artefact: &[u8]) -> [u8; DIGEST_SIZE] {
    Sha256::new().chain_update(name).chain_update(artefact).finalize().into()
}

/// SHA-256 in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
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
