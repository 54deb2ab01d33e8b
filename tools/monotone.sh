#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# More never costs: whether cycles rise with a resource, or as a network is pruned or narrowed (docs/quality.md).
# Usage: tools/monotone.sh [NETWORK...] [--axes AXIS...]; exit code 1 if a goal is missed.
set -euo pipefail
exec "$(dirname "$0")/monotone.py" "$@"
