#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Writes the cycles of this build into tests/system/cycles.txt and prints what changed; the diff is for a reviewer to read.
set -euo pipefail
cd "$(dirname "$0")/.."
exec tests/system/cycles.py "${SYSTOLE:-build/release/bin/systole}" --refresh
