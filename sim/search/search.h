// SPDX-License-Identifier: Apache-2.0
// The search for the widths of the least cost within a bound on the loss of accuracy.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/search/point.h"

namespace systole::search {

struct SearchOptions {
  Objective objective = Objective::kLatency;
  double max_loss = 1;  ///< points of top-1 below the widest choice
  uint64_t images = 0;  ///< of the calibration data
  size_t budget = 150;  ///< points that are tried after the sensitivities, at most
};

/// Measures choices; a point for each, in their order.
using Measure = std::function<std::vector<SearchPoint>(const std::vector<Choice>&)>;

struct SearchResult {
  std::vector<SearchPoint> points;  ///< all that were tried, each choice once; the widest first
  std::vector<double> credit;       ///< right answers that each is credited with (credited())
  std::vector<size_t> front;        ///< indices of the Pareto front, cheapest first
  std::vector<size_t> uniform;      ///< of the choices that have one width everywhere
  size_t chosen = 0;                ///< the cheapest whose credit is within the bound
  uint64_t least_right = 0;         ///< the bound
};

/// Different for choices that differ.
std::string choice_key(const Choice& choice);
/// Whether a point has figures, and its credit is enough.
bool is_within_bound(const SearchResult& result, size_t point);
/// The point of the least cost that is.
size_t cheapest_within(const SearchResult& result, Objective objective);

/// Measures every knob alone, then goes down from the widest choice, in each step by what saves
/// most for the divergence that it adds, then tries neighbours of what it found. Guesses decide
/// only what is measured; everything in the result was. Throws Error if the widest choice fails.
/// The same for the same measurements.
SearchResult search(const SearchSpace& space, const SearchOptions& options, const Measure& measure);

}  // namespace systole::search
