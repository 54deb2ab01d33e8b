// SPDX-License-Identifier: Apache-2.0
// What would help: the network on the hardware with one thing doubled, really compiled and run.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "compiler/choices/choices.h"
#include "compiler/pipeline/plan.h"
#include "model/arch/arch.h"
#include "model/core/events.h"

namespace systole::session {

/// The architecture with one change.
struct HardwareChange {
  std::string name;  ///< "array.rows 16 -> 32"
  arch::ArchConfig arch;
};

/// Each hardware parameter doubled, twice the bandwidth of DRAM (the bus widened with it where it
/// would be the limit), half its latency. What would leave the legal range is left out.
std::vector<HardwareChange> hardware_changes(const arch::ArchConfig& arch);

/// What a change gave.
struct ChangeResult {
  std::string name;
  Cycle cycles = 0;     ///< 0: it failed
  std::string failure;  ///< why; empty: it did not

  /// How many times as fast as `before`.
  double speedup(Cycle before) const {
    return static_cast<double>(before) / static_cast<double>(cycles);
  }
};

/// Compiles `plan` for each change of `arch` and simulates its stages on the model, timing only, in
/// `jobs` processes at once. Fewest cycles first, failures last. `progress`: changes done so far.
std::vector<ChangeResult> try_hardware_changes(const pipeline::NetworkPlan& plan,
                                               const arch::ArchConfig& arch,
                                               const choices::Choices& choices, int jobs,
                                               const std::function<void(size_t)>& progress);

}  // namespace systole::session
