// SPDX-License-Identifier: Apache-2.0
// Sweeps as YAML (docs/sweep.md): a space of networks, architectures, widths, prunings, overrides,
// memories and batches.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sim/sweep/constraints.h"

namespace systole::sweep {

struct SweepSpec {
  std::vector<SweepPoint> points;  ///< networks change slowest, batches fastest
  std::vector<std::string> keys;   ///< every key that a point overrides, in the order of the file
  std::vector<std::string> subjects;           ///< what else points differ in, of kOptionalSubjects
  size_t drawn = 0;                            ///< points before `where`
  std::vector<Constraint> where;               ///< what dropped how many of them
  std::vector<expression::Expression> limits;  ///< what results are held to, over limit_keys()
};

/// Columns that rows have if the file has values for them.
inline constexpr const char* kOptionalSubjects[] = {"shape", "calib_method", "host_fallback"};

/// Reads `file`; networks and architecture files are relative to it. Throws Error with file, line
/// and column: unknown or missing keys, values of the wrong kind, networks and names that are not
/// there.
SweepSpec load_sweep(const std::filesystem::path& file);

}  // namespace systole::sweep
