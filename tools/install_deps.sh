#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian or Ubuntu packages that building and running Systole needs. Asks for root only if one is missing.
# Works on Debian 12 and Ubuntu 24.04.
#   --tests   also what the tests need: tools/test.sh calls it so. Node.js and npm come from Debian only where there are none.
#   --check   only says what is missing
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
  g++ make cmake ninja-build pkg-config ccache git
  verilator libsystemc-dev
  libonnx-dev libprotobuf-dev protobuf-compiler
  libeigen3-dev libfmt-dev libyaml-cpp-dev nlohmann-json3-dev libcli11-dev zlib1g-dev libssl-dev libsqlite3-dev sqlite3
)
# Python 3.11 reads TOML itself; nothing older is supported.
test_packages=(catch2 clang clang-format-14 libclang-rt-dev llvm universal-ctags python3 python3-numpy python3-onnx libonnx-testdata
  slurm-wlm munge libpagmo-dev)

check=false
tests=false
for argument in "$@"; do
  case "$argument" in
    --check) check=true ;;
    --tests) tests=true ;;
    *) echo "usage: tools/install_deps.sh [--tests] [--check]" >&2; exit 2 ;;
  esac
done
if $tests; then
  packages+=("${test_packages[@]}")
  if ! command -v node >/dev/null; then
    packages+=(nodejs npm)
  elif ! command -v npm >/dev/null; then
    # Node.js of another origin than Debian's conflicts with Debian's npm.
    dpkg-query -W nodejs >/dev/null 2>&1 || { echo "node has no npm beside it: install the npm that came with it" >&2; exit 1; }
    packages+=(npm)
  fi
fi

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)
  [ "$status" = "install ok installed" ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  echo "missing packages: ${missing[*]}"
  $check && exit 1
  root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "run as root: apt-get install ${missing[*]}" >&2; exit 1; }
    root=(sudo)
  fi
  "${root[@]}" apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
fi

if $tests; then
  # ONNX Runtime, by the lock file: its install script would fetch what a CPU does not need, and 45 of its 290 MB are for this machine.
  modules=tests/judge/node_modules
  if ! cmp -s tests/judge/package-lock.json "$modules/installed.json"; then
    $check && { echo "missing: $modules"; exit 1; }
    npm ci --prefix tests/judge --ignore-scripts --no-audit --no-fund --loglevel=error
    find "$modules/onnxruntime-node/bin" -mindepth 2 -maxdepth 3 -type d -path '*/napi-v*/*/*' ! -path '*/linux/x64' -prune -exec rm -rf {} +
    cp tests/judge/package-lock.json "$modules/installed.json"
  fi
fi
