#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian or Ubuntu packages that Systole needs. Asks for root only if one is missing.
# Works on Debian 12 and Ubuntu 24.04. With --check: only says what is missing.
set -euo pipefail

packages=(
  g++ make cmake ninja-build pkg-config ccache git
  verilator libsystemc-dev
  libonnx-dev libprotobuf-dev protobuf-compiler
  libeigen3-dev libfmt-dev libyaml-cpp-dev nlohmann-json3-dev libcli11-dev catch2 zlib1g-dev libssl-dev
  python3 python3-numpy python3-onnx libonnx-testdata
)
# Python 3.11 reads TOML itself; nothing older is supported.

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)
  [ "$status" = "install ok installed" ] || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  exit 0
fi
echo "missing packages: ${missing[*]}"
[ "${1:-}" = --check ] && exit 1

root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "run as root: apt-get install ${missing[*]}" >&2; exit 1; }
  root=(sudo)
fi
"${root[@]}" apt-get update -qq
"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
