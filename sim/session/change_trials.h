// SPDX-License-Identifier: Apache-2.0
// What changes of the hardware give: the network really compiled for each, and run.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "compiler/choices/choices.h"
#include "compiler/pipeline/plan.h"
#include "model/core/events.h"
#include "sim/energy/table.h"
#include "sim/session/hardware_changes.h"

namespace systole::session {

/// What is tried of changes.
struct TrialConditions {
  const pipeline::NetworkPlan& plan;
  const arch::ArchConfig& arch;
  const choices::Choices& choices;
  const energy::EnergyTable& table;
  bool has_energy = true;  ///< the table knows the memory
  std::string layer = {};  ///< cycles and energy are of this layer; empty: of all
};

/// Of a machine that was tried.
struct TrialFigures {
  Cycle cycles = 0;
  std::optional<double> energy_uj;  ///< of the batch
  double area_mm2 = 0;
};

/// What a change gave.
struct TrialResult {
  std::string name;
  bool off_chip = false;
  TrialFigures figures;
  std::string failure;  ///< why it has none; empty: it has
};

struct Trials {
  std::string table, layer;          ///< of energies; that figures are of, empty: all
  TrialFigures before;               ///< without a change
  std::vector<TrialResult> results;  ///< fewest cycles first, failures last

  /// How many times as fast as without it.
  double speedup(const TrialFigures& after) const;
  /// Figures after the change / before it; of energies if both are known.
  double cycles_ratio(const TrialFigures& after) const;
  std::optional<double> energy_ratio(const TrialFigures& after) const;
  double area_ratio(const TrialFigures& after) const;
  /// Cycles saved for each mm2 that is added; none: it saves or adds none.
  std::optional<double> gain_per_mm2(const TrialResult& result) const;

  /// By index in `results`: what saves most cycles for an added mm2; what saves most cycles on the
  /// chip and adds none; what takes most mm2 away for at most 1 % more cycles.
  std::optional<size_t> best_gain() const;
  std::optional<size_t> best_for_nothing() const;
  std::optional<size_t> largest_saving() const;
};

/// Compiles the plan for each change of the hardware and simulates its stages on the model, timing
/// only, in `jobs` processes at once; so too without a change. `progress`: machines done so far.
/// Throws Error if there is no such layer, or nothing runs without a change.
Trials try_hardware_changes(const TrialConditions& conditions, int jobs,
                            const std::function<void(size_t)>& progress);

}  // namespace systole::session
