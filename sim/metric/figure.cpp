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
