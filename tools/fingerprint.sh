#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints the first digits of a hash of the sources that decide the results of a run: model, compiler, platform, reports,
# estimates, and the configurations that come with them. Two builds with the same digits give the same results.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C

folders=(model compiler sim/platform sim/engine sim/report sim/energy sim/session sim/sweep configs/energy configs/memory)
{
  find "${folders[@]}" -type f \( -name '*.h' -o -name '*.cpp' -o -name '*.toml' -o -name '*.yaml' \)
  find configs -maxdepth 1 -type f -name '*.yaml'
} | sort | tr '\n' '\0' | xargs -0 sha256sum | sha256sum | cut -c 1-12
