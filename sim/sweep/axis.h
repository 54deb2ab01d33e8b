// SPDX-License-Identifier: Apache-2.0
// Axes of a space: alternatives, each of which changes a point.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "sim/sweep/point.h"

namespace systole::sweep {

/// One value of an axis, or several that go together.
struct Choice {
  std::function<void(SweepPoint&)> change;
  std::set<std::string> keys;  ///< what it says of a point
  std::string text = "";       ///< as the file has it, if that is a scalar or a number of a range
};

struct Axis {
  std::string key;  ///< as the file calls it
  std::vector<Choice> choices;
};

/// How many points are taken of the product of the axes, and how.
struct Sampling {
  size_t samples = 0;  ///< 0: all
  uint64_t seed = 1;
  bool latin_hypercube = false;  ///< each value of an axis as often as any other of it
};

/// A choice of each axis, by number.
using Position = std::vector<uint32_t>;

/// The point there. What a network says for itself (Choice::keys) no axis changes.
SweepPoint point_at(const std::vector<Axis>& axes, const SweepPoint& start,
                    const Position& position);
/// The first of those positions that are the same point for that reason.
Position tidied(const std::vector<Axis>& axes, Position position);
/// As many different ones as `sampling` wants, or fewer, as some coincide; in the order of the
/// product. Throws Error if the product is too large to be numbered.
std::set<Position> draw_positions(const std::vector<Axis>& axes, const Sampling& sampling);

/// Points in the order of the product, the first axis slowest: all, or samples. Those that
/// coincide are there once. Throws Error if there are more than `most`.
std::vector<SweepPoint> make_points(const std::vector<Axis>& axes, const Sampling& sampling,
                                    const SweepPoint& start, size_t most);

}  // namespace systole::sweep
