#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Writes the cycles of this build into tests/system/cycles.txt and docs/python.md and prints what changed; the diff is for a
# reviewer to read.
set -euo pipefail
cd "$(dirname "$0")/.."
systole=${SYSTOLE:-build/release/bin/systole}
/usr/bin/python3 -B tests/python/page.py "$systole" python --refresh
git --no-pager diff --unified=0 docs/python.md
exec tests/system/cycles.py "$systole" --refresh
