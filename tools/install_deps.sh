#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian or Ubuntu packages that building and running Systole needs. Asks for root only if one is missing.
# Works on Debian 12 and Ubuntu 24.04.
#   --tests   also what the tests need: tools/test.sh calls it so. Node.js and npm come from Debian only where there are none.
#   --report  also what pages of `systole report` are drawn by, and the npm that fetches it; without it that is fetched where npm is
#   --check   only says what is missing
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
  g++ make cmake ninja-build pkg-config ccache git
  verilator libsystemc-dev
  libonnx-dev libprotobuf-dev protobuf-compiler
  libeigen3-dev libfmt-dev libyaml-cpp-dev nlohmann-json3-dev libcli11-dev zlib1g-dev libssl-dev libsqlite3-dev sqlite3 libedit-dev
)
# Python 3.11 reads TOML itself; nothing older is supported.
test_packages=(catch2 file clang clang-format-14 libclang-rt-dev llvm universal-ctags python3 python3-numpy python3-onnx python3-pandas python3-yaml python3-pil
  python3-pytest mypy python3-venv python3-pip python3-matplotlib procps libonnx-testdata
  patch slurm-wlm munge libpagmo-dev zsh man-db mandoc chromium chromium-driver python3-selenium librsvg2-bin)

check=false
tests=false
report=false
for argument in "$@"; do
  case "$argument" in
    --check) check=true ;;
    --tests) tests=true report=true ;;
    --report) report=true ;;
    *) echo "usage: tools/install_deps.sh [--tests] [--report] [--check]" >&2; exit 2 ;;
  esac
done
$tests && packages+=("${test_packages[@]}")
if $report; then
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

# What a folder's lock file asks for, with its hashes; `prune` then takes away what is not needed. A folder that has it is left alone.
fetch_modules() {
  local folder=$1 prune=$2 modules=$1/node_modules
  cmp -s "$folder/package-lock.json" "$modules/installed.json" && return
  $check && { echo "missing: $modules"; exit 1; }
  npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel=error || return
  (cd "$modules" && $prune) || return
  cp "$folder/package-lock.json" "$modules/installed.json"
}

# Of 290 MB 45 are for this machine; the install script would fetch what a CPU does not need.
prune_judge() {
  find onnxruntime-node/bin -mindepth 2 -maxdepth 3 -type d -path '*/napi-v*/*/*' ! -path '*/linux/x64' -prune -exec rm -rf {} +
}
# The library in one file, and its licences.
prune_report() {
  find . -mindepth 1 -maxdepth 1 ! -name echarts -exec rm -rf {} +
  find echarts -type f ! -path echarts/dist/echarts.min.js ! -path 'echarts/licenses/*' ! -name LICENSE ! -name NOTICE ! -path echarts/package.json -delete
  find echarts -type d -empty -delete
}

if $tests; then
  fetch_modules tests/judge prune_judge
  fetch_modules tests/page true
fi
if $report; then
  fetch_modules sim/report_page prune_report
elif ! $check && command -v npm >/dev/null; then
  fetch_modules sim/report_page prune_report || echo "systole report will make no pages: npm could not fetch its plotting library" >&2
fi
