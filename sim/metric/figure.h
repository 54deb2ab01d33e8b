// SPDX-License-Identifier: Apache-2.0
// A figure over the items of a data set, with its standard error, and the paired one of a change.
#pragma once

#include <optional>
#include <vector>

namespace systole::metric {

/// What an item adds to a figure, which is the sum of values over the sum of weights.
struct Score {
  double value = 0, weight = 1;
};
using Scores = std::vector<Score>;

/// A figure that is told by all items at once, and again without each of the groups of items.
struct Replicates {
  double value = 0;
  std::vector<double> without;  ///< empty: its error is not known
};

struct Figure {
  double value = 0;
  std::optional<double> error;  ///< standard error over items; none: not known
};

/// Errors are those of independent items: of a ratio of sums by its residuals, of replicates by the
/// jackknife (B. Efron, The Jackknife, the Bootstrap and Other Resampling Plans, 1982).
Figure figure_of(const Scores& scores);
Figure figure_of(const Replicates& replicates);
/// `after` less `before`, of the same items with the same weights: they are paired.
Figure change_of(const Scores& before, const Scores& after);
Figure change_of(const Replicates& before, const Replicates& after);
/// e to the power of values over weights, and the change of that. Errors to first order.
Figure exponential_of(const Scores& scores);
Figure change_of_exponentials(const Scores& before, const Scores& after);
/// Of values over weights in dB: infinite where all weights are 0.
Figure decibels_of(const Scores& scores);

}  // namespace systole::metric
