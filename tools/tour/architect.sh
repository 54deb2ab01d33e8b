#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An architect's question from networks and limits to a machine (docs/tour.md): seven commands, shown with what they print.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v sqlite3 >/dev/null || { echo "architect.sh: sqlite3 is missing, install it or run tools/install_deps.sh" >&2; exit 1; }
systole=$(realpath "${SYSTOLE:-build/release/bin/systole}")
[ -x "$systole" ] || { echo "architect.sh: $systole is missing, run tools/build.sh first" >&2; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
ln -s "$systole" "$folder/systole"
PATH=$folder:$PATH
db=$folder/choose.db

# Shows a command as a person would type it, and runs it.
show() {
  printf '$ %s\n' "${1//$folder\//}"
  eval "$1" 2>&1
  echo
}

spec=configs/sweeps/choose.yaml
show "systole sweep $spec --dry-run -j 2 | sed -n 1,5p"
show "systole sweep $spec -j 1 -o $db | tail -n 8" # points are numbered in the order in which they end
meets="status = 'finished' AND failed_limits IS NULL"
show "sqlite3 -box $db \"SELECT machine, round(latency_ms, 4) AS ms, round(energy_per_inference_uj, 1) AS uJ, round(area_mm2, 2) AS mm2
  FROM workloads WHERE $meets ORDER BY energy_per_inference_uj LIMIT 4\""

# The first of them, and the points of its first network and of the baseline's.
machine=$(sqlite3 "$db" "SELECT machine FROM workloads WHERE $meets ORDER BY energy_per_inference_uj LIMIT 1")
point() {
  sqlite3 "$db" "SELECT x.point FROM workloads w JOIN group_members x ON x.\"group\" = w.\"group\" WHERE $1 AND x.member = 0 LIMIT 1"
}
base=$(point "w.baseline")
chosen=$(point "w.machine = '$machine'")
changes=
for change in ${machine#* }; do changes+=" --set $change"; done

resnet8=tests/data/resnet8_fmnist.onnx lenet=tests/data/lenet_fmnist.onnx
show "systole compare $db:$base $db:$chosen --limit 4 || true"
show "systole run $resnet8 --arch ${machine%% *}$changes | grep -A 5 ^latency"
show "systole run $resnet8 --arch ${machine%% *}$changes --explain | sed -n '/^what/,+5p;/^best/,\$p'"
show "systole run $lenet --batch 8 --arch ${machine%% *}$changes --engine both | tail -n 1"
