#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The main job, end to end: a trained float32 network becomes int8, is measured, and runs on the RTL and on the model.
# Usage: tools/demo.sh [DIR]   DIR: where results go (default: out/demo)
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-out/demo}
log=build/demo.log
systole=build/release/bin/systole
net=tests/data/lenet_fmnist.onnx
calib=tests/data/lenet_calib.yaml

step() { printf '\n== %s ==\n' "$*"; }

# Runs a command with its output in the log. On a terminal a line shows how long it has taken and what the log says of
# how far it is, "[12/96]". If it fails, the log's last lines are shown.
quietly() {
  local what=$1 start=$SECONDS pid done=
  shift
  echo "+ $*" >> "$log"
  "$@" >> "$log" 2>&1 &
  pid=$!
  trap 'kill "$pid" 2>/dev/null || true' EXIT
  while [ -t 1 ] && kill -0 "$pid" 2>/dev/null; do
    done=$(grep -o '^\[[0-9]*/[0-9]*\]' "$log" | tail -n 1 || true)
    printf '\r\033[K%s: %d s %s' "$what" $((SECONDS - start)) "$done"
    sleep 1
  done
  if [ -t 1 ]; then printf '\r\033[K'; fi
  if ! wait "$pid"; then
    trap - EXIT
    printf '%s failed; the last lines of %s:\n' "$what" "$log" >&2
    tail -n 20 "$log" >&2
    exit 1
  fi
  trap - EXIT
  echo "$what: $((SECONDS - start)) s"
}

mkdir -p build "$(dirname "$out")"
: > "$log"
if [ -x "$systole" ]; then
  echo "This takes about half a minute, or a minute or two if the RTL of 16x16 has not been compiled before."
else
  echo "This takes about 6 minutes on two idle cores, the next time half a minute: it builds Systole and compiles the RTL."
fi
step "build (the log is in $log)"
# May ask for a password, which needs the terminal.
tools/install_deps.sh --check > /dev/null 2>&1 || tools/install_deps.sh
quietly "build" tools/build.sh release systole

step "accuracy of 1,000 test images: float32, and int8 as the hardware computes it"
"$systole" accuracy "$net" --arch edge-16x16 --data tests/data/lenet.yaml --calib "$calib"

step "one image on RTL and model of edge-16x16: a sneaker, which is class 7"
echo "(the first run compiles the RTL; the library is kept for later runs)"
"$systole" run "$net" --arch edge-16x16 --engine both --data tests/data/lenet_sneaker.yaml --calib "$calib" -o "$out" --wave

step "where to look"
echo "results    $out/result.json, $out/layers.csv; figures are explained in docs/metrics.md"
echo "waveform   gtkwave -a $out/waves.gtkw $out/waves.fst   (waveforms/README.md walks through a layer)"
