#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints LUT, FF, DSP and BRAM of the core's units at the parameters of edge-16x16, by Yosys' synth_xilinx.
# usage: tools/synth.sh [PARAMETER=VALUE]... [UNIT]...     (needs node and npm; installs Yosys under build/)
#        tools/synth.sh --install                          prints the folder of Yosys
# Gates, for chips: tools/gates.py.
set -euo pipefail
cd "$(dirname "$0")/.."
home=build/synth
if ! cmp -s tools/synth/package-lock.json "$home/package-lock.json" || [ ! -d "$home/node_modules/@yowasp/yosys" ]; then
  mkdir -p "$home"
  cp tools/synth/package.json tools/synth/package-lock.json "$home"
  npm ci --prefix "$home" --ignore-scripts --no-audit --no-fund --silent >&2
fi
if [ "${1:-}" = --install ]; then
  echo "$PWD/$home/node_modules/@yowasp/yosys"
  exit
fi
params='ROWS=16 COLS=16 UB_KIB=256 UB_BANKS=4 WB_TILES=8 ACC_ROWS=1024 PB_ROWS=64 AXI_BITS=512 BURST_BEATS=8 OUTSTANDING=8 QUEUE_DEPTH=8 WEIGHT_BITS=1'
units=()
for argument in "$@"; do
  case "$argument" in
    *=*) params="$params $argument" ;;
    *) units+=("$argument") ;;
  esac
done
[ ${#units[@]} -gt 0 ] || units=(sys_fetch sys_lda sys_ldw sys_sto sys_ub sys_wb sys_mxu sys_vpu sys_csr)
json=$(for p in $params; do echo "\"${p%%=*}\":${p#*=}"; done | paste -sd, | sed 's/.*/{&}/')
exec node --no-warnings --stack-size=65000 tools/synth/fpga.mjs "$home/node_modules/@yowasp/yosys" rtl "$json" "${units[@]}"
