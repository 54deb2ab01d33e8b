#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Points a second a core of sweeps (docs/sweep.md). Usage: tools/bench_sweep.sh [NAME...]
set -euo pipefail
exec "$(dirname "$0")/bench_sweep.py" "$@"
