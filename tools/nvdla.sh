#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ResNet-50 at the seven published NVDLA points: our frames per second beside theirs (docs/quality.md).
# Usage: tools/nvdla.sh [--out DIR with networks]; exit code 1 if a goal is missed.
set -euo pipefail
exec "$(dirname "$0")/quality.py" "$@" nvdla
