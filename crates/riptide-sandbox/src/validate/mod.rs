//! Whether a component fits the contract: everything that differs, each with its place.
//!
//! The contract is read from the one WIT file, the component's types from its bytes; both are compared structurally. It
//! costs no compilation.

mod actual;
mod compare;
mod expected;
mod report;
mod text;
mod version;

pub use report::{Difference, FunctionVerdict, InterfaceVerdict, Listed, ValidationReport};

use crate::SandboxError;
use crate::cache::sha256;
use crate::component::check_preamble;
use actual::Actual;
use compare::Comparison;
use expected::Expected;
use version::InterfaceName;

/// Compares a component with the contract, without compiling or running it.
///
/// # Errors
/// [`SandboxError::NotAComponent`] and [`SandboxError::MalformedComponent`]. A component that is sound and does not fit has
/// a report.
pub fn validate(component: &[u8]) -> Result<ValidationReport, SandboxError> {
    check_preamble(component)?;
    report(component, &sha256(component))
}

/// The report on a component of a known digest.
pub(crate) fn report(component: &[u8], digest: &str) -> Result<ValidationReport, SandboxError> {
    let expected = Expected::contract();
    let actual = Actual::read(component)?;
    let mut comparison = Comparison::new(&expected.resolve, actual.types());
    let mut interfaces = Vec::new();
    for (name, interface) in expected.interfaces() {
        let path = interface.name.as_deref().unwrap_or(name);
        let found = counterpart(name, &actual);
        match found.and_then(|found| actual.interface(found)) {
            Some(found) => comparison.interface(path, interface, found),
            None => comparison.lacks(path, name, interface, listed(actual.exports())),
        }
        interfaces.push(InterfaceVerdict { expected: name.to_owned(), found: found.map(str::to_owned) });
    }
    let Comparison { functions, differences, .. } = comparison;
    Ok(ValidationReport {
        digest: digest.to_owned(),
        size: component.len(),
        code_size: actual.code,
        modules: actual.modules,
        functions,
        refused_imports: actual.needs().map(text::name).collect(),
        differences,
        warnings: unused(expected, &actual, &interfaces).collect(),
        interfaces,
    })
}

/// The exported interface that is used for one of the contract: that very one, or the newest that is compatible. It is the
/// one that Wasmtime chooses.
fn counterpart<'a>(expected: &str, actual: &'a Actual) -> Option<&'a str> {
    let wanted = InterfaceName::parse(expected)?;
    let compatible = actual.exports().filter_map(|export| Some((export, InterfaceName::parse(export)?)));
    let compatible =
        compatible.filter(|(export, name)| wanted.is_met_by(name) && actual.interface(export).is_some());
    let newest = compatible.max_by(|(left, one), (right, other)| {
        (*left == expected).cmp(&(*right == expected)).then_with(|| one.version.cmp(&other.version))
    });
    newest.map(|(export, _)| export)
}

/// What the component exports beyond the contract.
fn unused<'a>(
    expected: &'a Expected,
    actual: &'a Actual,
    interfaces: &'a [InterfaceVerdict],
) -> impl Iterator<Item = String> {
    let used = |export: &&str| interfaces.iter().any(|interface| interface.found.as_deref() == Some(*export));
    let exports = actual.exports().filter(move |export| !used(export));
    let exports =
        exports.map(|name| format!("the export `{}` is not part of the contract", text::name(name)));
    let functions = expected.interfaces().zip(interfaces).flat_map(|((_, interface), verdict)| {
        let found = verdict.found.as_deref().and_then(|found| actual.interface(found));
        let names = found.into_iter().flat_map(compare::functions);
        names.filter(|name| !interface.functions.contains_key(*name)).map(|name| {
            let interface = interface.name.as_deref().unwrap_or_default();
            format!("the function `{interface}.{}` is not part of the contract", text::name(name))
        })
    });
    exports.chain(functions)
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    const MOST: usize = 10;
    let mut names: Vec<_> = names.take(MOST + 1).map(|name| format!("`{}`", text::name(name))).collect();
    if names.len() > MOST {
        names.truncate(MOST);
        names.push("…".to_owned());
    }
    if names.is_empty() { "no exports".to_owned() } else { names.join(", ") }
}
