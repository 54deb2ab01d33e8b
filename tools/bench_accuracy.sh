#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Multiplications a second of the bit-exact executor (docs/speed.md). Usage: tools/bench_accuracy.sh [NETWORK.onnx...]
set -euo pipefail
exec "$(dirname "$0")/bench_accuracy.py" "$@"
