//! From machine code to something that can be instantiated.

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
    /// Prepares the component's instantiation. That it fits the contract was checked before it was compiled; Wasmtime
    /// makes sure that its functions are called with the types that they have.
    pub(crate) fn link(engine: &Engine, component: &Component) -> Result<Arc<Self>, SandboxError> {
        let interface = component.get_export_index(None, INTERFACE);
        let linked = Linker::new(engine)
            .instantiate_pre(component)
            .map_err(|error| SandboxError::CompileFailed { reason: format!("{error:#}") })?;
        Ok(Arc::new(Self {
            engine: engine.clone(),
            linked,
            extract: function(component, interface.as_ref(), "extract")?,
            describe: function(component, interface.as_ref(), "describe")?,
            check_health: function(component, interface.as_ref(), "check-health")?,
        }))
    }
}

fn function<P, R>(
    component: &Component,
    interface: Option<&ComponentExportIndex>,
    name: &'static str,
) -> Result<Function<P, R>, SandboxError>
where
    P: ComponentNamedList + Lower,
    R: ComponentNamedList + Lift,
{
    let mismatched = |reason| SandboxError::MismatchedExport { name, reason };
    let export = interface.and_then(|interface| component.get_export(Some(interface), name));
    let Some((ComponentItem::ComponentFunc(function), index)) = export else {
        return Err(mismatched("there is no such function".to_owned()));
    };
    function
        .typecheck::<P, R>(&component.component_type().instance_type())
        .map_err(|error| mismatched(format!("{error:#}")))?;
    Ok(Function { index, signature: PhantomData })
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
