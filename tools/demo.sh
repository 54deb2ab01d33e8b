#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The main job, end to end: a trained float32 network becomes int8, runs on the RTL and on the model, and is measured.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-out/demo}
net=tests/data/lenet_fmnist.onnx

step() { printf '\n== %s ==\n' "$*"; }

step "build (packages are installed if some are missing)"
tools/build.sh release systole
systole=build/release/bin/systole

mkdir -p "$(dirname "$out")"
step "systole run: quantise, compile for edge-16x16, run on RTL and model"
echo "(the first run verilates and compiles the RTL; the library is kept for later runs)"
"$systole" run "$net" --arch edge-16x16 --engine both --data tests/data/lenet.yaml \
  --calib tests/data/lenet_calib.yaml -o "$out" --wave

step "systole accuracy: 1,000 test images"
"$systole" accuracy "$net" --arch edge-16x16 --data tests/data/lenet.yaml --calib tests/data/lenet_calib.yaml

step "where to look"
echo "results    $out/result.json, $out/layers.csv; figures are explained in docs/metrics.md"
echo "waveform   gtkwave -a waveforms/overview.gtkw $out/waves.fst   (waveforms/README.md walks through a layer)"
