//! What a component's bytes say that it imports and exports.
//!
//! The bytes are read by the parser and validator that Wasmtime itself uses. Function bodies are left to the compiler:
//! they say nothing about types, and are nearly all of a component.

use wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType, ComponentInstanceType};
use wasmparser::types::{Types, TypesRef};
use wasmparser::{BinaryReaderError, Parser, Payload, ValidPayload, Validator, WasmFeatures};

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
        let malformed = |reason: String| SandboxError::MalformedComponent { reason };
        let read = Self::parse(component).map_err(|error| malformed(error.to_string()))?;
        read.ok_or_else(|| malformed("it does not end".to_owned()))
    }

    fn parse(component: &[u8]) -> Result<Option<Self>, BinaryReaderError> {
        // What Wasmtime is not configured for is refused by Wasmtime.
        let mut validator = Validator::new_with_features(WasmFeatures::all());
        let (mut imports, mut exports) = (Vec::new(), Vec::new());
        let (mut modules, mut code, mut depth) = (0, 0, 0_usize);
        let mut types = None;
        for payload in Parser::new(0).parse_all(component) {
            let payload = payload?;
            if let ValidPayload::End(ended) = validator.payload(&payload)? {
                types = Some(ended);
            }
            match payload {
                Payload::Version { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::ModuleSection { .. } => modules += 1,
                Payload::CodeSectionStart { size, .. } => code += usize::try_from(size).unwrap_or(usize::MAX),
                Payload::ComponentImportSection(section) if depth == 1 => {
                    for import in section {
                        imports.push(import?.name.name.to_owned());
                    }
                }
                Payload::ComponentExportSection(section) if depth == 1 => {
                    for export in section {
                        exports.push(export?.name.name.to_owned());
                    }
                }
                _ => {}
            }
        }
        Ok(types.map(|types| Self { types, imports, exports, modules, code }))
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

/// A type of values. A resource is none: it stands for something that the host has.
fn is_plain_type(entity: &ComponentEntityType) -> bool {
    matches!(entity, ComponentEntityType::Type { created: ComponentAnyTypeId::Defined(_), .. })
}
