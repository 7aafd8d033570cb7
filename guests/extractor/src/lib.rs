//! The built-in extractor component: `riptide-extract` behind the WIT contract.
//!
//! It imports nothing. An instance handles one document and is thrown away, which is why its allocator hardly frees.
//! For any target but WebAssembly this crate is empty.

#[cfg(target_arch = "wasm32")]
mod alloc;
#[cfg(target_arch = "wasm32")]
mod component;
#[cfg(target_arch = "wasm32")]
mod convert;
#[cfg(any(target_arch = "wasm32", test))]
mod health;
#[cfg(any(target_arch = "wasm32", test))]
mod heap;
#[cfg(any(target_arch = "wasm32", test))]
mod panic_record;

/// The contract's types and entry points, generated from the WIT file.
#[cfg(target_arch = "wasm32")]
#[expect(unsafe_code, clippy::all, reason = "generated code")]
mod bindings {
    wit_bindgen::generate!({ path: "../../wit", world: "extractor" });
    export!(Component with_types_in self);
    use crate::component::Component;
}
