#!/usr/bin/env bash
# Writes target/extractor.wasm. Needs Node.js 20 or newer.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
npm ci --no-audit --no-fund
node build.mjs
