// SPDX-License-Identifier: Apache-2.0
// The numbers of a point that expressions may use before it has run.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/sweep/machines.h"

namespace systole::sweep {

class PointValues {
 public:
  /// Keys of architectures that are numbers, batch, repeat, weights, activations, peak_tops,
  /// area_mm2, and the compiler's choices, 1 or 0.
  static const std::vector<std::string>& keys();
  /// Nothing: this point has no such value.
  std::optional<double> find(const SweepPoint& point, const std::string& key);
  /// Whether load_arch makes the point's hardware.
  bool has_hardware(const SweepPoint& point) { return machines_.find(point).has_value(); }

 private:
  std::optional<double> area(const SweepPoint& point);
  Machines machines_;
  energy::EnergyTables tables_;
};

}  // namespace systole::sweep
