// SPDX-License-Identifier: Apache-2.0
// Sweeps as YAML (docs/sweep.md): a space of networks, architectures, widths, prunings, overrides,
// memories and batches.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sim/sweep/constraints.h"
#include "sim/sweep/workload.h"

namespace systole::sweep {

struct SweepSpec {
  std::vector<SweepPoint> points;  ///< networks change slowest, batches fastest
  std::vector<std::string> keys;   ///< every key that a point overrides, in the order of the file
  std::vector<std::string> subjects;           ///< what else points differ in, of kOptionalSubjects
  size_t drawn = 0;                            ///< points before `where`
  std::vector<Constraint> where;               ///< what dropped how many of them
  std::vector<expression::Expression> limits;  ///< what results are held to, over limit_keys()
  /// Empty, or the networks that each machine of `groups` runs: group g has the points from
  /// g * workload.size().
  std::vector<Member> workload;
  std::vector<SweepPoint> groups;  ///< without networks
  bool has_baseline = false;       ///< group 0 is what others are compared with

  /// Those that point `index` is held to.
  std::vector<expression::Expression> limits_of(size_t index) const;
  bool has_limits() const;
  /// Whether point `index` is one of those that machines of a workload are compared with.
  bool is_baseline(size_t index) const { return has_baseline && index < workload.size(); }
};

/// Columns that rows have if the file has values for them.
inline constexpr const char* kOptionalSubjects[] = {"shape",  "calib_method", "host_fallback",
                                                    "repeat", "data",         "calib"};

/// Reads `file`; networks and architecture files are relative to it. Throws Error with file, line
/// and column: unknown or missing keys, values of the wrong kind, networks and names that are not
/// there.
SweepSpec load_sweep(const std::filesystem::path& file);

}  // namespace systole::sweep
