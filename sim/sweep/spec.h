// SPDX-License-Identifier: Apache-2.0
// Sweeps as YAML (docs/sweep.md): a space of networks, architectures, widths, prunings, overrides,
// memories and batches.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/sweep/axis.h"
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
inline constexpr const char* kOptionalSubjects[] = {
    "precision", "shape", "calib_method", "host_fallback", "repeat", "data", "calib"};

/// A space whose points are made one after the other: a sweep file, but for those keys that
/// `others` takes.
class SweepSpace {
 public:
  /// Reads a key that no sweep has; false: it is unknown here too. May throw.
  using OtherKey =
      std::function<bool(const SpecFile& file, const YAML::Node& key, const YAML::Node& value)>;
  /// Throws Error as load_sweep does; samples are an error too.
  SweepSpace(const std::filesystem::path& file, const OtherKey& others);
  ~SweepSpace();
  SweepSpace(const SweepSpace&) = delete;
  SweepSpace& operator=(const SweepSpace&) = delete;

  const std::vector<Axis>& axes() const;
  uint64_t seed() const;
  bool has_workload() const;
  /// The point there, derived values included, without a network if there is a workload; and what
  /// of `where` it fails.
  std::pair<SweepPoint, std::vector<results::FailedLimit>> point_at(const Position& position);
  /// A sweep of these points, or of these machines with the networks of the workload. All points
  /// that it makes have the keys and limits of the file.
  SweepSpec spec_of(std::vector<SweepPoint> points) const;
  /// Of all points of a sweep file.
  static SweepSpec all(const std::filesystem::path& file);

 private:
  class Reader;
  std::unique_ptr<Reader> reader_;
};

/// Reads `file`; networks and architecture files are relative to it. Throws Error with file, line
/// and column: unknown or missing keys, values of the wrong kind, networks and names that are not
/// there.
SweepSpec load_sweep(const std::filesystem::path& file);

}  // namespace systole::sweep
