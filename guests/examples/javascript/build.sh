#!/usr/bin/env bash
# Writes target/extractor.wasm. Needs Node.js 20 or newer.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# The versions of the lock file. `npm ci` would also want the optional packages of all other platforms.
npm install --no-save --no-audit --no-fund
node build.mjs
