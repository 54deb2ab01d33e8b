#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs clang-tidy by .clang-tidy over C++ sources; without clang-tidy it says so and is content.
#   tools/tidy.sh --changed      what differs from origin/main, or from the commit before, 20 files at most: findings are told
#   tools/tidy.sh --all | FILE...    findings are errors; all files take more than an hour of a core
#   tools/tidy.sh --pieces       all files, but in the pieces in which a build compiles them, which takes a part of that
set -euo pipefail
cd "$(dirname "$0")/.."
if ! command -v clang-tidy >/dev/null; then
  echo "clang-tidy is not installed: nothing is checked"
  exit 0
fi
# A configuration of its own, never built: sources that are compiled in pieces have no command.
unity=OFF
if [ "${1:-}" = --pieces ]; then
  unity=ON
  rm -rf build/tidy  # pieces of before
fi
cmake -S . -B build/tidy -G Ninja -DCMAKE_BUILD_TYPE=Release -DSYSTOLE_UNITY=$unity >/dev/null
options=(--quiet -p build/tidy)
if [ "${1:---changed}" = --changed ]; then
  base=$(git merge-base HEAD origin/main 2>/dev/null || true)
  if [ -z "$base" ] || [ "$base" = "$(git rev-parse HEAD)" ]; then
    base=$(git rev-parse --verify -q HEAD~1 || true)
  fi
  mapfile -t files < <(git diff --name-only --diff-filter=d ${base:+"$base"} -- 'model/*.cpp' 'compiler/*.cpp' 'sim/*.cpp')
  echo "${#files[@]} sources have changed"
  files=("${files[@]:0:20}")
elif [ "$1" = --pieces ]; then
  # A piece includes its sources, which the filter of .clang-tidy takes for no headers.
  options+=(--warnings-as-errors='*' --checks=-bugprone-suspicious-include --header-filter='(^|/)(model|compiler|sim)/')
  mapfile -t files < <(find build/tidy/{model,compiler,sim} -name 'unity_*.cxx' | sort)
else
  options+=(--warnings-as-errors='*')
  files=("$@")
  [ "$1" != --all ] || mapfile -t files < <(git ls-files 'model/*.cpp' 'compiler/*.cpp' 'sim/*.cpp')
fi
[ ${#files[@]} -gt 0 ] || exit 0
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(nproc)" clang-tidy "${options[@]}"
