// SPDX-License-Identifier: Apache-2.0
// How often points stay on their front when no price is certain.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "sim/reprice/pricer.h"

namespace systole::reprice {

struct Robustness {
  int64_t draws = 100;
  uint64_t seed = 1;
};

/// A figure that its source gives is anywhere in 0.7 to 1.3 times its value, one that is
/// extrapolated in 0.5 to 2 times, each factor of two as likely.
inline constexpr double kUncertain = 0.3, kUncertainExtrapolated = 2;

/// The share of the draws in which each point is on its front; each draws all figures of the
/// table, and those of each memory with rows, anew. `progress` sees how many are done.
std::vector<double> shares_on_front(const Points& points, const energy::Prices& prices,
                                    const std::vector<bool>& out, const Robustness& how,
                                    const std::function<void(int64_t)>& progress);

}  // namespace systole::reprice
