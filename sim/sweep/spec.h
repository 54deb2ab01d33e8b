// SPDX-License-Identifier: Apache-2.0
// Sweeps as YAML (docs/sweep.md): the product of networks, architectures, widths, prunings,
// overrides, memories and batches.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sim/sweep/point.h"

namespace systole::sweep {

struct SweepSpec {
  std::vector<SweepPoint> points;  ///< networks change slowest, batches fastest
  std::vector<std::string> keys;   ///< every key that a point overrides, in the order of the file
};

/// Reads `file`; networks and architecture files are relative to it. Throws Error with file and
/// line: unknown or missing keys, values of the wrong kind, networks that are not there.
SweepSpec load_sweep(const std::filesystem::path& file);

}  // namespace systole::sweep
