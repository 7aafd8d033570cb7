//! The built-in extractor components: `riptide-extract` behind the WIT contract, and, with the feature `pdf`, `riptide-pdf`.
//!
//! They import nothing. An instance handles one document and is thrown away, which is why the allocator of the one for pages
//! hardly frees; the other decompresses more than it keeps, and has an allocator that does.
//! For any target but WebAssembly this crate is empty.

#[cfg(all(target_arch = "wasm32", not(feature = "pdf")))]
mod alloc;
#[cfg(target_arch = "wasm32")]
mod component;
#[cfg(target_arch = "wasm32")]
mod convert;
#[cfg(any(all(target_arch = "wasm32", not(feature = "pdf")), test))]
mod health;
#[cfg(any(all(target_arch = "wasm32", not(feature = "pdf")), test))]
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
