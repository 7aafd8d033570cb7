//! An extractor that knows some sites by name: their content, title and author are what CSS selectors say. All other
//! pages are extracted as the built-in extractor does it.
//!
//! For any target but WebAssembly only the rules are compiled, for their tests.

#[cfg(any(target_arch = "wasm32", test))]
mod rules;

#[cfg(target_arch = "wasm32")]
mod component;
#[cfg(target_arch = "wasm32")]
#[path = "../../../extractor/src/convert.rs"]
mod convert;

/// The contract's types and entry points, generated from the WIT file.
#[cfg(target_arch = "wasm32")]
#[expect(unsafe_code, clippy::all, reason = "generated code")]
mod bindings {
    wit_bindgen::generate!({ path: "../../../wit", world: "extractor" });
    export!(Component with_types_in self);
    use crate::component::Component;
}
