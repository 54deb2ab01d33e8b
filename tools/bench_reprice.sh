#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How long repricing a database takes (docs/results.md). Usage: tools/bench_reprice.sh [--points N] [--draws N]
set -euo pipefail
exec "$(dirname "$0")/bench_reprice.py" "$@"
