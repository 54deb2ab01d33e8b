#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds what is missing and runs the tests. Arguments go to ctest, e.g. `tools/test.sh -L unit`.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/install_deps.sh --tests
tools/build.sh release
exec ctest --preset release -j "$(nproc)" "$@"
