#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Refreshes everything that is generated from model/isa/isa.toml. With --check: says what is out of date.
set -euo pipefail
exec python3 -B "$(dirname "$0")/../model/isa/generate.py" "$@"
