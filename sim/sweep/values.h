// SPDX-License-Identifier: Apache-2.0
// Lists of values in a sweep file, and the ranges that may stand for them.
#pragma once

#include <string>
#include <vector>

#include "sim/sweep/spec_file.h"

namespace systole::sweep {

/// A value of a list: a node, or a number of the range that stands there.
struct Value {
  YAML::Node node;   ///< where it stands
  std::string text;  ///< of a scalar or number; empty for maps and lists
};

/// Whether `node` is a range: a map with `from`, `to` or `step`.
bool is_range(const YAML::Node& node);

/// The values of a list, ranges in it, {from: 8, to: 128, step: x2} or {from: 0, to: 64, step: 16},
/// written out; or of one range. Throws Error with place.
std::vector<Value> read_values(const SpecFile& file, const YAML::Node& key,
                               const YAML::Node& values);

}  // namespace systole::sweep
