// SPDX-License-Identifier: Apache-2.0
// What a sweep derives of its points, and which of them it drops before they cost anything.
#pragma once

#include <string>
#include <vector>

#include "sim/expression/expression.h"
#include "sim/results/store.h"
#include "sim/sweep/point_keys.h"
#include "sim/sweep/point_values.h"
#include "sim/sweep/spec_file.h"

namespace systole::sweep {

/// Reads one expression, or a list of them, into the parts that `and` joins. Throws Error with
/// place: what was found and what was expected.
std::vector<expression::Expression> read_conditions(const SpecFile& file, const YAML::Node& node,
                                                    const std::vector<std::string>& known);

/// A part of `where`, and how many points it drops.
struct Constraint {
  expression::Expression condition;
  size_t drops = 0;
};

class Constraints {
 public:
  /// `file` outlives it.
  explicit Constraints(const SpecFile& file) : file_(file) {}
  /// `derive`: a map of keys of an architecture to expressions. `keys` knows which.
  void read_derived(const YAML::Node& key, const YAML::Node& map, const PointKeys& keys);
  /// Tells `keys` what is derived. Throws Error if another part of the file says it too.
  void name_derived(PointKeys& keys) const;
  void read_where(const YAML::Node& node);

  /// Gives each point its derived values, then drops those that `where` does not hold for. Throws
  /// Error: values that cannot be computed, nothing left.
  void apply(std::vector<SweepPoint>& points);
  const std::vector<Constraint>& where() const { return where_; }
  /// Gives `point` its derived values; the conditions of `where` that it fails, each by which share
  /// of its limit.
  std::vector<results::FailedLimit> derive_and_check(SweepPoint& point);

 private:
  struct Derived {
    std::string key;
    expression::Expression value;
    YAML::Node node;
  };
  void derive(SweepPoint& point);
  bool holds(const SweepPoint& point);

  const SpecFile& file_;
  std::vector<Derived> derived_;
  std::vector<Constraint> where_;
  YAML::Node where_node_;
  PointValues values_;
};

}  // namespace systole::sweep
