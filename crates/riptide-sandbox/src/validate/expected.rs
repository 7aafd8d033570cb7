//! What a component must export, read from the contract's own text.

use std::sync::LazyLock;

use wit_parser::{Interface, Resolve, WorldKey};

use crate::contract::CONTRACT;

/// The contract's types, and its exported interfaces.
pub(super) struct Expected {
    pub(super) resolve: Resolve,
    /// By their full names, version included.
    interfaces: Vec<(String, wit_parser::InterfaceId)>,
}

impl Expected {
    /// The contract that this version of RipTide was built with.
    #[expect(clippy::expect_used, reason = "the contract is part of the program, and every test reads it")]
    pub(super) fn contract() -> &'static Self {
        static EXPECTED: LazyLock<Expected> = LazyLock::new(|| {
            Expected::read(CONTRACT).expect("the contract is valid WIT that exports interfaces")
        });
        &EXPECTED
    }

    /// The one world of a WIT text, if it exports named interfaces and nothing else.
    fn read(text: &str) -> Option<Self> {
        let mut resolve = Resolve::default();
        let package = resolve.push_str("extractor.wit", text).ok()?;
        let world = resolve.select_world(&[package], None).ok()?;
        let named = |key: &WorldKey| match key {
            WorldKey::Interface(id) => Some((resolve.id_of(*id)?, *id)),
            WorldKey::Name(_) => None,
        };
        let interfaces: Option<Vec<_>> = resolve.worlds.get(world)?.exports.keys().map(named).collect();
        let interfaces = interfaces.filter(|interfaces| !interfaces.is_empty())?;
        Some(Self { resolve, interfaces })
    }

    /// The interfaces to export, by their full names.
    pub(super) fn interfaces(&self) -> impl Iterator<Item = (&str, &Interface)> {
        self.interfaces
            .iter()
            .filter_map(|(name, id)| Some((name.as_str(), self.resolve.interfaces.get(*id)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contract_exports_one_interface_with_three_functions() {
        let interfaces: Vec<_> = Expected::contract().interfaces().collect();
        let [(name, interface)] = interfaces.as_slice() else { panic!("{}", interfaces.len()) };
        assert_eq!(*name, crate::contract::INTERFACE);
        let functions: Vec<_> = interface.functions.keys().map(String::as_str).collect();
        assert_eq!(functions, ["extract", "describe", "check-health"]);
    }

    #[test]
    fn a_world_that_exports_anything_but_interfaces_is_no_contract() {
        let read = |text: &str| Expected::read(text).is_some();
        assert!(read("package a:b; interface c {} world d { export c; }"));
        assert!(!read("package a:b; world d { export f: func(); }"));
        assert!(!read("package a:b; world d {}"));
        assert!(!read("package a:b"));
    }
}
