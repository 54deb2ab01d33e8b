#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Networks on the stock arrays: cycles beside the sum of the layer bounds (docs/quality.md).
# Usage: tools/quality.sh [--out DIR with networks]; exit code 1 if a goal is missed.
set -euo pipefail
exec "$(dirname "$0")/quality.py" "$@" arrays
