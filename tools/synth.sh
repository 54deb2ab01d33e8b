#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints LUT, FF, DSP and BRAM of the core's units at the parameters of edge-16x16, by Yosys' synth_xilinx.
# usage: tools/synth.sh [PARAMETER=VALUE]... [UNIT]...     (needs node and npm; installs Yosys under build/)
set -euo pipefail
cd "$(dirname "$0")/.."
version=0.55.944
home=build/synth
if [ ! -f "$home/node_modules/@yowasp/yosys/package.json" ]; then
  mkdir -p "$home"
  npm install --silent --no-fund --no-audit --prefix "$home" "@yowasp/yosys@$version" >&2
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
exec node --no-warnings --stack-size=65000 tools/synth.mjs "$home/node_modules/@yowasp/yosys" rtl "$json" "${units[@]}"
