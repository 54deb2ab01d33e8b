#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The pictures of waveforms in the documentation, by GTKWave on a display of its own:
#   tools/wave_shots.sh [build folder [PICTURE...]]        # apt install gtkwave xvfb imagemagick
# PICTURE: overview, bug1 ... bug5; without any all of them.
set -euo pipefail
cd "$(dirname "$0")/.."
programs=$(realpath "${1:-build/release}/bin")
shift || true
pictures=("$@")
[ $# -gt 0 ] || pictures=(overview bug1 bug2 bug3 bug4 bug5)
for tool in gtkwave Xvfb import; do
  command -v "$tool" > /dev/null || { echo "$tool: not found (apt install gtkwave xvfb imagemagick)" >&2; exit 2; }
done
work=$(mktemp -d)
display=:$((100 + $$ % 400))
Xvfb "$display" -screen 0 1600x1000x24 > "$work/xvfb.log" 2>&1 &
server=$!
trap 'kill "$server" 2> /dev/null; rm -rf "$work"' EXIT

# shoot PICTURE VIEW TOP HEIGHT [GROUP,...]: docs/images/PICTURE.png is what GTKWave shows of $work/PICTURE with VIEW, of which it
# has the groups that are named, or all: HEIGHT lines of the window from TOP on.
shoot() {
  local folder=$work/$1 picture=docs/images/$1.png view=$2 top=$3 height=$4 viewer
  shift 4
  if [ $# -gt 0 ]; then
    awk -v wanted=",$*," '
      { sub(/^\[sst_expanded\] 1$/, "[sst_expanded] 0\n[signals_width] 230"); line[NR] = $0 }
      function name(i) { return substr(line[i], 2) }
      END {
        inside = ""; keep = 1
        for (i = 1; i <= NR; ++i) {
          if (line[i] == "@800200") { inside = name(i + 1); keep = index(wanted, "," inside ",") > 0 }
          if (keep) print line[i]
          if (inside != "" && line[i] == "-" inside && line[i - 1] == "@1000200") { inside = ""; keep = 1 }
        }
      }' "$folder/$view" > "$folder/shown.gtkw"
    view=shown.gtkw
  fi
  DISPLAY=$display gtkwave -a "$folder/$view" "$folder/waves.fst" > "$work/gtkwave.log" 2>&1 &
  viewer=$!
  sleep "${SHOT_SECONDS:-15}"  # GTKWave does not say when it has drawn
  DISPLAY=$display import -window root -crop "1600x$height+0+$top" +repage "$picture"
  kill "$viewer"
  wait "$viewer" 2> /dev/null || true
  echo "$picture"
}

# bug N SEED CYCLES VIEW TOP HEIGHT GROUP,...: the program that docs/debugging.md finds bug N with.
bug() {
  local number=$1 seed=$2 cycles=$3
  shift 3
  "$programs/systole-bugs" cosim --bug "$number" --random 1 --seed "$seed" --arch edge-4x4 -o "$work/found" > "$work/cosim.log" || true
  "$programs/systole-bugs" wave "$work/found/program.sysb" --bug "$number" --cycles "$cycles" -o "$work/bug$number"
  shoot "bug$number" "$@"
}

for picture in "${pictures[@]}"; do
  case "$picture" in
    overview)
      "$programs/systole" wave tests/data/lenet_fmnist.onnx --arch edge-4x4 --layer /conv2/Conv -o "$work/overview"
      shoot overview overview.gtkw 0 1000 ;;
    bug1) bug 1 1 3612:3632 mxu.gtkw 98 462 time,tiles,activations ;;
    bug2) bug 2 52 1160:1176 issue.gtkw 98 850 time,vpu,sto ;;
    bug3) bug 3 2 268:284 dma.gtkw 98 462 time,ldw ;;
    bug4) bug 4 1 50:66 axi.gtkw 98 462 "time,read address,read data" ;;
    bug5) bug 5 1 162:178 mxu.gtkw 98 640 time,instruction,tiles ;;
    *) echo "$picture: no picture, expected overview or bug1 ... bug5" >&2; exit 2 ;;
  esac
done
