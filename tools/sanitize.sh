#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds with Clang's address and undefined-behaviour sanitizers and runs the tests of some labels.
#   tools/sanitize.sh [LABEL...]     default: of the unit tests those of the model and of all that reads files of others, what
#                                    continuous integration has the time for; the night runs all
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset asan >/dev/null
if [ $# -eq 0 ]; then
  cmake --build --preset asan --target test_unit_base
  set -- unit
else
  programs=("${@/#/test_}")
  cmake --build --preset asan --target systole test_unit_base "${programs[@]}"
fi
labels=$(IFS='|'; echo "$*")
exec ctest --preset asan -j "$(nproc)" -L "^($labels)\$"
