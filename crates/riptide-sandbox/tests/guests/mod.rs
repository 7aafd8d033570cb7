//! Components made from a few lines of WebAssembly text, each of which does one thing.

#![expect(clippy::unwrap_used, reason = "what is built here is written here")]

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// The contract.
pub(crate) const WIT: &str = include_str!("../../../../wit/extractor.wit");

/// A component to be.
pub(crate) struct Guest<'a> {
    /// The contract that it fits.
    pub(crate) wit: &'a str,
    /// The version in its exports' names.
    pub(crate) version: &'a str,
    /// Pages of memory that it starts with.
    pub(crate) pages: u32,
    /// The body of `extract`. By default it answers with zeros: a document with empty fields.
    pub(crate) extract: &'a str,
    /// The body of `check-health`. By default it answers with zeros: all is well.
    pub(crate) check_health: &'a str,
    /// The body of `cabi_realloc`.
    pub(crate) realloc: &'a str,
    /// Fields of the module, imports first.
    pub(crate) fields: &'a str,
}

impl Default for Guest<'_> {
    fn default() -> Self {
        Self {
            wit: WIT,
            version: "0.1.0",
            pages: 2,
            extract: "i32.const 1024",
            check_health: "i32.const 1024",
            realloc: "i32.const 65536",
            fields: "",
        }
    }
}

impl Guest<'_> {
    pub(crate) fn component(&self) -> Vec<u8> {
        let interface = format!("riptide:extractor/extraction@{}", self.version);
        let Self { wit, pages, extract, check_health, realloc, fields, .. } = self;
        componentize(
            wit,
            &format!(
                r#"(module
                    {fields}
                    (memory (export "memory") {pages})
                    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) {realloc})
                    (func $extract (export "{interface}#extract")
                        (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) {extract})
                    (func (export "{interface}#describe") (result i32) unreachable)
                    (func (export "{interface}#check-health") (result i32) {check_health}))"#
            ),
        )
    }
}

/// A component of a core module in text form that implements the world of a WIT file.
pub(crate) fn componentize(wit: &str, module: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("extractor.wit", wit).unwrap();
    let world = resolve.select_world(&[package], Some("extractor")).unwrap();
    let mut module = wat::parse_str(module).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false).unwrap();
    ComponentEncoder::default().validate(true).module(&module).unwrap().encode().unwrap()
}
