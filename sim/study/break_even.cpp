// SPDX-License-Identifier: Apache-2.0
// Bisects all rows together, so that their points run at the same time.
#include "sim/study/break_even.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace systole::study {
namespace {

constexpr double kNear = 1.05;  // ratio of two values that are not told apart
constexpr std::array<const char*, 3> kNames = {"bandwidth", "batch", "area"};
constexpr std::array<const char*, 3> kUnits = {" GB/s", "", " mm2"};

/// The ends of what is left of the range for a row.
struct Bracket {
  double low, high;
  bool wins_low = false, wins_high = false;
  std::string failure;

  bool is_open(BreakEvenAxis axis) const {
    if (!failure.empty() || wins_low == wins_high) return false;
    return axis == BreakEvenAxis::kBatch ? high - low > 1 : high / low > kNear;
  }
  double middle(BreakEvenAxis axis) const {
    const double value = std::sqrt(low * high);
    if (axis == BreakEvenAxis::kBatch)
      return std::min(std::max(std::round(value), low + 1), high - 1);
    return std::stod(fmt::format("{:.4g}", value));
  }
};

bool wins(const BreakEvenAnswer& answer) { return answer.cost <= answer.first_cost * (1 - kWins); }

BreakEven result_of(const Bracket& bracket) {
  using Where = BreakEven::Where;
  if (!bracket.failure.empty()) return {Where::kNowhere, 0, bracket.failure};
  if (bracket.wins_low && bracket.wins_high) return {Where::kEverywhere, 0, ""};
  if (bracket.wins_low) return {Where::kBelow, bracket.low, ""};
  if (bracket.wins_high) return {Where::kAbove, bracket.high, ""};
  return {};
}

std::string value_text(double value, BreakEvenAxis axis) {
  return fmt::format("{:.3g}{}", value, kUnits[static_cast<size_t>(axis)]);
}

}  // namespace

BreakEvenAxis break_even_axis(const std::string& name) {
  size_t at = 0;
  while (at + 1 < kNames.size() && name != kNames[at]) ++at;
  return static_cast<BreakEvenAxis>(at);
}

const char* name_of(BreakEvenAxis axis) { return kNames[static_cast<size_t>(axis)]; }

std::vector<BreakEven> find_break_even(size_t rows, const BreakEvenRange& range,
                                       const AskBreakEven& ask) {
  std::vector<Bracket> brackets(rows, {range.low, range.high, false, false, ""});
  std::vector<BreakEvenQuestion> questions;
  for (size_t row = 0; row < rows; ++row)
    for (const double end : {range.low, range.high}) questions.push_back({row, end});
  bool at_ends = true;
  while (!questions.empty()) {
    const std::vector<BreakEvenAnswer> answers = ask(questions);
    for (size_t i = 0; i < questions.size(); ++i) {
      const auto& [row, value] = questions[i];
      Bracket& bracket = brackets[row];
      if (!answers[i].failure.empty()) bracket.failure = answers[i].failure;
      const bool won = wins(answers[i]);
      if (at_ends)
        (value == range.low ? bracket.wins_low : bracket.wins_high) = won;
      else
        (won == bracket.wins_low ? bracket.low : bracket.high) = value;
    }
    at_ends = false;
    questions.clear();
    for (size_t row = 0; row < rows; ++row)
      if (brackets[row].is_open(range.axis))
        questions.push_back({row, brackets[row].middle(range.axis)});
  }
  std::vector<BreakEven> found;
  found.reserve(rows);
  for (const Bracket& bracket : brackets) found.push_back(result_of(bracket));
  return found;
}

std::string break_even_text(const BreakEven& found, const BreakEvenRange& range) {
  using Where = BreakEven::Where;
  if (!found.failure.empty()) return "where it gains is not known: " + found.failure;
  const bool batch = range.axis == BreakEvenAxis::kBatch;
  const std::string of = batch ? "a batch of " : "";
  const std::string span =
      fmt::format("from {}{:.3g} to {}", of, range.low, value_text(range.high, range.axis));
  switch (found.where) {
    case Where::kNowhere:
      return "gains nowhere " + span;
    case Where::kEverywhere:
      return "gains everywhere " + span;
    case Where::kBelow:
      return fmt::format("gains up to {}{}", of, value_text(found.value, range.axis));
    case Where::kAbove:
      return fmt::format("gains from {}{} on", of, value_text(found.value, range.axis));
  }
  return "";
}

}  // namespace systole::study
