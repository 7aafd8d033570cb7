#!/usr/bin/env bash
# Writes target/extractor.wasm. Needs rustup's stable toolchain.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
target=wasm32-unknown-unknown
[ -d "$(rustc --print sysroot)/lib/rustlib/$target" ] || rustup target add "$target"
# This linker comes with the toolchain; it makes a component of the module that it has linked.
RUSTFLAGS="-Clinker=wasm-component-ld" \
  cargo build --release --target "$target" --target-dir target
cp "target/$target/release/extractor.wasm" target/extractor.wasm
