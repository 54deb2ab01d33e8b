// SPDX-License-Identifier: Apache-2.0
// Sums over items, and what items of the same kind would have changed of them.
#include "sim/metric/figure.h"

#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>

namespace systole::metric {
namespace {

Score sum_of(const Scores& scores) {
  Score sum{0, 0};
  for (const Score& score : scores) {
    sum.value += score.value;
    sum.weight += score.weight;
  }
  return sum;
}

}  // namespace

Figure figure_of(const Scores& scores) {
  const Score sum = sum_of(scores);
  const double value = sum.value / sum.weight;
  double squares = 0;
  for (const Score& score : scores) {
    const double residual = score.value - value * score.weight;
    squares += residual * residual;
  }
  return {value, std::sqrt(squares) / sum.weight};
}

Figure figure_of(const Replicates& replicates) {
  const auto groups = static_cast<double>(replicates.without.size());
  if (groups < 2) return {replicates.value, {}};
  const double mean =
      std::accumulate(replicates.without.begin(), replicates.without.end(), 0.0) / groups;
  double squares = 0;
  for (double value : replicates.without) squares += (value - mean) * (value - mean);
  return {replicates.value, std::sqrt((groups - 1) / groups * squares)};
}

Figure change_of(const Scores& before, const Scores& after) {
  Scores change = after;
  for (size_t i = 0; i < change.size(); ++i) change[i].value -= before[i].value;
  return figure_of(change);
}

Figure change_of(const Replicates& before, const Replicates& after) {
  Replicates change{after.value - before.value, after.without};
  for (size_t g = 0; g < change.without.size(); ++g) change.without[g] -= before.without[g];
  return figure_of(change);
}

Figure exponential_of(const Scores& scores) {
  const Figure power = figure_of(scores);
  const double value = std::exp(power.value);
  return {value, value * *power.error};
}

Figure change_of_exponentials(const Scores& before, const Scores& after) {
  const Score first = sum_of(before), last = sum_of(after);
  const double old_power = first.value / first.weight, new_power = last.value / last.weight;
  const double old_value = std::exp(old_power), new_value = std::exp(new_power);
  double squares = 0;
  for (size_t i = 0; i < after.size(); ++i) {
    const double residual = new_value * (after[i].value - new_power * after[i].weight) -
                            old_value * (before[i].value - old_power * before[i].weight);
    squares += residual * residual;
  }
  return {new_value - old_value, std::sqrt(squares) / last.weight};
}

Figure decibels_of(const Scores& scores) {
  const Score sum = sum_of(scores);
  if (sum.weight == 0) return {std::numeric_limits<double>::infinity(), 0.0};
  if (sum.value == 0) return {-std::numeric_limits<double>::infinity(), 0.0};
  double squares = 0;
  for (const Score& score : scores) {
    const double residual = score.value / sum.value - score.weight / sum.weight;
    squares += residual * residual;
  }
  return {10 * std::log10(sum.value / sum.weight), 10 / std::log(10.0) * std::sqrt(squares)};
}

}  // namespace systole::metric
