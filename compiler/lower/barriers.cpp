// SPDX-License-Identifier: Apache-2.0
// One pass over the operations, group after group.
#include "compiler/lower/barriers.h"

#include <algorithm>

namespace systole::lower {
namespace {

/// By tag of a layer: its group.
std::vector<size_t> groups_of_tags(const std::vector<LayerGroup>& groups) {
  std::vector<size_t> found(1);
  for (size_t g = 0; g < groups.size(); ++g) {
    found.resize(static_cast<size_t>(groups[g].layers.end()) + 1);
    for (int64_t i = groups[g].layers.first; i < groups[g].layers.end(); ++i)
      found[static_cast<size_t>(i) + 1] = g;
  }
  return found;
}

}  // namespace

void separate_groups(const TileProgram& program, const std::vector<LayerGroup>& groups,
                     const std::vector<OpIndex>& starts, std::vector<Dependencies>& dependencies) {
  const std::vector<size_t> group_of = groups_of_tags(groups);
  Dependencies before = kNoDependencies,
               last = kNoDependencies;  // the last of each unit: before the group, and so far
  size_t group = 0;
  for (size_t k = 0; k < program.ops.size(); ++k) {
    const TileOp& op = program.ops[k];
    const size_t now = group_of.at(op.tag);
    const bool starts_anew =
        std::binary_search(starts.begin(), starts.end(), static_cast<OpIndex>(k));
    if (now != group || starts_anew) {
      group = now;
      before = last;
    }
    const auto unit = static_cast<size_t>(unit_of(op.instruction));
    const bool first = last[unit] == before[unit];
    for (size_t other = 0; first && other < before.size(); ++other)
      if (other != unit) dependencies[k][other] = std::max(dependencies[k][other], before[other]);
    last[unit] = static_cast<OpIndex>(k);
  }
}

}  // namespace systole::lower
