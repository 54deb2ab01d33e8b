// SPDX-License-Identifier: Apache-2.0
// A join of values that the network has rounded to different steps has codes of its own where one
// step makes all of theirs integers: each part is rescaled into it exactly.
#include <algorithm>
#include <cmath>
#include <vector>

#include "compiler/passes/passes.h"
#include "compiler/passes/stated_codes.h"

namespace systole::passes {

namespace {

constexpr int kLowest = -128, kHighest = 127;

/// Integers of the step `scale`, zero among them.
struct Reach {
  int low = 0, high = 0;
  bool fits() const { return high - low <= kHighest - kLowest; }
};

/// What the numbers of `codes` are in steps of `scale`; nothing if one of them is no integer.
std::optional<Reach> in_steps(const graph::Codes& codes, float scale) {
  Reach reach;
  for (int code = codes.lo; code <= codes.hi; ++code) {
    const float value = static_cast<float>(code - codes.zero) * codes.scale;
    const float steps = std::nearbyint(value / scale);
    if (steps * scale != value || std::fabs(steps) > kHighest - kLowest) return std::nullopt;
    reach.low = std::min(reach.low, static_cast<int>(steps));
    reach.high = std::max(reach.high, static_cast<int>(steps));
  }
  return reach;
}

/// Codes that hold every number of `parts`; nothing if 8 bits of the smallest step do not.
std::optional<graph::Codes> common_codes(const std::vector<graph::Codes>& parts) {
  graph::Codes common;
  common.scale = std::min_element(parts.begin(), parts.end(), [](const auto& a, const auto& b) {
                   return a.scale < b.scale;
                 })->scale;
  Reach all;
  for (const graph::Codes& codes : parts) {
    const auto reach = in_steps(codes, common.scale);
    if (!reach) return std::nullopt;
    all = {std::min(all.low, reach->low), std::max(all.high, reach->high)};
  }
  if (!all.fits()) return std::nullopt;
  common.zero = all.low >= kLowest && all.high <= kHighest ? 0 : kLowest - all.low;
  common.lo = all.low + common.zero;
  common.hi = all.high + common.zero;
  return common;
}

}  // namespace

void join_codes(graph::Graph& graph) {
  for (const graph::Node& join : graph.nodes) {
    if (!is_join(join) || join.clamped() || join.function || stated_codes(graph, join.output))
      continue;
    std::vector<graph::Codes> parts;
    for (const graph::ValueId part : join.inputs) {
      const auto codes = stated_codes(graph, part);
      if (!codes || codes->bipolar) break;
      parts.push_back(*codes);
    }
    if (parts.size() == join.inputs.size())
      graph.values[static_cast<size_t>(join.output)].codes = common_codes(parts);
  }
}

}  // namespace systole::passes
