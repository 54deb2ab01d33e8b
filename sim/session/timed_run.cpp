// SPDX-License-Identifier: Apache-2.0
// Compiles, runs, reports.
#include "sim/session/timed_run.h"

#include <fmt/format.h>

#include "compiler/pipeline/repeat_batches.h"
#include "model/base/error.h"

namespace systole::session {

energy::EnergyReport TimedRun::energy() const {
  std::optional<energy::EnergyReport> energy = run.energy();
  if (!energy) throw Error("nothing of the network runs on the accelerator: no energy to estimate");
  return *std::move(energy);
}

TimedRun run_timed(pipeline::NetworkPlan plan, const arch::ArchConfig& arch,
                   const energy::EnergyTable* energy, const HowToCompile& how,
                   SimulateOptions simulate) {
  TimedRun timed;
  timed.compiled.plan = std::move(plan);
  timed.compiled.programs = compile_stages(timed.compiled.plan, arch, how);
  timed.compiled.plan = pipeline::repeat_batches(std::move(timed.compiled.plan), how.repeat);
  NetworkRunOptions options;
  options.energy = energy;
  options.without_platform = simulate.engine == "model";
  options.simulate = std::move(simulate);
  timed.run = run_network(timed.compiled, arch, std::nullopt, options);
  if (!timed.run.finished())
    throw Error(
        fmt::format("the run stopped after {} cycles", timed.run.stages.back().result.cycles),
        ExitCode::kStopped);
  return timed;
}

}  // namespace systole::session
