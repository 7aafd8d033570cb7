//! What came of comparing a component with the contract.

use std::fmt;

use serde::Serialize;

/// Differences, imports and warnings that are listed one by one. A component can have a million of them; nobody reads more.
const LISTED: usize = 100;

/// How a component compares with the contract. `Display` prints it for people, serde for programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ValidationReport {
    /// SHA-256 of the component, in hexadecimal.
    pub digest: String,
    /// Bytes of the component.
    pub size: usize,
    /// Bytes of WebAssembly code in it.
    pub code_size: usize,
    /// Core modules in it.
    pub modules: u32,
    /// Each interface of the contract, and the one that the component exports for it.
    pub interfaces: Vec<InterfaceVerdict>,
    /// Each function of the contract.
    pub functions: Vec<FunctionVerdict>,
    /// Names of imports that the host would have to provide something for. An extractor gets nothing.
    pub refused_imports: Listed<String>,
    /// Everything in which what is exported differs from the contract.
    pub differences: Listed<Difference>,
    /// What does no harm, but may not be meant.
    pub warnings: Listed<String>,
}

/// An interface of the contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct InterfaceVerdict {
    /// Its full name, such as `riptide:extractor/extraction@0.1.0`.
    pub expected: String,
    /// The full name of the one that the component exports for it; `None`: it exports none of a compatible version.
    pub found: Option<String>,
}

/// A function of the contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FunctionVerdict {
    /// Interface and name, such as `extraction.extract`.
    pub name: String,
    /// Whether the component's function has the same signature, down to the last field of its types.
    pub fits: bool,
    /// The signature in the contract.
    pub expected: String,
    /// The component's signature; `None`: it has no such function.
    pub found: Option<String>,
}

/// One difference between a component and the contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Difference {
    /// Where, such as `extraction.extract(mode)` or `extraction.extracted-content.quality-score`. `f(p)` is the parameter
    /// `p` of a function, `f()` its result, `[]` the element of a list, and `.some`, `.ok` and `.err` are the payloads of an
    /// option or result.
    pub path: String,
    /// What is there in the contract.
    pub expected: String,
    /// What the component has there.
    pub found: String,
}

/// The first of many, and how many more there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed<T> {
    /// At most 100 of them.
    pub listed: Vec<T>,
    /// How many more there are.
    pub omitted: usize,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { listed: Vec::new(), omitted: 0 }
    }
}

impl<T> Listed<T> {
    /// Adds one.
    pub(super) fn push(&mut self, item: T) {
        if self.listed.len() < LISTED {
            self.listed.push(item);
        } else {
            self.omitted += 1;
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }
}

impl<T> FromIterator<T> for Listed<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut all = Self::default();
        items.into_iter().for_each(|item| all.push(item));
        all
    }
}

impl ValidationReport {
    /// Whether the component fits the contract. Warnings do not count.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.refused_imports.is_empty() && self.differences.is_empty()
    }

    /// The code of the error that an invalid component is refused with: its gravest fault.
    pub(crate) fn code(&self) -> &'static str {
        let lacks = self.interfaces.iter().any(|interface| interface.found.is_none())
            || self.functions.iter().any(|function| function.found.is_none());
        match () {
            () if !self.refused_imports.is_empty() => "forbidden-import",
            () if lacks => "missing-export",
            () => "mismatched-export",
        }
    }

    /// What is wrong, in one line.
    pub(crate) fn summary(&self) -> String {
        let imports = self
            .refused_imports
            .listed
            .iter()
            .map(|name| format!("it imports `{name}` and may import nothing"));
        let differences = self.differences.listed.iter();
        let differences = differences.map(|Difference { path, expected, found }| {
            format!("{path}: expected {expected}, found {found}")
        });
        let faults: Vec<_> = imports.chain(differences).collect();
        let unsaid =
            faults.len().saturating_sub(SUMMARISED) + self.refused_imports.omitted + self.differences.omitted;
        let mut summary = faults.into_iter().take(SUMMARISED).collect::<Vec<_>>().join("; ");
        if unsaid > 0 {
            summary.push_str(&format!("; and {unsaid} more"));
        }
        summary
    }
}

/// Faults that one line tells.
const SUMMARISED: usize = 3;

impl fmt::Display for ValidationReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "sha256     {}", self.digest)?;
        let Self { size, code_size, modules, .. } = self;
        writeln!(out, "size       {size} bytes, {code_size} of them code, in {modules} core modules")?;
        for InterfaceVerdict { expected, found } in &self.interfaces {
            writeln!(out, "contract   {expected}")?;
            writeln!(out, "found      {}", found.as_deref().unwrap_or("nothing of a compatible version"))?;
        }
        let width = self.functions.iter().map(|function| function.name.len()).max().unwrap_or(0);
        writeln!(out)?;
        for FunctionVerdict { name, fits, expected, .. } in &self.functions {
            writeln!(out, "{:<4}  {name:<width$}  {expected}", if *fits { "ok" } else { "FAIL" })?;
        }
        section(out, "imports refused", &self.refused_imports, |out, name| writeln!(out, "  {name}"))?;
        section(out, "differences", &self.differences, |out, Difference { path, expected, found }| {
            writeln!(out, "  {path}\n    expected  {expected}\n    found     {found}")
        })?;
        section(out, "warnings", &self.warnings, |out, warning| writeln!(out, "  {warning}"))?;
        writeln!(out, "\n{}", if self.is_valid() { "fits the contract" } else { "does not fit the contract" })
    }
}

fn section<T>(
    out: &mut fmt::Formatter<'_>,
    title: &str,
    items: &Listed<T>,
    line: impl Fn(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    if items.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{title}")?;
    items.listed.iter().try_for_each(|item| line(out, item))?;
    if items.omitted > 0 {
        writeln!(out, "  and {} more", items.omitted)?;
    }
    Ok(())
}
