#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Time and bytes of merging databases (docs/sweep.md). Usage: tools/bench_merge.sh [--points N] [--shards N] [--layers]
set -euo pipefail
exec "$(dirname "$0")/bench_merge.py" "$@"
