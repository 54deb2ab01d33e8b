// SPDX-License-Identifier: Apache-2.0
// Which rows of a study are usable, and which of them no other one beats.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/study/break_even.h"
#include "sim/study/figures.h"

namespace systole::study {

/// One variant at one batch.
struct StudyRow {
  size_t variant = 0;
  int64_t batch = 1;
  StudyRun run;
  std::vector<std::string> changes;  ///< of the machine: "key=value"
  std::optional<double> top1;        ///< percent; none: no data, or no figures
  double top1_error = 0;             ///< its standard error, in points
  double chance = 0;                 ///< percent that guessing gives
  std::string why;                   ///< what the choice changed, and why not more
  std::optional<BreakEven> break_even;
  bool unusable = false;  ///< hardly better than guessing
  bool front = false;     ///< no row of its batch is better, see judge
};

/// Points above chance that a network must have to be of use.
inline constexpr double kPointsAboveChance = 5;

/// Whether the row has a top-1 that is not more than kPointsAboveChance points above chance.
bool is_unusable(const StudyRow& row);

/// Marks rows: unusable, as is_unusable says; front, if they are usable and no usable row of the
/// same batch is at least as good in latency, energy per inference and top-1, and better in one.
/// Rows without top-1 are neither.
void judge(std::vector<StudyRow>& rows);

}  // namespace systole::study
