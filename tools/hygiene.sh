#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The rules that files keep, without a build: format, licence lines, links, lists, generated files, rooms, Python that compiles.
set -uo pipefail
cd "$(dirname "$0")/.."
status=0
for check in spdx whitespace columns finished format generated links lists views; do
  python3 tests/docs/hygiene.py "$check" || status=1
done
rooms=$(python3 tests/docs/rooms.py) || { echo "$rooms"; status=1; }
# Into a folder of its own: no __pycache__ stays in the tree.
cache=$(mktemp -d)
trap 'rm -rf "$cache"' EXIT
PYTHONPYCACHEPREFIX=$cache python3 -m compileall -q model/isa tests tools -x node_modules || status=1
exit "$status"
