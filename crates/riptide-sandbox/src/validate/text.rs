//! Types in words, as WIT writes them.
//!
//! What a stranger's component calls things is cut to a length that a person reads, and a type that nests deeper than one
//! would write by hand ends in an ellipsis.

use std::collections::HashMap;

use wasmparser::component_types::{
    ComponentDefinedType, ComponentDefinedTypeId, ComponentFuncType, ComponentValType,
};
use wasmparser::types::TypesRef;
use wit_parser::{Function, Resolve, Type, TypeDefKind};

/// Types inside each other that are spelled out.
const DEPTH: usize = 4;

/// Characters of one name.
const NAME: usize = 100;

/// Parameters of one function.
const PARAMETERS: usize = 20;

/// A name that somebody else chose, for a person to read.
pub(super) fn name(name: &str) -> String {
    let mut shown: String = name.chars().take(NAME).flat_map(char::escape_debug).collect();
    if name.chars().nth(NAME).is_some() {
        shown.push('…');
    }
    shown
}

/// Types of the contract.
pub(super) struct Expected<'a>(pub(super) &'a Resolve);

impl Expected<'_> {
    /// The type by its name if it has one, else spelled out.
    pub(super) fn of(&self, ty: &Type) -> String {
        let Type::Id(id) = ty else { return primitive(ty).to_owned() };
        let Some(definition) = self.0.types.get(*id) else { return "unknown".to_owned() };
        if let Some(name) = &definition.name {
            return name.clone();
        }
        let payload = |ty: &Option<Type>| ty.as_ref().map(|ty| self.of(ty));
        match &definition.kind {
            TypeDefKind::Type(ty) => self.of(ty),
            TypeDefKind::List(element) => format!("list<{}>", self.of(element)),
            TypeDefKind::Option(some) => format!("option<{}>", self.of(some)),
            TypeDefKind::Result(result) => result_of(payload(&result.ok), payload(&result.err)),
            other => other.as_str().to_owned(),
        }
    }

    /// The same, with what kind of type it is.
    pub(super) fn with_kind(&self, ty: &Type) -> String {
        let Type::Id(id) = ty else { return self.of(ty) };
        match self.0.types.get(*id) {
            Some(definition) if definition.name.is_some() => {
                format!("{} {}", definition.kind.as_str(), self.of(ty))
            }
            _ => self.of(ty),
        }
    }

    /// The function's signature.
    pub(super) fn signature(&self, function: &Function) -> String {
        let params = function.params.iter().map(|param| format!("{}: {}", param.name, self.of(&param.ty)));
        signature(params.collect(), function.result.as_ref().map(|ty| self.of(ty)))
    }
}

/// Types of a component.
pub(super) struct Actual<'a> {
    pub(super) types: TypesRef<'a>,
    /// What its interface calls them.
    pub(super) names: HashMap<ComponentDefinedTypeId, &'a str>,
}

impl<'a> Actual<'a> {
    /// The type that stands behind its names.
    pub(super) fn origin(&self, mut id: ComponentDefinedTypeId) -> ComponentDefinedTypeId {
        while let Some(named) = self.types.peel_alias(id) {
            id = named;
        }
        id
    }

    /// The type by its name if it has one, else spelled out.
    pub(super) fn of(&self, ty: &ComponentValType) -> String {
        self.nested(ty, DEPTH)
    }

    /// The same, with what kind of type it is.
    pub(super) fn with_kind(&self, ty: &ComponentValType) -> String {
        let kind = match ty {
            ComponentValType::Primitive(_) => return self.of(ty),
            ComponentValType::Type(id) if self.name(*id).is_none() => return self.of(ty),
            ComponentValType::Type(id) => self.types.get(*id).map_or("type", kind),
        };
        format!("{kind} {}", self.of(ty))
    }

    /// Whether it is the type without parts that has this name.
    pub(super) fn is_primitive(&self, ty: &ComponentValType, name: &str) -> bool {
        match ty {
            ComponentValType::Primitive(primitive) => primitive.to_string() == name,
            ComponentValType::Type(id) => match self.types.get(*id) {
                Some(ComponentDefinedType::Primitive(primitive)) => primitive.to_string() == name,
                _ => false,
            },
        }
    }

    /// The function's signature.
    pub(super) fn signature(&self, function: &ComponentFuncType) -> String {
        let shown = function.params.iter().take(PARAMETERS);
        let mut params: Vec<_> =
            shown.map(|(label, ty)| format!("{}: {}", name(label.as_str()), self.of(ty))).collect();
        if function.params.len() > PARAMETERS {
            params.push("…".to_owned());
        }
        let signature = signature(params, function.result.as_ref().map(|ty| self.of(ty)));
        if function.async_ { format!("async {signature}") } else { signature }
    }

    fn name(&self, id: ComponentDefinedTypeId) -> Option<&'a str> {
        self.names.get(&self.origin(id)).copied()
    }

    fn nested(&self, ty: &ComponentValType, depth: usize) -> String {
        let id = match ty {
            ComponentValType::Primitive(primitive) => return primitive.to_string(),
            ComponentValType::Type(id) => *id,
        };
        if let Some(known) = self.name(id) {
            return name(known);
        }
        let Some(depth) = depth.checked_sub(1) else { return "…".to_owned() };
        let payload = |ty: &Option<ComponentValType>| ty.as_ref().map(|ty| self.nested(ty, depth));
        let Some(definition) = self.types.get(id) else { return "unknown".to_owned() };
        match definition {
            ComponentDefinedType::Primitive(primitive) => primitive.to_string(),
            ComponentDefinedType::List { element, .. } => format!("list<{}>", self.nested(element, depth)),
            ComponentDefinedType::Option { ty, .. } => format!("option<{}>", self.nested(ty, depth)),
            ComponentDefinedType::Result { ok, err, .. } => result_of(payload(ok), payload(err)),
            other => kind(other).to_owned(),
        }
    }
}

fn kind(ty: &ComponentDefinedType) -> &'static str {
    match ty {
        ComponentDefinedType::Primitive(_) => "type",
        ComponentDefinedType::Record(_) => "record",
        ComponentDefinedType::Variant(_) => "variant",
        ComponentDefinedType::List { .. } => "list",
        ComponentDefinedType::Map { .. } => "map",
        ComponentDefinedType::FixedLengthList { .. } => "fixed-length list",
        ComponentDefinedType::Tuple(_) => "tuple",
        ComponentDefinedType::Flags(_) => "flags",
        ComponentDefinedType::Enum(_) => "enum",
        ComponentDefinedType::Option { .. } => "option",
        ComponentDefinedType::Result { .. } => "result",
        ComponentDefinedType::Own(_) => "own handle",
        ComponentDefinedType::Borrow(_) => "borrowed handle",
        ComponentDefinedType::Future { .. } => "future",
        ComponentDefinedType::Stream { .. } => "stream",
    }
}

fn result_of(ok: Option<String>, err: Option<String>) -> String {
    match (ok, err) {
        (None, None) => "result".to_owned(),
        (Some(ok), None) => format!("result<{ok}>"),
        (ok, Some(err)) => format!("result<{}, {err}>", ok.as_deref().unwrap_or("_")),
    }
}

fn signature(params: Vec<String>, result: Option<String>) -> String {
    let result = result.map(|result| format!(" -> {result}")).unwrap_or_default();
    format!("func({}){result}", params.join(", "))
}

/// The name of a type that has no parts.
pub(super) fn primitive(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "bool",
        Type::U8 => "u8",
        Type::U16 => "u16",
        Type::U32 => "u32",
        Type::U64 => "u64",
        Type::S8 => "s8",
        Type::S16 => "s16",
        Type::S32 => "s32",
        Type::S64 => "s64",
        Type::F32 => "f32",
        Type::F64 => "f64",
        Type::Char => "char",
        Type::String => "string",
        Type::ErrorContext => "error-context",
        Type::Id(_) => "type",
    }
}
