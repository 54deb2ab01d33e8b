#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Refreshes everything that is generated from model/isa/isa.toml. With --check: says what is out of date.
set -euo pipefail
cd "$(dirname "$0")/.."
out=.
if [ "${1:-}" = --check ]; then
  out=$(mktemp -d)
  trap 'rm -rf "$out"' EXIT
fi
python3 model/isa/generate.py model/isa/isa.toml --cpp "$out/model/isa/isa.h" --sv "$out/rtl/sys_isa_pkg.sv" \
  --isa-md "$out/docs/isa.md" --counters-md "$out/docs/counters.md" --params-md "$out/docs/parameters.md" \
  --causes-txt "$out/waveforms/cause.txt" --opcodes-txt "$out/waveforms/opcode.txt"
[ "$out" = . ] && exit 0
status=0
for file in model/isa/isa.h rtl/sys_isa_pkg.sv docs/isa.md docs/counters.md docs/parameters.md \
  waveforms/cause.txt waveforms/opcode.txt; do
  if ! cmp -s "$out/$file" "$file"; then
    echo "$file is not what model/isa/isa.toml gives: run tools/generate.sh" >&2
    status=1
  fi
done
exit $status
