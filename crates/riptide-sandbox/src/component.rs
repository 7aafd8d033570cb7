//! From machine code to something that can be instantiated: what a component may import, what it must export.

use std::marker::PhantomData;
use std::sync::Arc;

use wasmtime::Engine;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{
    Component, ComponentExportIndex, ComponentNamedList, InstancePre, Lift, Linker, Lower,
};

use crate::SandboxError;
use crate::contract::{DescribeResults, ExtractParams, ExtractResults, HealthResults, INTERFACE};
use crate::instance::Budget;

/// A component's machine code, linked: what it takes to instantiate it.
pub(crate) struct Loaded {
    /// What compiled it and runs it.
    pub(crate) engine: Engine,
    pub(crate) linked: InstancePre<Budget>,
    pub(crate) extract: Function<ExtractParams, ExtractResults>,
    pub(crate) describe: Function<(), DescribeResults>,
    pub(crate) check_health: Function<(), HealthResults>,
}

/// A function that the component exports with the signature that the contract asks for.
pub(crate) struct Function<P, R> {
    pub(crate) index: ComponentExportIndex,
    signature: PhantomData<fn(P) -> R>,
}

/// What a component says of itself; `component-info` of the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentInfo {
    /// Its name.
    pub name: String,
    /// Its semantic version.
    pub version: String,
    /// What it is.
    pub description: String,
}

impl Loaded {
    /// Checks what the component imports and exports, and prepares its instantiation.
    pub(crate) fn link(engine: &Engine, component: &Component) -> Result<Arc<Self>, SandboxError> {
        let component_type = component.component_type();
        if let Some((name, _)) = component_type.imports(engine).next() {
            return Err(SandboxError::ForbiddenImport { name: name.to_owned() });
        }
        let interface =
            component.get_export_index(None, INTERFACE).ok_or_else(|| SandboxError::MissingExport {
                name: INTERFACE.to_owned(),
                found: listed(component_type.exports(engine).map(|(name, _)| name)),
            })?;
        let linked = Linker::new(engine)
            .instantiate_pre(component)
            .map_err(|error| SandboxError::CompileFailed { reason: format!("{error:#}") })?;
        Ok(Arc::new(Self {
            engine: engine.clone(),
            linked,
            extract: function(component, &interface, "extract")?,
            describe: function(component, &interface, "describe")?,
            check_health: function(component, &interface, "check-health")?,
        }))
    }
}

fn function<P, R>(
    component: &Component,
    interface: &ComponentExportIndex,
    name: &'static str,
) -> Result<Function<P, R>, SandboxError>
where
    P: ComponentNamedList + Lower,
    R: ComponentNamedList + Lift,
{
    let missing = || SandboxError::MissingExport {
        name: format!("{INTERFACE}#{name}"),
        found: "the interface without that function".to_owned(),
    };
    let (export, index) = component.get_export(Some(interface), name).ok_or_else(missing)?;
    let ComponentItem::ComponentFunc(function) = export else { return Err(missing()) };
    function
        .typecheck::<P, R>(&component.component_type().instance_type())
        .map_err(|error| SandboxError::MismatchedExport { name, reason: format!("{error:#}") })?;
    Ok(Function { index, signature: PhantomData })
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

/// Refuses what is not the binary form of a component, going by its first eight bytes: the magic number, then version
/// and layer (WebAssembly specification, Component Model binary format).
pub(crate) fn check_preamble(bytes: &[u8]) -> Result<(), SandboxError> {
    let found = match bytes.split_first_chunk::<8>() {
        Some((b"\0asm\x0d\0\x01\0", _)) => return Ok(()),
        Some((b"\0asm\x01\0\0\0", _)) => {
            "a core module; make a component of it, such as with `wasm-tools component new`"
        }
        Some(([0, b'a', b's', b'm', ..], _)) => "WebAssembly of an unknown version",
        _ if bytes.is_empty() => "nothing at all",
        _ => "something else",
    };
    Err(SandboxError::NotAComponent { found })
}
