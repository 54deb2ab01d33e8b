#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An ML engineer's question from a network and images to a network that can be trained on (docs/tour_ml.md): eight commands,
# shown with what they print.
set -euo pipefail
cd "$(dirname "$0")/../.."
systole=$(realpath "${SYSTOLE:-build/release/bin/systole}")
[ -x "$systole" ] || { echo "ml.sh: $systole is missing, run tools/build.sh first" >&2; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
ln -s "$systole" "$folder/systole"
PATH=$folder:$PATH
export COLUMNS=120

# Shows a command as a person would type it, and runs it.
show() {
  printf '$ %s\n' "${1//$folder\//}"
  eval "$1" 2>&1 | sed "s#$folder/##g"
  echo
}

net=tests/data/resnet8_fmnist.onnx data="--data tests/data/resnet8.yaml" calib="--calib tests/data/resnet8_calib.yaml"
narrow="--weights 4 --activations 4 --calib-method mse" top1="grep -o '.*top-1.*)'"
show "cat tests/data/resnet8.yaml"
show "systole accuracy $net $data $calib | $top1"
show "systole study $net $data $calib --calib-method mse --precisions int8,W4A4 --prunes none --break-even bandwidth -j 1 | tail -n 12"
show "systole quantise $net $calib $narrow -o $folder/resnet8_fmnist.onnx --masks $folder/m.npz"
show "systole accuracy $folder/resnet8_fmnist.onnx $data | $top1"
show "systole compile $folder/resnet8_fmnist.onnx -o $folder/back.sysb"
show "systole compile $net $calib $narrow -o $folder/there.sysb"
show "cmp $folder/there.sysb $folder/back.sysb && echo the same program"
