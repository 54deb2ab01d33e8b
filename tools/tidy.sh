#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs clang-tidy by .clang-tidy over C++ sources; without clang-tidy it says so and is content.
#   tools/tidy.sh --changed      what differs from origin/main, or from the commit before, 20 files at most: findings are told
#   tools/tidy.sh --all | FILE...    findings are errors; all files take more than an hour of a core
set -euo pipefail
cd "$(dirname "$0")/.."
if ! command -v clang-tidy >/dev/null; then
  echo "clang-tidy is not installed: nothing is checked"
  exit 0
fi
# A configuration of its own, never built: where rooms are compiled in one piece their sources have no command.
cmake -S . -B build/tidy -G Ninja -DCMAKE_BUILD_TYPE=Release -DSYSTOLE_UNITY=OFF >/dev/null
options=(--quiet -p build/tidy)
if [ "${1:---changed}" = --changed ]; then
  base=$(git merge-base HEAD origin/main 2>/dev/null || true)
  if [ -z "$base" ] || [ "$base" = "$(git rev-parse HEAD)" ]; then
    base=$(git rev-parse --verify -q HEAD~1 || true)
  fi
  mapfile -t files < <(git diff --name-only --diff-filter=d ${base:+"$base"} -- 'model/*.cpp' 'compiler/*.cpp' 'sim/*.cpp')
  echo "${#files[@]} sources have changed"
  files=("${files[@]:0:20}")
else
  options+=(--warnings-as-errors='*')
  files=("$@")
  [ "$1" != --all ] || mapfile -t files < <(git ls-files 'model/*.cpp' 'compiler/*.cpp' 'sim/*.cpp')
fi
[ ${#files[@]} -gt 0 ] || exit 0
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(nproc)" clang-tidy "${options[@]}"
