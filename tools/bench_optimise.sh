#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How much of the true front a search finds (docs/optimise.md). Usage: tools/bench_optimise.sh [--exact] [--share PERCENT] [--seeds N] [SPEC.yaml]...
set -euo pipefail
exec "$(dirname "$0")/bench_optimise.py" "$@"
