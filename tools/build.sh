#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing and builds a preset (default: release), or only the targets named after it.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-release}
shift || true
tools/install_deps.sh
cmake --preset "$preset" >/dev/null
targets=()
[ $# -gt 0 ] && targets=(--target "$@")
cmake --build --preset "$preset" "${targets[@]}"
