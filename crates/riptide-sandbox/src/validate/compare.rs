//! Two types side by side: the contract's and the component's.
//!
//! The contract leads the way: where the component's type has another shape, the difference is noted and not followed any
//! further. So the work is bounded by the contract and by the longest list of members, however large a component's types
//! are, and the recursion by how deep the contract's types nest.

use std::collections::{HashMap, HashSet};

use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentDefinedTypeId, ComponentEntityType, ComponentFuncType,
    ComponentInstanceType, ComponentValType,
};
use wasmparser::types::TypesRef;
use wit_parser::{Function, Interface, Resolve, Type, TypeDefKind, TypeId};

use super::report::{Difference, FunctionVerdict, Listed};
use super::text;

/// What stands for something that is not there.
const ABSENT: &str = "nothing";

/// A comparison under way.
pub(super) struct Comparison<'a> {
    resolve: &'a Resolve,
    types: TypesRef<'a>,
    expected: text::Expected<'a>,
    actual: text::Actual<'a>,
    /// Verdicts on pairs of types, so that what is wrong with a type is told once.
    seen: HashMap<(TypeId, ComponentDefinedTypeId), bool>,
    pub(super) functions: Vec<FunctionVerdict>,
    pub(super) differences: Listed<Difference>,
}

/// What kind of thing has names and an order.
#[derive(Clone, Copy)]
enum Member {
    Field,
    Case,
    Parameter,
}

impl Member {
    fn noun(self) -> &'static str {
        match self {
            Self::Field => "field",
            Self::Case => "case",
            Self::Parameter => "parameter",
        }
    }

    fn path(self, parent: &str, name: &str) -> String {
        match self {
            Self::Field | Self::Case => format!("{parent}.{}", text::name(name)),
            Self::Parameter => format!("{parent}({})", text::name(name)),
        }
    }
}

type ExpectedMembers<'m> = Vec<(&'m str, Option<&'m Type>)>;
type ActualMembers<'m> = Vec<(&'m str, Option<&'m ComponentValType>)>;

impl<'a> Comparison<'a> {
    pub(super) fn new(resolve: &'a Resolve, types: TypesRef<'a>) -> Self {
        Self {
            resolve,
            types,
            expected: text::Expected(resolve),
            actual: text::Actual { types, names: HashMap::new() },
            seen: HashMap::new(),
            functions: Vec::new(),
            differences: Listed::default(),
        }
    }

    /// Compares an interface of the contract with the one that the component exports for it: its types first, so that a
    /// difference in a type is told at the type, and not at all the functions that use it.
    pub(super) fn interface(&mut self, path: &str, expected: &Interface, actual: &'a ComponentInstanceType) {
        for (name, item) in &actual.exports {
            if let Some(id) = value_type(&item.ty) {
                self.actual.names.entry(self.actual.origin(id)).or_insert(name);
            }
        }
        for (name, id) in &expected.types {
            let path = format!("{path}.{name}");
            match actual.exports.get(name).map(|item| &item.ty) {
                Some(entity) => match value_type(entity) {
                    Some(id_found) => {
                        self.alike(&path, &Type::Id(*id), &ComponentValType::Type(id_found));
                    }
                    None => self.differ(&path, self.expected.with_kind(&Type::Id(*id)), entity_kind(entity)),
                },
                None => self.differ(&path, self.expected.with_kind(&Type::Id(*id)), ABSENT),
            }
        }
        for (name, function) in &expected.functions {
            self.function(&format!("{path}.{name}"), function, actual.exports.get(name).map(|item| &item.ty));
        }
    }

    /// Notes that the component has nothing in the place of an interface.
    pub(super) fn lacks(&mut self, path: &str, name: &str, expected: &Interface, found: String) {
        self.differ(name, "an interface of a compatible version", found);
        for (function, signature) in &expected.functions {
            self.functions.push(FunctionVerdict {
                name: format!("{path}.{function}"),
                fits: false,
                expected: self.expected.signature(signature),
                found: None,
            });
        }
    }

    fn function(&mut self, path: &str, expected: &Function, found: Option<&ComponentEntityType>) {
        let signature = self.expected.signature(expected);
        let types = self.types;
        let actual = match found {
            Some(ComponentEntityType::Func(id)) => types.get(*id),
            _ => None,
        };
        let fits = match actual {
            Some(actual) => self.signatures_alike(path, expected, actual),
            None => self.differs(path, signature.clone(), found.map_or(ABSENT, entity_kind)),
        };
        let found = actual.map(|actual| self.actual.signature(actual));
        self.functions.push(FunctionVerdict { name: path.to_owned(), fits, expected: signature, found });
    }

    fn signatures_alike(&mut self, path: &str, expected: &Function, actual: &ComponentFuncType) -> bool {
        let params = self.members_alike(
            Member::Parameter,
            path,
            &expected.params.iter().map(|param| (param.name.as_str(), Some(&param.ty))).collect(),
            &actual.params.iter().map(|(name, ty)| (name.as_str(), Some(ty))).collect(),
        );
        let result =
            self.payloads_alike(&format!("{path}()"), expected.result.as_ref(), actual.result.as_ref());
        let synchrony = actual.async_ == expected.kind.is_async()
            || self.differs(path, self.expected.signature(expected), self.actual.signature(actual));
        params && result && synchrony
    }

    /// Compares two types, and notes what differs.
    fn alike(&mut self, path: &str, expected: &Type, actual: &ComponentValType) -> bool {
        let Some((expected_id, kind)) = self.definition(expected) else {
            return self.actual.is_primitive(actual, text::primitive(expected))
                || self.shapes_differ(path, expected, actual);
        };
        let ComponentValType::Type(actual_id) = actual else {
            return self.shapes_differ(path, expected, actual);
        };
        let pair = (expected_id, self.actual.origin(*actual_id));
        if let Some(verdict) = self.seen.get(&pair) {
            return *verdict;
        }
        let types = self.types;
        let verdict = match (kind, types.get(*actual_id)) {
            (TypeDefKind::Record(expected), Some(ComponentDefinedType::Record(actual))) => self
                .members_alike(
                    Member::Field,
                    path,
                    &expected.fields.iter().map(|field| (field.name.as_str(), Some(&field.ty))).collect(),
                    &actual.fields.iter().map(|(name, ty)| (name.as_str(), Some(ty))).collect(),
                ),
            (TypeDefKind::Variant(expected), Some(ComponentDefinedType::Variant(actual))) => self
                .members_alike(
                    Member::Case,
                    path,
                    &expected.cases.iter().map(|case| (case.name.as_str(), case.ty.as_ref())).collect(),
                    &actual.cases.iter().map(|(name, case)| (name.as_str(), case.ty.as_ref())).collect(),
                ),
            (TypeDefKind::Enum(expected), Some(ComponentDefinedType::Enum(actual))) => self.members_alike(
                Member::Case,
                path,
                &expected.cases.iter().map(|case| (case.name.as_str(), None)).collect(),
                &actual.iter().map(|name| (name.as_str(), None)).collect(),
            ),
            (TypeDefKind::List(expected), Some(ComponentDefinedType::List { element, .. })) => {
                self.alike(&format!("{path}[]"), expected, element)
            }
            (TypeDefKind::Option(expected), Some(ComponentDefinedType::Option { ty, .. })) => {
                self.alike(&format!("{path}.some"), expected, ty)
            }
            (TypeDefKind::Result(expected), Some(ComponentDefinedType::Result { ok, err, .. })) => {
                let ok = self.payloads_alike(&format!("{path}.ok"), expected.ok.as_ref(), ok.as_ref());
                self.payloads_alike(&format!("{path}.err"), expected.err.as_ref(), err.as_ref()) && ok
            }
            // The contract uses no other types. One that it came to use would be refused here in every component, the
            // built-in one first.
            _ => self.shapes_differ(path, expected, actual),
        };
        self.seen.insert(pair, verdict);
        verdict
    }

    fn payloads_alike(
        &mut self,
        path: &str,
        expected: Option<&Type>,
        actual: Option<&ComponentValType>,
    ) -> bool {
        match (expected, actual) {
            (None, None) => true,
            (Some(expected), Some(actual)) => self.alike(path, expected, actual),
            (Some(expected), None) => self.differs(path, self.expected.with_kind(expected), ABSENT),
            (None, Some(actual)) => self.differs(path, ABSENT, self.actual.with_kind(actual)),
        }
    }

    /// Compares named things: each must be there, with the same payload, in the same order, and no others.
    fn members_alike(
        &mut self,
        kind: Member,
        path: &str,
        expected: &ExpectedMembers<'_>,
        actual: &ActualMembers<'_>,
    ) -> bool {
        let by_name: HashMap<_, _> = actual.iter().copied().collect();
        let known: HashSet<_> = expected.iter().map(|(name, _)| *name).collect();
        let mut alike = true;
        for (name, ty) in expected {
            let path = kind.path(path, name);
            alike &= match by_name.get(name) {
                Some(found) => self.payloads_alike(&path, *ty, *found),
                None => {
                    let payload = ty.map(|ty| format!(": {}", self.expected.of(ty))).unwrap_or_default();
                    self.differs(&path, format!("{} {name}{payload}", kind.noun()), ABSENT)
                }
            };
        }
        for (name, ty) in actual.iter().filter(|(name, _)| !known.contains(name)) {
            let payload = ty.map(|ty| format!(": {}", self.actual.of(ty))).unwrap_or_default();
            let found = format!("{} {}{payload}", kind.noun(), text::name(name));
            alike &= self.differs(&kind.path(path, name), ABSENT, found);
        }
        let in_contract = expected.iter().map(|(name, _)| *name).filter(|name| by_name.contains_key(name));
        let in_component = actual.iter().map(|(name, _)| *name).filter(|name| known.contains(name));
        if let Some((first, second)) = in_contract.zip(in_component).find(|(left, right)| left != right) {
            let order = |first, second| format!("{} {first} before {second}", kind.noun());
            alike &= self.differs(path, order(first, second), order(second, first));
        }
        alike
    }

    /// What stands behind the names of a type of the contract; `None` for those that have no parts.
    fn definition(&self, ty: &Type) -> Option<(TypeId, &'a TypeDefKind)> {
        let mut ty = *ty;
        loop {
            let Type::Id(id) = ty else { return None };
            match &self.resolve.types.get(id)?.kind {
                TypeDefKind::Type(named) => ty = *named,
                kind => return Some((id, kind)),
            }
        }
    }

    fn shapes_differ(&mut self, path: &str, expected: &Type, actual: &ComponentValType) -> bool {
        self.differs(path, self.expected.with_kind(expected), self.actual.with_kind(actual))
    }

    /// Notes a difference; the verdict is that there is one.
    fn differs(&mut self, path: &str, expected: impl Into<String>, found: impl Into<String>) -> bool {
        self.differ(path, expected, found);
        false
    }

    fn differ(&mut self, path: &str, expected: impl Into<String>, found: impl Into<String>) {
        let (expected, found) = (expected.into(), found.into());
        self.differences.push(Difference { path: path.to_owned(), expected, found });
    }
}

/// The names of an interface's functions.
pub(super) fn functions(interface: &ComponentInstanceType) -> impl Iterator<Item = &str> {
    let functions =
        interface.exports.iter().filter(|(_, item)| matches!(item.ty, ComponentEntityType::Func(_)));
    functions.map(|(name, _)| name.as_str())
}

fn value_type(entity: &ComponentEntityType) -> Option<ComponentDefinedTypeId> {
    match entity {
        ComponentEntityType::Type { created: ComponentAnyTypeId::Defined(id), .. } => Some(*id),
        _ => None,
    }
}

/// What an export is, in a word.
fn entity_kind(entity: &ComponentEntityType) -> &'static str {
    match entity {
        ComponentEntityType::Module(_) => "a core module",
        ComponentEntityType::Func(_) => "a function",
        ComponentEntityType::Value(_) => "a value",
        ComponentEntityType::Type { created: ComponentAnyTypeId::Resource(_), .. } => "a resource",
        ComponentEntityType::Type { .. } => "a type",
        ComponentEntityType::Instance(_) => "an interface",
        ComponentEntityType::Component(_) => "a component",
    }
}
