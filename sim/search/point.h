// SPDX-License-Identifier: Apache-2.0
// One assignment of widths and what it was measured to give.
#pragma once

#include <cstdint>
#include <string>

#include "sim/search/space.h"

namespace systole::search {

/// What a search minimises.
enum class Objective { kLatency, kEnergy, kDram };

/// Of one choice: accuracy over the calibration images, costs of one simulated run.
struct Figures {
  uint64_t right = 0;     ///< images whose class is the label
  double divergence = 0;  ///< mean Kullback-Leibler divergence of the class probabilities (softmax)
                          ///< from those of the float32 network, in nats
  uint64_t cycles = 0;
  int64_t dram_bytes = 0;
  double energy_uj = 0;  ///< per inference; 0 where it is not asked for

  double cost(Objective objective) const {
    if (objective == Objective::kLatency) return static_cast<double>(cycles);
    return objective == Objective::kDram ? static_cast<double>(dram_bytes) : energy_uj;
  }
};

struct SearchPoint {
  Choice choice;
  std::string phase;  ///< in which it was tried: "uniform", "sensitivity", "descent", ...
  Figures figures;
  std::string failure;  ///< why it has no figures; empty: it has
};

}  // namespace systole::search
