// SPDX-License-Identifier: Apache-2.0
// Plans of the layers of a network that were asked for before.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "compiler/lower/tiling.h"

namespace systole::lower {

/// Answers what plan_layer does, and remembers it: the best plan for some space is the best for
/// each part of it that the plan fits, and equal layers have equal plans.
class KnownPlans {
 public:
  /// Both must stay.
  KnownPlans(const std::vector<Layer>& layers, const arch::ArchConfig& arch);

  /// The cheapest plan of the layer `index`; nothing if none fits.
  std::optional<Plan> best(size_t index, const Residence& residence, const FreeSpace& space,
                           bool pack_rows) {
    return best_band(index, kAllRows, residence, space, pack_rows);
  }
  /// The same of `rows` output rows of one item.
  std::optional<Plan> best_band(size_t index, int64_t rows, const Residence& residence,
                                const FreeSpace& space, bool pack_rows);

 private:
  static constexpr int64_t kAllRows = 0;  ///< of all items

  struct Question {
    size_t layer;  ///< the first of those alike
    int64_t rows;
    Residence residence;
    bool pack_rows;
    // clang-tidy 14 takes the 0 that it is compared with for a pointer.
    auto operator<=>(const Question&) const = default;  // NOLINT(modernize-use-nullptr)
  };
  struct Answer {
    FreeSpace space;
    std::optional<Plan> plan;
  };
  struct Answers {
    std::optional<std::optional<Plan>> anywhere;  ///< with all of the unified buffer to itself
    std::vector<Answer> elsewhere;                ///< in spaces that it does not fit
  };

  const std::vector<Layer>& layers_;
  const arch::ArchConfig& arch_;
  const FreeSpace whole_;
  std::vector<size_t> alike_;  ///< by layer: the first that has the same plans
  std::map<Question, Answers> answers_;
};

}  // namespace systole::lower
