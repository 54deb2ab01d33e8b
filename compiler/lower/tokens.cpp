// SPDX-License-Identifier: Apache-2.0
// Token assignment with one clock per unit: what an instruction knows to have ended when it begins.
#include "compiler/lower/tokens.h"

#include <algorithm>

namespace systole::lower {
namespace {

/// clock[u]: the latest operation of unit u known to have ended. Operations of a unit keep their
/// order, so their indices compare as their times do.
using Clock = Dependencies;

void merge(Clock& clock, const Clock& other) {
  for (int u = 0; u < isa::kUnits; ++u) clock[u] = std::max(clock[u], other[u]);
}

}  // namespace

std::vector<TokenSets> assign_tokens(const TileProgram& program,
                                     const std::vector<Dependencies>& dependencies,
                                     const std::vector<OpIndex>& order) {
  std::vector<TokenSets> sets(program.ops.size());
  std::vector<Clock> clocks(program.ops.size());
  Clock nothing;
  nothing.fill(kNoOp);
  std::array<Clock, isa::kUnits> unit_clocks;
  unit_clocks.fill(nothing);

  std::vector<OpIndex> position(program.ops.size());
  for (size_t i = 0; i < order.size(); ++i) position[order[i]] = static_cast<OpIndex>(i);

  for (const OpIndex op : order) {
    const int unit = static_cast<int>(unit_of(program.ops[op].instruction));
    Clock& clock = unit_clocks[unit];
    // The latest producer first: what it waited for itself may cover the others.
    std::vector<int> producers;
    for (int u = 0; u < isa::kUnits; ++u)
      if (dependencies[op][u] != kNoOp) producers.push_back(u);
    std::sort(producers.begin(), producers.end(), [&](int a, int b) {
      return position[dependencies[op][a]] > position[dependencies[op][b]];
    });
    for (const int p : producers) {
      const OpIndex producer = dependencies[op][p];
      if (clock[p] >= producer) continue;
      sets[producer].signal |= static_cast<uint16_t>(1u << unit);
      sets[op].wait |= static_cast<uint16_t>(1u << p);
      merge(clock, clocks[producer]);
      clock[p] = producer;
    }
    clocks[op] = clock;
  }
  return sets;
}

}  // namespace systole::lower
