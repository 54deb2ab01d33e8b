#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Speed, quality of results and memory of the main job on ResNet-8 at 16x16 with ideal memory (64 B/cycle, 20 cycles).
set -euo pipefail
cd "$(dirname "$0")/.."
tools/build.sh release systole >/dev/null
systole=build/release/bin/systole
net=tests/data/resnet8_fmnist.onnx
runs=${1:-7}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
common=("$net" --arch edge-16x16 --calib tests/data/resnet8_calib.yaml)
data=(--data tests/data/resnet8.yaml)

"$systole" compile "${common[@]}" -o "$tmp/net.sysb" >/dev/null
"$systole" run "$tmp/net.sysb" --engine rtl --json "$tmp/warm.json" >/dev/null   # builds the RTL if it must
for i in $(seq "$runs"); do
  "$systole" run "$tmp/net.sysb" --json "$tmp/timing$i.json" >/dev/null
  "$systole" run "$tmp/net.sysb" "${data[@]}" --json "$tmp/functional$i.json" >/dev/null
done
for i in 1 2 3; do
  "$systole" run "$tmp/net.sysb" --engine rtl "${data[@]}" --json "$tmp/rtl$i.json" >/dev/null
done
# Peak resident memory of the whole job, its simulation processes included.
/usr/bin/python3 - "$systole" run "${common[@]}" "${data[@]}" --engine both > "$tmp/memory" <<'PYTHON'
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
PYTHON
tools/bounds.py "$net" --rows 16 --cols 16 --peak 64 --json > "$tmp/bounds.json"

/usr/bin/python3 - "$tmp" "$runs" <<'PYTHON'
import json, statistics, sys
tmp, runs = sys.argv[1], int(sys.argv[2])
def load(name):
    with open(f"{tmp}/{name}") as file:
        return json.load(file)
def seconds(kind, count):
    return statistics.median(load(f"{kind}{i}.json")["provenance"]["simulation_seconds"] for i in range(1, count + 1))
rtl = load("rtl1.json")
cycles = rtl["totals"]["cycles"]
bound = load("bounds.json")["network"]["lower_bound"]
rows = [layer for layer in rtl["layers"] if layer["operator"].startswith("conv 3x3")][1:]
figures = [
    ("RTL speed, 16x16, waves off", f"{cycles / seconds('rtl', 3):,.0f} cycles/s", ">= 150,000"),
    ("model, timing only", f"{1e3 * seconds('timing', runs):.2f} ms", "<= 3"),
    ("model, functional", f"{1e3 * seconds('functional', runs):.2f} ms", "<= 10"),
    ("least mac_utilisation of the 3x3 layers", f"{100 * min(r['mac_utilisation'] for r in rows):.1f} %", ">= 85"),
    ("network cycles", f"{cycles:,} = {cycles / bound:.3f} x bound of {bound:,}", ""),
    ("peak memory", f"{open(tmp + '/memory').read().strip()} MB", "< 500"),
]
print("ResNet-8 on edge-16x16")
for name, figure, goal in figures:
    print(f"  {name:<42} {figure:<36} {goal}")
for row in rows:
    print(f"    {row['name']:<28} {row['operator']:<14} mac_utilisation {100 * row['mac_utilisation']:.1f} %")
PYTHON
