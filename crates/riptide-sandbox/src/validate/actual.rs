//! What a component's bytes say that it imports and exports.
//!
//! The bytes are read by the parser and validator that Wasmtime itself uses. Function bodies are left to the compiler:
//! they say nothing about types, and are nearly all of a component.

use wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType, ComponentInstanceType};
use wasmparser::types::{Types, TypesRef};
use wasmparser::{Parser, Payload, ValidPayload, Validator, WasmFeatures};

use crate::SandboxError;

/// A component whose types are sound.
pub(super) struct Actual {
    types: Types,
    imports: Vec<String>,
    exports: Vec<String>,
    /// Core modules, at any depth.
    pub(super) modules: u32,
    /// Bytes of their code.
    pub(super) code: usize,
}

impl Actual {
    /// Reads the component.
    ///
    /// # Errors
    /// [`SandboxError::MalformedComponent`].
    pub(super) fn read(component: &[u8]) -> Result<Self, SandboxError> {
        // What Wasmtime is not configured for is refused by Wasmtime.
        let mut validator = Validator::new_with_features(WasmFeatures::all());
        let (mut imports, mut exports, mut types) = (Vec::new(), Vec::new(), None);
        let (mut modules, mut code, mut depth) = (0, 0, 0_usize);
        let mut burden = Burden::default();
        for payload in Parser::new(0).parse_all(component) {
            let payload = payload.map_err(malformed)?;
            burden.add(&payload)?;
            if let ValidPayload::End(ended) = validator.payload(&payload).map_err(malformed)? {
                types = Some(ended);
            }
            match payload {
                Payload::Version { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::ModuleSection { .. } => modules += 1,
                Payload::CodeSectionStart { size, .. } => code += usize::try_from(size).unwrap_or(usize::MAX),
                Payload::ComponentImportSection(section) if depth == 1 => {
                    for import in section {
                        imports.push(import.map_err(malformed)?.name.name.to_owned());
                    }
                }
                Payload::ComponentExportSection(section) if depth == 1 => {
                    for export in section {
                        exports.push(export.map_err(malformed)?.name.name.to_owned());
                    }
                }
                _ => {}
            }
        }
        // The last part to end is the component itself.
        let types = types.ok_or_else(|| malformed("it does not end"))?;
        Ok(Self { types, imports, exports, modules, code })
    }

    /// The component's types.
    pub(super) fn types(&self) -> TypesRef<'_> {
        self.types.as_ref()
    }

    /// Names of exports.
    pub(super) fn exports(&self) -> impl Iterator<Item = &str> {
        self.exports.iter().map(String::as_str)
    }

    /// The exported instance of an interface.
    pub(super) fn interface(&self, name: &str) -> Option<&ComponentInstanceType> {
        match self.types.component_item_for_export(name)?.ty {
            ComponentEntityType::Instance(id) => Some(&self.types[id]),
            _ => None,
        }
    }

    /// Names of imports that the host would have to provide something for. Types alone need nothing of it: they give
    /// names to what the exports use.
    pub(super) fn needs(&self) -> impl Iterator<Item = &str> {
        self.imports.iter().map(String::as_str).filter(|name| {
            let import = self.types.component_item_for_import(name);
            !import.is_some_and(|import| self.is_types_only(&import.ty))
        })
    }

    fn is_types_only(&self, import: &ComponentEntityType) -> bool {
        match import {
            ComponentEntityType::Instance(id) => {
                self.types[*id].exports.values().all(|export| is_plain_type(&export.ty))
            }
            other => is_plain_type(other),
        }
    }
}

/// How much work a component makes for whoever reads its types.
///
/// Each time that a component is instantiated inside of it, the validator copies the types of what that one exports. A
/// hundred thousand bytes can so ask for gigabytes.
#[derive(Default)]
struct Burden {
    instances: u64,
    /// Bytes that describe types, imports and exports.
    described: u64,
}

impl Burden {
    /// What instances and described bytes may come to when multiplied: half a second and some hundred megabytes. Components
    /// as compilers make them have a hundredth of it.
    const MOST: u64 = 10_000_000;

    fn add(&mut self, payload: &Payload<'_>) -> Result<(), SandboxError> {
        let described = match payload {
            Payload::ComponentTypeSection(section) => section.range(),
            Payload::ComponentImportSection(section) => section.range(),
            Payload::ComponentExportSection(section) => section.range(),
            Payload::ComponentAliasSection(section) => section.range(),
            Payload::ComponentInstanceSection(section) => {
                self.instances += u64::from(section.count());
                section.range()
            }
            _ => return Ok(()),
        };
        self.described += u64::try_from(described.len()).unwrap_or(u64::MAX);
        if self.instances.saturating_mul(self.described) > Self::MOST {
            let Self { instances, described } = self;
            return Err(malformed(format!(
                "it instantiates parts of itself {instances} times and describes their types in {described} bytes; \
                 the product may be {} at most",
                Self::MOST
            )));
        }
        Ok(())
    }
}

fn malformed(reason: impl ToString) -> SandboxError {
    SandboxError::MalformedComponent { reason: reason.to_string() }
}

/// A type of values. A resource is none: it stands for something that the host has.
fn is_plain_type(entity: &ComponentEntityType) -> bool {
    matches!(entity, ComponentEntityType::Type { created: ComponentAnyTypeId::Defined(_), .. })
}
