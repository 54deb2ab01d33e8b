#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How long the verdict of a random program takes after an edit of one line of the RTL (docs/debugging.md, "Own RTL"):
#   tools/bench_rebuild.sh [build folder]
# Prints elapsed and CPU seconds for each architecture, and the load of the machine, which elapsed time depends on.
set -euo pipefail
cd "$(dirname "$0")/.."
systole=$(realpath "${1:-build/release}/bin/systole")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SYSTOLE_CACHE=$work/cache SYSTOLE_RTL_DIR=$work/rtl TIMEFORMAT='%R %U %S'

verdict() {
  "$systole" cosim --random 1 --seed 7 --arch "$1" --rtl-build quick -o "$work/divergence" | tail -n +2
}

printf '%-12s %10s %10s %8s\n' architecture 'elapsed s' 'CPU s' load
for arch in edge-4x4 edge-16x16; do
  rm -rf "$work/rtl"
  cp -r rtl "$work/rtl"
  verdict "$arch" > "$work/before"
  # A condition that no run comes to: the verdict stays, and all generated code is compiled anew, for its header changes.
  sed -i "s/&& missing == '0;/\&\& missing == '0 \&\& !(\&cycle_i);/" "$work/rtl/sys_front.sv"
  cmp -s rtl/sys_front.sv "$work/rtl/sys_front.sv" && { echo "sys_front.sv has no line to edit" >&2; exit 1; }
  { time verdict "$arch" > "$work/after"; } 2> "$work/time"
  cmp "$work/before" "$work/after"
  read -r elapsed user system < <(tail -1 "$work/time")
  printf '%-12s %10.1f %10.1f %8s\n' "$arch" "$elapsed" "$(awk "BEGIN { print $user + $system }")" "$(cut -d' ' -f1 /proc/loadavg)"
done
