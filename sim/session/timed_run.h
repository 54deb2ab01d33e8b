// SPDX-License-Identifier: Apache-2.0
// A quantised network to the figures of its run.
#pragma once

#include "sim/session/network_run.h"

namespace systole::session {

struct TimedRun {
  CompiledNetwork compiled;
  NetworkRun run;

  /// Of a run that was asked for its energy. Throws Error if nothing ran on the accelerator.
  energy::EnergyReport energy() const;
};

/// Compiles the stages of `plan` for `arch` and simulates them, timing only: the model in this
/// process, without SystemC. `energy`: null, or the energy is estimated too. Throws Error, also if
/// a run does not finish.
TimedRun run_timed(pipeline::NetworkPlan plan, const arch::ArchConfig& arch,
                   const energy::EnergyTable* energy = nullptr, const HowToCompile& how = {},
                   SimulateOptions simulate = {});

}  // namespace systole::session
