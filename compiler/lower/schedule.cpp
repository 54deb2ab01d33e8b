// SPDX-License-Identifier: Apache-2.0
// A stable sort by key: computing instructions keep their place, loads take the earliest legal one.
#include "compiler/lower/schedule.h"

#include <algorithm>
#include <numeric>

namespace systole::lower {
namespace {

/// For each operation the place from which it is no longer ahead: of a load_weights the last matmul
/// that takes its tiles, of another load the first operation that depends on it or, if only later
/// loads are depended on, on the next such load. kNoOp if there is none.
std::vector<OpIndex> find_consumers(const TileProgram& program,
                                    const std::vector<Dependencies>& dependencies) {
  std::vector<OpIndex> consumers(program.ops.size(), kNoOp);
  for (size_t k = 0; k < program.ops.size(); ++k) {
    const auto index = static_cast<OpIndex>(k);
    if (program.ops[k].weights != kNoOp) consumers[program.ops[k].weights] = index;
    const OpIndex load = dependencies[k][static_cast<int>(isa::Unit::kLda)];
    if (load != kNoOp && consumers[load] == kNoOp) consumers[load] = index;
  }
  OpIndex next = kNoOp;
  for (size_t k = program.ops.size(); k-- > 0;) {
    if (unit_of(program.ops[k].instruction) != isa::Unit::kLda) continue;
    if (consumers[k] == kNoOp) consumers[k] = next;
    next = consumers[k];
  }
  return consumers;
}

}  // namespace

std::vector<OpIndex> schedule(const TileProgram& program,
                              const std::vector<Dependencies>& dependencies, int queue_depth) {
  const std::vector<OpIndex> consumers = find_consumers(program, dependencies);
  std::vector<OpIndex> keys(program.ops.size());
  std::array<std::vector<OpIndex>, isa::kUnits> loads;
  for (size_t k = 0; k < program.ops.size(); ++k) {
    keys[k] = static_cast<OpIndex>(k);
    const isa::Unit unit = unit_of(program.ops[k].instruction);
    if (unit != isa::Unit::kLda && unit != isa::Unit::kLdw) continue;
    std::vector<OpIndex>& before = loads[static_cast<int>(unit)];
    OpIndex key = before.empty() ? 0 : keys[before.back()];
    for (const OpIndex dependency : dependencies[k])
      if (dependency != kNoOp) key = std::max(key, keys[dependency]);
    if (before.size() >= static_cast<size_t>(queue_depth))
      key = std::max(key, consumers[before[before.size() - queue_depth]]);
    // Never later than where it was: its own consumer may be the one that the bound names.
    keys[k] = std::min(key, static_cast<OpIndex>(k));
    before.push_back(static_cast<OpIndex>(k));
  }
  std::vector<OpIndex> order(program.ops.size());
  std::iota(order.begin(), order.end(), 0);
  // Of equal keys the earlier operation goes first: a load comes right after what its key names.
  std::stable_sort(order.begin(), order.end(),
                   [&](OpIndex a, OpIndex b) { return keys[a] < keys[b]; });
  return order;
}

}  // namespace systole::lower
