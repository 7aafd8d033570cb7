//! Builds the built-in extractor components, and tells whether the committed ones are still made of these sources.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use toml::{Table, Value};
use walkdir::WalkDir;
use wit_component::{ComponentEncoder, DecodedWasm};

use crate::command;

const PACKAGE: &str = "riptide-guest";
const PROFILE: &str = "guest";
const TARGET: &str = "wasm32-unknown-unknown";
/// Flags for the compiler.
const FLAGS: [&str; 2] = [
    // Vector instructions, which every engine with the component model has.
    "-Ctarget-feature=+simd128",
    // Guest code looks for its deadline at each call, so a call costs more than elsewhere. Measured: a third more
    // code, a tenth less time.
    "-Cllvm-args=-inline-threshold=1000",
];
/// The components, each with the features that the guest is built with for it.
const COMPONENTS: [Component; 2] = [
    Component { file: "guests/extractor.wasm", lock: "guests/extractor.lock", features: "" },
    Component { file: "guests/pdf.wasm", lock: "guests/pdf.lock", features: "pdf" },
];

/// A component that is built from the guest.
struct Component {
    file: &'static str,
    lock: &'static str,
    features: &'static str,
}

#[derive(Args)]
pub(crate) struct Arguments {
    /// Only compare the committed component with its lock file and the sources; needs no wasm target
    #[arg(long)]
    check: bool,
}

/// The content of the lock file.
#[derive(Deserialize)]
struct Lock {
    sources: String,
    component: String,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    if arguments.check { check() } else { COMPONENTS.iter().try_for_each(build) }
}

/// Fails when a committed component was made of other sources than there are.
pub(crate) fn check() -> Result<()> {
    let root = command::root()?;
    let sources = sources(&root)?;
    for Component { file, lock, .. } in &COMPONENTS {
        let text = fs::read_to_string(root.join(lock)).with_context(|| format!("{lock} cannot be read"))?;
        let content: Lock = toml::from_str(&text).with_context(|| format!("{lock} is malformed"))?;
        let component = fs::read(root.join(file)).with_context(|| format!("{file} cannot be read"))?;
        let advice = "run `cargo xtask guest` and commit both files";
        ensure!(
            content.component == hex(&Sha256::digest(component)),
            "{file} is not the file that `component` in {lock} stands for; {advice}"
        );
        ensure!(
            content.sources == sources,
            "the sources of {file} have changed since: their hash is not `sources` in {lock}; {advice}"
        );
    }
    Ok(())
}

fn build(target: &Component) -> Result<()> {
    let Component { file, lock, .. } = target;
    let root = command::root()?;
    // Before the build, so that a change during it shows up as one.
    let sources = sources(&root)?;
    let module = compile(&root, target)?;
    let component = ComponentEncoder::default().validate(true).module(&module)?.encode()?;
    check_imports(&component)?;
    let compiler = output(Command::new("rustc").arg("--version").current_dir(&root))?;
    let content = format!(
        "# What {file} was made from; written by `cargo xtask guest`.\n\
         sources = \"{sources}\"\n\
         component = \"{digest}\"\n\
         compiler = \"{compiler}\"\n\
         version = \"{version}\"\n",
        digest = hex(&Sha256::digest(&component)),
        version = env!("CARGO_PKG_VERSION"),
    );
    fs::write(root.join(file), &component)?;
    fs::write(root.join(lock), content)?;
    println!("{file}: {} bytes, imports nothing", component.len());
    Ok(())
}

/// Builds the core module. Paths of this machine are replaced in it, so that the same sources give the same module
/// everywhere.
fn compile(root: &Path, component: &Component) -> Result<Vec<u8>> {
    let sysroot =
        PathBuf::from(output(Command::new("rustc").args(["--print", "sysroot"]).current_dir(root))?);
    if !sysroot.join("lib/rustlib").join(TARGET).is_dir() {
        command::run(Command::new("rustup").args(["target", "add", TARGET]).current_dir(root))?;
    }
    // Of several prefixes that fit, the compiler takes the last.
    let mut prefixes = vec![(root.to_path_buf(), "riptide"), (sysroot, "rust")];
    prefixes.extend(registries()?.into_iter().map(|folder| (folder, "crates")));
    let flags: Vec<_> = prefixes
        .iter()
        .map(|(path, name)| format!("--remap-path-prefix={}={name}", path.display()))
        .chain(FLAGS.map(str::to_owned))
        .collect();
    let target_dir = root.join("target").join(PROFILE);
    let mut cargo =
        command::cargo(&["build", "--package", PACKAGE, "--profile", PROFILE, "--target", TARGET])?;
    cargo.args(["--features", component.features]);
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f")).env("CARGO_TARGET_DIR", &target_dir);
    command::run(&mut cargo)?;
    let module = target_dir.join(TARGET).join(PROFILE).join("riptide_guest.wasm");
    fs::read(&module).with_context(|| format!("{} cannot be read", module.display()))
}

/// The folders that cargo keeps the sources of packages in, one for each registry.
fn registries() -> Result<Vec<PathBuf>> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".cargo")));
    let sources = home.context("neither CARGO_HOME nor a home folder is known")?.join("registry/src");
    if !sources.is_dir() {
        return Ok(Vec::new());
    }
    fs::read_dir(sources)?.map(|entry| Ok(entry?.path())).collect()
}

fn check_imports(component: &[u8]) -> Result<()> {
    let DecodedWasm::Component(resolve, world) = wit_component::decode(component)? else {
        bail!("the encoder gave something else than a component");
    };
    let world = resolve.worlds.get(world).context("the component has no world")?;
    let imports: Vec<_> = world.imports.keys().map(|key| resolve.name_world_key(key)).collect();
    ensure!(imports.is_empty(), "the component imports {}; it must import nothing", imports.join(", "));
    Ok(())
}

/// The hash of everything that the component is made from.
fn sources(root: &Path) -> Result<String> {
    let read = |path: &str| -> Result<Table> {
        let text = fs::read_to_string(root.join(path)).with_context(|| format!("{path} cannot be read"))?;
        toml::from_str(&text).with_context(|| format!("{path} is malformed"))
    };
    let workspace = read("Cargo.toml")?;
    let closure = Closure::of(PACKAGE, &read("Cargo.lock")?, &read)?;
    let mut inputs = BTreeMap::new();
    inputs.insert("recipe".to_owned(), format!("{TARGET} {PROFILE} {}", FLAGS.join(" ")).into_bytes());
    for (name, package) in &closure.packages {
        inputs.insert(format!("package {name}"), package.clone().into_bytes());
    }
    for (name, settings) in settings(&workspace, &closure)? {
        inputs.insert(format!("setting {name}"), serde_json::to_vec(&settings)?);
    }
    for path in files(root, &closure.folders)? {
        let content = fs::read(root.join(&path)).with_context(|| format!("{path} cannot be read"))?;
        inputs.insert(format!("file {path}"), content);
    }
    let mut hash = Sha256::new();
    for (name, content) in inputs {
        hash.update(format!("{name}\n{}\n", content.len()));
        hash.update(content);
    }
    Ok(hex(&hash.finalize()))
}

/// The packages that the guest is built from.
#[derive(Default)]
struct Closure {
    /// What Cargo.lock says about each package of a registry, by name and version.
    packages: BTreeMap<String, String>,
    /// Where the packages of this workspace stand.
    folders: BTreeSet<String>,
    /// The entries of `[workspace.dependencies]` that they use.
    dependencies: BTreeSet<String>,
}

impl Closure {
    fn of(package: &str, lock: &Table, read: &dyn Fn(&str) -> Result<Table>) -> Result<Self> {
        let locked = lock.get("package").and_then(Value::as_array).context("Cargo.lock lists no packages")?;
        let mut closure = Self::default();
        let mut open = vec![package.to_owned()];
        let mut seen = BTreeSet::new();
        while let Some(wanted) = open.pop() {
            if !seen.insert(wanted.clone()) {
                continue;
            }
            let package =
                locked.iter().filter_map(Value::as_table).find(|package| is_named(package, &wanted));
            let package = package.with_context(|| format!("Cargo.lock has no package `{wanted}`"))?;
            let name = text(package, "name")?;
            let dependencies = package.get("dependencies").and_then(Value::as_array).into_iter().flatten();
            let dependencies = dependencies.filter_map(Value::as_str).map(str::to_owned);
            if package.contains_key("source") {
                let entry = format!("{name} {}", text(package, "version")?);
                closure.packages.insert(entry, text(package, "checksum")?.to_owned());
                open.extend(dependencies);
            } else {
                let folder = folder(name);
                let used = used_dependencies(&read(&format!("{folder}/Cargo.toml"))?);
                open.extend(dependencies.filter(|dependency| used.contains(package_name(dependency))));
                closure.dependencies.extend(used);
                closure.folders.insert(folder);
            }
        }
        Ok(closure)
    }
}

/// Whether the package is the one that a list of dependencies in Cargo.lock means: by name, and by version where several
/// versions are locked.
fn is_named(package: &Table, wanted: &str) -> bool {
    let mut words = wanted.split(' ');
    let is = |key, word: Option<&str>| word.is_none() || package.get(key).and_then(Value::as_str) == word;
    is("name", words.next()) && is("version", words.next())
}

fn package_name(dependency: &str) -> &str {
    dependency.split(' ').next().unwrap_or(dependency)
}

/// What a member of the workspace is built from; that leaves out what only its tests use.
fn used_dependencies(manifest: &Table) -> BTreeSet<String> {
    let lists =
        ["dependencies", "build-dependencies"].into_iter().filter_map(|list| manifest.get(list)?.as_table());
    lists.flat_map(|list| list.keys().cloned()).collect()
}

fn folder(member: &str) -> String {
    if member == PACKAGE { "guests/extractor".to_owned() } else { format!("crates/{member}") }
}

/// The parts of the workspace's manifest that have a say in the build.
fn settings(workspace: &Table, closure: &Closure) -> Result<BTreeMap<String, Value>> {
    let part = |path: &[&str]| -> Option<Value> {
        path.iter().try_fold(Value::Table(workspace.clone()), |value, key| value.get(*key).cloned())
    };
    let mut settings = BTreeMap::new();
    let package = part(&["workspace", "package"]).context("Cargo.toml has no [workspace.package]")?;
    settings.insert("workspace.package".to_owned(), package);
    let mut profile = Some(PROFILE.to_owned());
    while let Some(name) = profile {
        // A profile that cargo brings along need not be in the file.
        let content = part(&["profile", &name]);
        profile = content.as_ref().and_then(|content| Some(content.get("inherits")?.as_str()?.to_owned()));
        settings.extend(content.map(|content| (format!("profile.{name}"), content)));
    }
    for name in &closure.dependencies {
        let entry = part(&["workspace", "dependencies", name]);
        settings.extend(entry.map(|entry| (format!("dependency {name}"), entry)));
    }
    Ok(settings)
}

/// The files that the packages are built from, and the contract.
fn files(root: &Path, folders: &BTreeSet<String>) -> Result<Vec<String>> {
    let mut files: Vec<_> = folders.iter().map(|folder| format!("{folder}/Cargo.toml")).collect();
    for folder in folders.iter().map(|folder| format!("{folder}/src")).chain(["wit".to_owned()]) {
        for entry in WalkDir::new(root.join(folder)) {
            let entry = entry?;
            if entry.file_type().is_file() {
                let path = entry.path().strip_prefix(root)?;
                files.push(
                    path.components()
                        .map(|part| part.as_os_str().to_string_lossy())
                        .collect::<Vec<_>>()
                        .join("/"),
                );
            }
        }
    }
    Ok(files)
}

fn text<'a>(table: &'a Table, key: &str) -> Result<&'a str> {
    table
        .get(key)
        .and_then(Value::as_str)
        .with_context(|| format!("Cargo.lock has a package without `{key}`"))
}

fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("{:?} does not start", command.get_program()))?;
    ensure!(output.status.success(), "{:?}: {}", command.get_program(), output.status);
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
