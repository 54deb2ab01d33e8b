#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The pictures of waveforms in the documentation, by GTKWave on a display of its own:
#   tools/wave_shots.sh [build folder]        # apt install gtkwave xvfb imagemagick
set -euo pipefail
cd "$(dirname "$0")/.."
systole=$(realpath "${1:-build/release}/bin/systole")
for tool in gtkwave Xvfb import; do
  command -v "$tool" > /dev/null || { echo "$tool: not found (apt install gtkwave xvfb imagemagick)" >&2; exit 2; }
done
work=$(mktemp -d)
display=:$((100 + $$ % 400))
Xvfb "$display" -screen 0 1600x1000x24 > "$work/xvfb.log" 2>&1 &
server=$!
trap 'kill "$server" 2> /dev/null; rm -rf "$work"' EXIT

"$systole" wave tests/data/lenet_fmnist.onnx --arch edge-4x4 --layer /conv2/Conv -o "$work/wave"
DISPLAY=$display gtkwave -a "$work/wave/overview.gtkw" "$work/wave/waves.fst" > "$work/gtkwave.log" 2>&1 &
viewer=$!
sleep "${SHOT_SECONDS:-15}"  # GTKWave does not say when it has drawn
DISPLAY=$display import -window root docs/images/overview.png
kill "$viewer"
echo docs/images/overview.png
