// SPDX-License-Identifier: Apache-2.0
// Multiplies what points did with prices.
#pragma once

#include <functional>
#include <vector>

#include "sim/energy/prices.h"
#include "sim/front/front.h"
#include "sim/reprice/points.h"

namespace systole::reprice {

/// The figures of a point that depend on prices, as a sweep computes them.
struct Price {
  double energy_per_inference_uj = 0, average_power_mw = 0, area_mm2 = 0;

  /// Null: a figure that does not depend on prices.
  const double* find(const std::string& figure) const;
};

/// The energies of a memory with rows.
using RowsEnergy = std::function<arch::DramEnergy(const arch::DdrConfig& memory)>;

class Pricer {
 public:
  /// `points` outlive it.
  explicit Pricer(const Points& points) : points_(points), machines_(points.machines) {}

  /// Of each point. Throws Error if the table lacks something.
  std::vector<Price> price(const energy::EnergyTable& table, const RowsEnergy& rows);
  std::vector<Price> price(const energy::Prices& prices);

 private:
  const Points& points_;
  std::vector<arch::ArchConfig> machines_;  ///< with the energies of rows of the last call
};

/// Costs of all points by their objectives, at `prices`.
std::vector<front::Costs> costs_of(const Points& points, const std::vector<Price>& prices);

/// Whether each point is on the front of its rivals; `out`: points that are left out.
std::vector<bool> on_front(const Points& points, const std::vector<front::Costs>& costs,
                           const std::vector<bool>& out);

}  // namespace systole::reprice
