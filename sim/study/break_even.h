// SPDX-License-Identifier: Apache-2.0
// From which bandwidth, batch or area on a choice wins: bisection on simulated points.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace systole::study {

enum class BreakEvenAxis { kBandwidth, kBatch, kArea };

/// Of "bandwidth", "batch" or "area".
BreakEvenAxis break_even_axis(const std::string& name);
const char* name_of(BreakEvenAxis axis);

/// What is looked through.
struct BreakEvenRange {
  BreakEvenAxis axis = BreakEvenAxis::kBandwidth;
  double low = 0, high = 0;  ///< GB/s, inputs, mm2
};

/// Where a choice wins, within the range.
struct BreakEven {
  enum class Where { kNowhere, kEverywhere, kBelow, kAbove };
  Where where = Where::kNowhere;
  double value = 0;  ///< kBelow, kAbove: the last value, the first one that it was seen to win at
  std::string failure;  ///< why it is not known; empty: it is
};

/// It wins where it costs less than the first row by this share.
inline constexpr double kWins = 0.01;

/// What a question costs: a row (by number) at a value, and the first row at the same.
struct BreakEvenQuestion {
  size_t row = 0;
  double value = 0;
};
struct BreakEvenAnswer {
  double cost = 0, first_cost = 0;
  std::string failure;
};
/// Answers all at once, in their order.
using AskBreakEven =
    std::function<std::vector<BreakEvenAnswer>(const std::vector<BreakEvenQuestion>&)>;

/// Of each of `rows`: asks at both ends of the range, and where it wins at one of them alone halves
/// the way to the other, in proportion, until they are within 5 % (batches: next to each other).
/// It is taken to turn once in between.
std::vector<BreakEven> find_break_even(size_t rows, const BreakEvenRange& range,
                                       const AskBreakEven& ask);

/// "gains below 3.1 GB/s".
std::string break_even_text(const BreakEven& found, const BreakEvenRange& range);

}  // namespace systole::study
