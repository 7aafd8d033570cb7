use serde::Deserialize;

/// The extractor that RipTide comes with: `guests/extractor`, built by `cargo xtask guest`.
pub const BUILT_IN: &[u8] = include_bytes!("../../../guests/extractor.wasm");

/// The component for PDF documents that RipTide comes with, of the same contract and the same make.
pub const BUILT_IN_PDF: &[u8] = include_bytes!("../../../guests/pdf.wasm");

/// Whether a component is one that RipTide comes with.
pub(crate) fn is_built_in(component: &[u8]) -> bool {
    component == BUILT_IN || component == BUILT_IN_PDF
}

/// What [`BUILT_IN`] was made from; the content of `guests/extractor.lock`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComponentLock {
    /// SHA-256 over everything that the component is made from, in hexadecimal.
    pub sources: String,
    /// SHA-256 of the component, in hexadecimal.
    pub component: String,
    /// The compiler, as `rustc --version` tells.
    pub compiler: String,
    /// RipTide's version at that time.
    pub version: String,
}

/// What the built-in component was made from.
#[must_use]
pub fn built_in_lock() -> ComponentLock {
    // The file is part of the program, and a test reads it: it always parses.
    toml::from_str(include_str!("../../../guests/extractor.lock")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::sha256;

    #[test]
    fn the_lock_describes_the_component_beside_it() {
        let lock = built_in_lock();
        assert_eq!(lock.component, sha256(BUILT_IN));
        assert_eq!(lock.sources.len(), 64);
        assert!(lock.compiler.starts_with("rustc "), "{}", lock.compiler);
        assert_eq!(lock.version, env!("CARGO_PKG_VERSION"));
    }
}
