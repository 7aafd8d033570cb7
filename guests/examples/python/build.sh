#!/usr/bin/env bash
# Writes target/extractor.wasm. Needs Python 3.10 or newer.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
python3 -m venv target/venv
target/venv/bin/pip install --quiet --requirement requirements.txt
# With stubs in place of WASI the component imports nothing: what asks the host for something fails.
target/venv/bin/componentize-py --wit-path ../../../wit/extractor.wit --world extractor \
  componentize --stub-wasi extractor --output target/extractor.wasm
