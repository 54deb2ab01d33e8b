// SPDX-License-Identifier: Apache-2.0
// What points that were not evaluated would cost, guessed from those that were: a Gaussian process
// over the places on the axes (Rasmussen and Williams 2006).
#pragma once

#include <cstdint>
#include <vector>

#include "sim/sweep/axis.h"

namespace systole::optimise {

class Surrogate {
 public:
  /// `choices`: of each axis.
  explicit Surrogate(std::vector<uint32_t> choices);

  /// Learns from `values` at `places`; how far values reach along each axis is looked for among a
  /// few lengths, from those of the last call on.
  void fit(const std::vector<sweep::Position>& places, const std::vector<double>& values);
  /// Of each of `places`.
  std::vector<double> predict(const std::vector<sweep::Position>& places) const;

 private:
  std::vector<double> scaled(const sweep::Position& place) const;
  double kernel(const std::vector<double>& a, const std::vector<double>& b) const;
  /// The logarithm of that of `targets` at `at`, but for a constant.
  double likelihood(const std::vector<std::vector<double>>& at,
                    const std::vector<double>& targets) const;
  double transformed(double value) const;
  double restored(double target) const;

  std::vector<uint32_t> choices_;
  std::vector<double> lengths_;  ///< of each axis, whose choices go from 0 to 1
  std::vector<std::vector<double>> at_;
  std::vector<double> weights_;
  double mean_ = 0, scale_ = 1;
  int sign_ = 0;  ///< of all values, which are taken by their logarithms; 0: as they are
};

}  // namespace systole::optimise
