//! Rules for `Cargo.toml` files.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::{File, Violation};

/// The crates from the bottom to the top; each may depend on those before it. The test site knows none of the others.
const ORDER: [&str; 16] = [
    "riptide-test-site",
    "riptide-types",
    "riptide-html",
    "riptide-extract",
    "riptide-pdf",
    "riptide-guest",
    "riptide-site-rules",
    "riptide-events",
    "riptide-pool",
    "riptide-sandbox",
    "riptide-store",
    "riptide-fetch",
    "riptide-browser",
    "riptide",
    "riptide-cli",
    "xtask",
];

/// Crates that may write `unsafe` in listed files: the workspace's `forbid` becomes a `deny` there.
const WITH_UNSAFE: [&str; 3] = ["riptide-sandbox", "riptide-guest", "riptide-site-rules"];

/// Crates that make a program, whose errors a person reads.
const BINARIES: [&str; 2] = ["riptide-cli", "xtask"];

const DEPENDENCY_TABLES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// Every crate is under the workspace's lints.
pub(super) fn lints_are_shared(files: &[File]) -> Vec<Violation> {
    let root = files.iter().find(|file| file.path == "Cargo.toml").and_then(parse);
    let shared = root.as_ref().and_then(|root| root.get("workspace")?.get("lints"));
    packages(files)
        .filter(|package| {
            let own = package.manifest.get("lints");
            let inherits = own.and_then(|own| own.get("workspace")).and_then(Value::as_bool) == Some(true);
            let repeats =
                WITH_UNSAFE.contains(&&*package.name) && own == shared.cloned().map(denying_unsafe).as_ref();
            !inherits && !repeats
        })
        .map(|package| {
            Violation::of(
                package.file,
                "expected `[lints] workspace = true`, or the same lints where unsafe code is allowed",
            )
        })
        .collect()
}

/// No crate knows what is built on top of it.
pub(super) fn dependencies_point_down(files: &[File]) -> Vec<Violation> {
    let place = |name: &str| ORDER.iter().position(|known| *known == name);
    let own: BTreeSet<_> = packages(files).map(|package| package.name).collect();
    let mut violations = Vec::new();
    for package in packages(files) {
        let Some(here) = place(&package.name) else {
            let message = format!("`{}` has no place in the order of the crates", package.name);
            violations.push(Violation::of(package.file, message));
            continue;
        };
        for dependency in package.dependencies().filter(|dependency| own.contains(*dependency)) {
            if place(dependency).is_none_or(|below| below >= here) {
                let message = format!("`{}` depends on `{dependency}`, which is not below it", package.name);
                violations.push(Violation::of(package.file, message));
            }
        }
    }
    violations
}

/// Libraries have error types of their own.
pub(super) fn anyhow_stays_in_binaries(files: &[File]) -> Vec<Violation> {
    packages(files)
        .filter(|package| !BINARIES.contains(&&*package.name))
        .filter(|package| package.dependencies().any(|dependency| dependency == "anyhow"))
        .map(|package| Violation::of(package.file, "`anyhow` in a library; give it an error type of its own"))
        .collect()
}

struct Package<'f> {
    file: &'f File,
    name: String,
    manifest: Table,
}

impl Package<'_> {
    fn dependencies(&self) -> impl Iterator<Item = &str> {
        let targets =
            self.manifest.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values);
        let tables = targets.filter_map(Value::as_table).chain([&self.manifest]);
        tables
            .flat_map(|table| DEPENDENCY_TABLES.iter().filter_map(|name| table.get(*name)?.as_table()))
            .flat_map(Table::keys)
            .map(String::as_str)
    }
}

/// The crates of the project. A template is one of somebody else's.
fn packages(files: &[File]) -> impl Iterator<Item = Package<'_>> {
    let manifests = files.iter().filter(|file| file.path.ends_with("Cargo.toml"));
    manifests.filter(|file| !file.path.starts_with("crates/riptide-cli/templates/")).filter_map(|file| {
        let manifest = parse(file)?;
        let name = manifest.get("package")?.get("name")?.as_str()?.to_owned();
        Some(Package { file, name, manifest })
    })
}

fn parse(file: &File) -> Option<Table> {
    file.text.parse().ok()
}

fn denying_unsafe(mut lints: Value) -> Value {
    if let Some(level) = lints.get_mut("rust").and_then(|rust| rust.get_mut("unsafe_code")) {
        *level = Value::String("deny".to_owned());
    }
    lints
}

#[cfg(test)]
mod tests {
    use super::super::testing::file;
    use super::*;

    fn manifest(name: &str, rest: &str) -> File {
        file(&format!("crates/{name}/Cargo.toml"), &format!("[package]\nname = \"{name}\"\n{rest}"))
    }

    #[test]
    fn a_crate_without_the_lints_is_refused() {
        let root = || {
            file("Cargo.toml", "[workspace.lints.rust]\nunsafe_code = \"forbid\"\nmissing_docs = \"warn\"\n")
        };
        let broken = |name, rest: &str| lints_are_shared(&[root(), manifest(name, rest)]).len();
        assert_eq!(broken("riptide", ""), 1);
        assert_eq!(broken("riptide", "[lints]\nworkspace = false\n"), 1);
        assert_eq!(broken("riptide", "[lints]\nworkspace = true\n"), 0);
        let repeated = "[lints.rust]\nunsafe_code = \"deny\"\nmissing_docs = \"warn\"\n";
        assert_eq!(broken("riptide-sandbox", repeated), 0);
        assert_eq!(broken("riptide", repeated), 1);
        assert_eq!(broken("riptide-sandbox", "[lints.rust]\nunsafe_code = \"deny\"\n"), 1);
    }

    #[test]
    fn a_dependency_that_points_up_is_refused() {
        let types = || manifest("riptide-types", "");
        let html = |rest: &str| manifest("riptide-html", rest);
        assert!(
            dependencies_point_down(&[
                types(),
                html("[dependencies]\nriptide-types.workspace = true\nurl = \"2\"\n")
            ])
            .is_empty()
        );
        let up = manifest("riptide-types", "[dev-dependencies]\nriptide-html.workspace = true\n");
        assert_eq!(dependencies_point_down(&[up, html("")]).len(), 1);
        let up =
            manifest("riptide-types", "[target.'cfg(unix)'.dependencies]\nriptide-html.workspace = true\n");
        assert_eq!(dependencies_point_down(&[up, html("")]).len(), 1);
        assert_eq!(dependencies_point_down(&[manifest("riptide-unknown", "")]).len(), 1);
    }

    #[test]
    fn anyhow_in_a_library_is_refused() {
        let broken = |name| {
            anyhow_stays_in_binaries(&[manifest(name, "[dependencies]\nanyhow.workspace = true\n")]).len()
        };
        assert_eq!(broken("riptide-html"), 1);
        assert_eq!(broken("riptide-cli"), 0);
    }
}
