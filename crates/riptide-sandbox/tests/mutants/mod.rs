//! Components that differ from the contract by rule, each with the verdict that it must get.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what is built here is written here"
)]

use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{
    Case, EnumCase, Field, Function, InterfaceId, LiftLowerAbi, ManglingAndAbi, PackageId, Param, Resolve,
    Type, TypeDef, TypeDefKind, TypeId, TypeOwner, WorldId,
};

/// The contract.
pub(crate) const WIT: &str = include_str!("../../../../wit/extractor.wit");

/// The contract, or something like it.
#[derive(Clone)]
pub(crate) struct Contract {
    pub(crate) resolve: Resolve,
    pub(crate) world: WorldId,
    package: PackageId,
    interface: InterfaceId,
}

impl Contract {
    pub(crate) fn read(text: &str) -> Self {
        let mut resolve = Resolve::default();
        let package = resolve.push_str("extractor.wit", text).unwrap();
        let world = resolve.select_world(&[package], Some("extractor")).unwrap();
        let interface = *resolve.packages[package].interfaces.first().unwrap().1;
        Self { resolve, world, package, interface }
    }

    /// A component of this very type.
    pub(crate) fn component(&self) -> Vec<u8> {
        let abi = ManglingAndAbi::Legacy(LiftLowerAbi::Sync);
        let mut module = dummy_module(&self.resolve, self.world, abi);
        embed_component_metadata(&mut module, &self.resolve, self.world, StringEncoding::UTF8, false)
            .unwrap();
        ComponentEncoder::default().module(&module).unwrap().encode().unwrap()
    }

    fn types(&self) -> Vec<(String, TypeId)> {
        let types = &self.resolve.interfaces[self.interface].types;
        types.iter().map(|(name, id)| (name.clone(), *id)).collect()
    }

    fn functions(&self) -> Vec<Function> {
        self.resolve.interfaces[self.interface].functions.values().cloned().collect()
    }

    fn function(&mut self, name: &str) -> &mut Function {
        &mut self.resolve.interfaces[self.interface].functions[name]
    }

    fn named(&self, name: &str) -> Type {
        Type::Id(self.resolve.interfaces[self.interface].types[name])
    }

    fn fields(&mut self, id: TypeId) -> &mut Vec<Field> {
        match &mut self.resolve.types[id].kind {
            TypeDefKind::Record(record) => &mut record.fields,
            other => panic!("{}", other.as_str()),
        }
    }

    fn cases(&mut self, id: TypeId) -> &mut Vec<Case> {
        match &mut self.resolve.types[id].kind {
            TypeDefKind::Variant(variant) => &mut variant.cases,
            other => panic!("{}", other.as_str()),
        }
    }

    fn enum_cases(&mut self, id: TypeId) -> &mut Vec<EnumCase> {
        match &mut self.resolve.types[id].kind {
            TypeDefKind::Enum(cases) => &mut cases.cases,
            other => panic!("{}", other.as_str()),
        }
    }

    fn anonymous(&mut self, kind: TypeDefKind) -> Type {
        Type::Id(self.resolve.types.alloc(TypeDef {
            name: None,
            kind,
            owner: TypeOwner::None,
            docs: wit_parser::Docs::default(),
            stability: wit_parser::Stability::default(),
            span: wit_parser::Span::default(),
            external_id: None,
        }))
    }

    /// Types that stand in for one of the contract's: all that have no parts, and the type itself in other company.
    fn substitutes(&mut self, original: Type) -> Vec<Type> {
        let kinds = [
            TypeDefKind::List(original),
            TypeDefKind::Option(original),
            TypeDefKind::Tuple(wit_parser::Tuple { types: vec![original] }),
            TypeDefKind::Result(wit_parser::Result_ { ok: Some(original), err: None }),
        ];
        let mut types: Vec<_> = kinds.into_iter().map(|kind| self.anonymous(kind)).collect();
        types.extend([Type::Bool, Type::U8, Type::U16, Type::U32, Type::U64, Type::S8, Type::S32, Type::S64]);
        types.extend([Type::F32, Type::F64, Type::Char, Type::String]);
        types.extend(["focus", "link", "page-type"].map(|name| self.named(name)));
        types
    }
}

/// A component to be, and what must be said of it.
pub(crate) struct Mutant {
    pub(crate) what: String,
    pub(crate) contract: Contract,
    /// `None`: it fits the contract. Else a difference must be told at this place.
    pub(crate) fault: Option<String>,
    /// Whether `wit_component::targets` can judge it: it asks for the same version and the same imports.
    pub(crate) comparable: bool,
}

/// Mutants by all rules.
pub(crate) fn all() -> Vec<Mutant> {
    let contract = Contract::read(WIT);
    let mut mutants = Vec::new();
    for (name, id) in contract.types() {
        let path = format!("extraction.{name}");
        match contract.resolve.types[id].kind.clone() {
            TypeDefKind::Record(record) => {
                mutants.extend(records(&contract, &path, id, &record.fields));
            }
            TypeDefKind::Variant(variant) => {
                mutants.extend(variants(&contract, &path, id, &variant.cases));
            }
            TypeDefKind::Enum(cases) => mutants.extend(enums(&contract, &path, id, &cases.cases)),
            other => panic!("{}", other.as_str()),
        }
    }
    for function in contract.functions() {
        mutants.extend(functions(&contract, &function));
    }
    mutants.extend(versions(&contract));
    mutants.extend(worlds());
    mutants
}

/// A change of the contract that makes a mutant with a fault at the path.
fn mutant(
    contract: &Contract,
    what: &str,
    path: impl Into<String>,
    change: impl FnOnce(&mut Contract),
) -> Mutant {
    let (path, mut contract) = (path.into(), contract.clone());
    change(&mut contract);
    Mutant { what: format!("{what} {path}"), contract, fault: Some(path), comparable: true }
}

fn records(contract: &Contract, path: &str, id: TypeId, fields: &[Field]) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    for (at, field) in fields.iter().enumerate() {
        let path_of_field = format!("{path}.{}", field.name);
        mutants.push(mutant(contract, "rename", &path_of_field, |it| it.fields(id)[at].name.push_str("-x")));
        mutants.push(mutant(contract, "drop", &path_of_field, |it| drop(it.fields(id).remove(at))));
        let added = Field { name: "added".to_owned(), ..field.clone() };
        mutants.push(mutant(contract, &format!("add before {at}"), format!("{path}.added"), |it| {
            it.fields(id).insert(at, added);
        }));
        if at > 0 {
            mutants
                .push(mutant(contract, &format!("swap {at} in"), path, |it| it.fields(id).swap(at - 1, at)));
        }
        let mut base = contract.clone();
        for (number, ty) in base.substitutes(field.ty).into_iter().enumerate() {
            let mut mutant =
                mutant(&base, &format!("retype {number}"), &path_of_field, |it| it.fields(id)[at].ty = ty);
            // The substitute may be the original.
            mutant.fault = mutant.fault.filter(|_| ty != field.ty);
            // A record cannot hold itself.
            if !contains(&mutant.contract.resolve, ty, id) {
                mutants.push(mutant);
            }
        }
    }
    mutants
}

/// Whether the type is or holds the one with this identifier.
fn contains(resolve: &Resolve, ty: Type, id: TypeId) -> bool {
    let Type::Id(own) = ty else { return false };
    let inside = |ty: &Type| contains(resolve, *ty, id);
    own == id
        || match &resolve.types[own].kind {
            TypeDefKind::Record(record) => own != id && record.fields.iter().any(|field| inside(&field.ty)),
            TypeDefKind::List(ty) | TypeDefKind::Option(ty) => inside(ty),
            TypeDefKind::Tuple(tuple) => tuple.types.iter().any(inside),
            TypeDefKind::Result(result) => result.ok.iter().chain(&result.err).any(inside),
            _ => false,
        }
}

fn variants(contract: &Contract, path: &str, id: TypeId, cases: &[Case]) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    for (at, case) in cases.iter().enumerate() {
        let path_of_case = format!("{path}.{}", case.name);
        mutants.push(mutant(contract, "rename", &path_of_case, |it| it.cases(id)[at].name.push_str("-x")));
        mutants.push(mutant(contract, "drop", &path_of_case, |it| drop(it.cases(id).remove(at))));
        let added = Case { name: "added".to_owned(), ..case.clone() };
        mutants.push(mutant(contract, &format!("add before {at}"), format!("{path}.added"), |it| {
            it.cases(id).insert(at, added);
        }));
        if at > 0 {
            mutants
                .push(mutant(contract, &format!("swap {at} in"), path, |it| it.cases(id).swap(at - 1, at)));
        }
        let mut base = contract.clone();
        let original = case.ty.unwrap_or(Type::Bool);
        let substitutes: Vec<_> = base.substitutes(original).into_iter().map(Some).chain([None]).collect();
        for (number, ty) in substitutes.into_iter().enumerate() {
            let mut mutant =
                mutant(&base, &format!("retype {number}"), &path_of_case, |it| it.cases(id)[at].ty = ty);
            mutant.fault = mutant.fault.filter(|_| ty != case.ty);
            mutants.push(mutant);
        }
    }
    mutants
}

fn enums(contract: &Contract, path: &str, id: TypeId, cases: &[EnumCase]) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    for (at, case) in cases.iter().enumerate() {
        let path_of_case = format!("{path}.{}", case.name);
        mutants
            .push(mutant(contract, "rename", &path_of_case, |it| it.enum_cases(id)[at].name.push_str("-x")));
        mutants.push(mutant(contract, "drop", &path_of_case, |it| drop(it.enum_cases(id).remove(at))));
        let added = EnumCase { name: "added".to_owned(), ..case.clone() };
        mutants.push(mutant(contract, &format!("add before {at}"), format!("{path}.added"), |it| {
            it.enum_cases(id).insert(at, added);
        }));
        if at > 0 {
            mutants.push(mutant(contract, &format!("swap {at} in"), path, |it| {
                it.enum_cases(id).swap(at - 1, at);
            }));
        }
    }
    mutants
}

fn functions(contract: &Contract, function: &Function) -> Vec<Mutant> {
    let name = function.name.as_str();
    let path = format!("extraction.{name}");
    let interface = contract.interface;
    let mut mutants = vec![
        mutant(contract, "drop", &path, |it| {
            it.resolve.interfaces[interface].functions.shift_remove(name);
        }),
        mutant(contract, "rename", &path, |it| {
            let functions = &mut it.resolve.interfaces[interface].functions;
            let mut renamed = functions.shift_remove(name).unwrap();
            renamed.name.push_str("-x");
            functions.insert(renamed.name.clone(), renamed);
        }),
        mutant(contract, "add a parameter to", format!("{path}(added)"), |it| {
            let span = wit_parser::Span::default();
            it.function(name).params.push(Param { name: "added".to_owned(), ty: Type::U32, span });
        }),
        mutant(contract, "drop the result of", format!("{path}()"), |it| it.function(name).result = None),
    ];
    for (at, param) in function.params.iter().enumerate() {
        let path_of_param = format!("{path}({})", param.name);
        mutants.push(mutant(contract, "rename", &path_of_param, |it| {
            it.function(name).params[at].name.push_str("-x");
        }));
        mutants
            .push(mutant(contract, "drop", &path_of_param, |it| drop(it.function(name).params.remove(at))));
        if at > 0 {
            mutants.push(mutant(contract, &format!("swap {at} of"), &path, |it| {
                it.function(name).params.swap(at - 1, at);
            }));
        }
        let mut base = contract.clone();
        for (number, ty) in base.substitutes(param.ty).into_iter().enumerate() {
            let mut mutant = mutant(&base, &format!("retype {number}"), &path_of_param, |it| {
                it.function(name).params[at].ty = ty;
            });
            mutant.fault = mutant.fault.filter(|_| ty != param.ty);
            mutants.push(mutant);
        }
    }
    let mut base = contract.clone();
    for (number, ty) in base.substitutes(function.result.unwrap()).into_iter().enumerate() {
        let what = format!("retype {number} the result of");
        mutants.push(mutant(&base, &what, format!("{path}()"), |it| it.function(name).result = Some(ty)));
    }
    mutants
}

fn versions(contract: &Contract) -> Vec<Mutant> {
    let interface = "riptide:extractor/extraction@0.1.0";
    let mut mutants = Vec::new();
    for version in
        ["0.2.0", "0.0.1", "0.0.9", "0.10.0", "1.0.0", "1.1.0", "2.1.0", "0.1.0-rc.1", "0.1.1-rc.1"]
    {
        mutants.push(mutant(contract, &format!("version {version} of"), interface, |it| {
            it.resolve.packages[it.package].name.version = Some(version.parse().unwrap());
        }));
    }
    mutants.push(mutant(contract, "no version of", interface, |it| {
        it.resolve.packages[it.package].name.version = None;
    }));
    mutants.push(mutant(contract, "another name of", interface, |it| {
        it.resolve.interfaces[it.interface].name = Some("extractions".to_owned());
    }));
    mutants.push(mutant(contract, "another package of", interface, |it| {
        it.resolve.packages[it.package].name.name.push_str("-x");
    }));
    mutants.push(mutant(contract, "another namespace of", interface, |it| {
        it.resolve.packages[it.package].name.namespace.push_str("-x");
    }));
    for patch in 0..40 {
        let mut fitting = mutant(contract, &format!("patch {patch} of"), interface, |it| {
            it.resolve.packages[it.package].name.version = Some(format!("0.1.{patch}").parse().unwrap());
        });
        fitting.fault = None;
        fitting.comparable = patch == 0;
        mutants.push(fitting);
    }
    mutants
}

/// Worlds that import something, or export more than the contract asks for.
fn worlds() -> Vec<Mutant> {
    let plain = "record shape { side: u32 }";
    let used = "export more: interface { use shapes.{shape}; f: func(a: shape) -> shape; }";
    let shapes =
        |content: &str| (format!("import shapes; {used}"), format!("interface shapes {{ {content} }}"));
    let simple = |world: &str| (world.to_owned(), String::new());
    let mut mutants = Vec::new();
    let mut add = |what: &str, (world, interfaces): (String, String), fault: Option<&str>| {
        let text = WIT.replace("export extraction;", &format!("export extraction; {world}"));
        assert_ne!(text, WIT);
        let contract = Contract::read(&format!("{text}\n{interfaces}"));
        let comparable = !world.contains("import") && !world.contains("type ");
        let fault = fault.map(str::to_owned);
        mutants.push(Mutant { what: what.to_owned(), contract, fault, comparable });
    };
    add("types-only import of an interface", shapes(plain), None);
    add(
        "import of an interface with a function",
        shapes(&format!("{plain} f: func();")),
        Some("riptide:extractor/shapes@0.1.0"),
    );
    add(
        "import of an interface with a resource",
        shapes(&format!("{plain} resource r;")),
        Some("riptide:extractor/shapes@0.1.0"),
    );
    add("import of a function", simple("import f: func() -> u32;"), Some("f"));
    add("import of an unnamed interface", simple("import i: interface { f: func(); }"), Some("i"));
    add("types-only import of the world", simple("type t = list<u8>; export f: func() -> t;"), None);
    add("resource of the world", simple("resource r; export f: func(r: borrow<r>);"), Some("r"));
    add("export of a function", simple("export f: func() -> u32;"), None);
    add("export of an interface", simple("export i: interface { f: func(); }"), None);
    add(
        "export of an interface with a resource",
        simple("export i: interface { resource r { constructor(); } }"),
        None,
    );
    for (number, extra) in [
        "f: func();",
        "type t = u8;",
        "record r { a: u8 }",
        "extract-all: func(a: list<string>) -> list<link>;",
    ]
    .iter()
    .enumerate()
    {
        let text = WIT.replace("describe: func()", &format!("{extra} describe: func()"));
        assert_ne!(text, WIT);
        let what = format!("addition {number} to the interface");
        mutants.push(Mutant { what, contract: Contract::read(&text), fault: None, comparable: true });
    }
    mutants
}
