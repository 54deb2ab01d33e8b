// SPDX-License-Identifier: Apache-2.0
// Plans of the layers of a network that were asked for before.
#pragma once

#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "compiler/lower/tiling.h"

namespace systole::lower {

/// Answers what plan_layer does, and remembers it: the best plan for some space is the best for
/// each part of it that the plan fits.
class PlanTables {
 public:
  /// Both must stay.
  PlanTables(const std::vector<Layer>& layers, const arch::ArchConfig& arch);

  /// The cheapest plan of the layer `index`; nothing if none fits.
  std::optional<Plan> best(size_t index, const Residence& residence, const FreeSpace& space,
                           bool pack_rows);
  /// The same of `rows` output rows of one item.
  std::optional<Plan> best_band(size_t index, int64_t rows, const Residence& residence,
                                const FreeSpace& space, bool pack_rows);

 private:
  using Key = std::tuple<size_t, int64_t, int, bool>;  ///< layer, rows, residence, pack_rows
  struct Answer {
    FreeSpace space;
    std::optional<Plan> plan;
  };
  std::optional<Plan> answer(const Key& key, const Layer& layer, const Residence& residence,
                             const FreeSpace& space);

  const std::vector<Layer>& layers_;
  const arch::ArchConfig& arch_;
  std::vector<size_t> alike_;  ///< by layer: the first that has the same plans
  std::map<Key, std::vector<Answer>> answers_;
};

}  // namespace systole::lower
