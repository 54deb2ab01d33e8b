#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An RTL engineer's way from a hang to the line that makes it, and to a verdict on the mended RTL (docs/tour_rtl.md): nine
# commands, shown with what they print. systole-bugs stands beside systole, where the tests are built.
set -euo pipefail
cd "$(dirname "$0")/../.."
programs=$(dirname "$(realpath "${SYSTOLE:-build/release/bin/systole}")")
for program in systole systole-bugs; do
  [ -x "$programs/$program" ] || { echo "rtl.sh: $programs/$program is missing, run tools/build.sh first" >&2; exit 1; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
PATH=$programs:$PATH
export COLUMNS=120

# Shows a command as a person would type it, and runs it; a difference that was found is an exit code of 1.
show() {
  printf '$ %s\n' "${1//$folder\//}"
  (set +o pipefail; eval "$1") 2>&1 | sed "s#$folder/##g"
  echo
}

show "systole-bugs cosim --bug 2 --random 100 --arch edge-4x4 -o $folder/found | sed -n '2,5p;/status: rtl has/p;/state of/,/^sto /p'"
show "systole disasm $folder/found/program.sysb -o $folder/p.s && grep -E '^[a-z_]+ .*signal=[a-z,]*vpu' $folder/p.s | grep ^sto | sed 's/dram.*#/#/'"
show "grep -E '^(vector|sync_vpu) .*wait=[a-z,]*sto' $folder/p.s | sed 's/src.*#/#/'"
show "systole run $folder/found/program.sysb --retire-log $folder/model.csv | tail -n 1"
show "grep -E '^(pc|3|19|30|29|48|57),' $folder/model.csv | cut -d , -f 1-3,7-8"
show "systole-bugs wave $folder/found/program.sysb --bug 2 --cycles 1160:1176 -o $folder/w | tail -n 1 | sed s/overview/issue/"
show "cp -r rtl $folder/own && patch -p2 -d $folder/own < tests/bugs/2.patch && grep -n -A 1 'take_i.*tokens_q' $folder/own/sys_sem.sv"
show "patch -R -p2 -d $folder/own < tests/bugs/2.patch && grep -n -A 1 'give_i.*take_i.*)' $folder/own/sys_sem.sv"
show "SYSTOLE_RTL_DIR=$folder/own systole cosim --random 100 --arch edge-4x4 | tail -n 1"
