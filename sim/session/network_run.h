// SPDX-License-Identifier: Apache-2.0
// A run of a compiled network: the accelerator's stages simulated, the host's computed.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/energy/energy.h"
#include "sim/report/report.h"
#include "sim/session/compile.h"
#include "sim/session/data.h"
#include "sim/session/simulate.h"

namespace systole::session {

struct NetworkRunOptions {
  /// `functional` and `wave_file` of it do not count. Cycles of a window of the waveform are
  /// counted over the accelerator's stages, one after the other.
  SimulateOptions simulate;
  const energy::EnergyTable* energy = nullptr;  ///< null: energy is not estimated
  std::vector<std::string> wave_files;          ///< by stage; empty: no waveforms
  /// Sees the run of each stage as it ends, with its logs; may be empty.
  std::function<void(size_t stage, const platform::RunResult&)> see;
  Watcher watch;
  /// The model alone, timing only, without SystemC's platform and a process for it (time_program).
  bool without_platform = false;
};

/// What a stage of the accelerator gave.
struct StageRun {
  size_t stage = 0;            ///< of the plan
  platform::RunResult result;  ///< without logs, unless it is the last that ran
  report::Report report;
  std::optional<energy::EnergyReport> energy;  ///< if it was asked for and the stage finished
  std::string wave_file;                       ///< empty: it has no waveform
  std::optional<WaveContents> wave;            ///< what is in it
};

/// What was compared when both engines ran.
struct Agreement {
  bool equal = true;
  uint64_t bytes = 0, instructions = 0, bursts = 0;
};

struct NetworkRun {
  std::vector<StageRun> stages;               ///< those that ran, up to one that stopped the run
  report::Report report;                      ///< of all stages together
  std::vector<pipeline::HostValues> outputs;  ///< of each item; empty: timing only, or stopped
  std::vector<OutputData> stored;  ///< outputs in DRAM, of a network of one stage with data
  Agreement agreed;
  std::string divergence;  ///< both engines: empty if they agree
  std::string wrong;       ///< empty, or where outputs differ from what the quantised graph says

  /// Whether every stage ran to its end; the last one says what stopped it if not.
  bool finished() const {
    return stages.empty() || stages.back().result.status == platform::RunStatus::kFinished;
  }
  bool sound() const { return finished() && divergence.empty() && wrong.empty(); }
  /// Output `k` of the network, the whole batch; of a run that has outputs.
  std::vector<float> elements(const pipeline::NetworkPlan& plan, size_t k) const;
  /// Reports of the stages.
  std::vector<report::Report> parts() const;
  /// Counters, cycles and times of all stages together, without logs.
  platform::RunResult result() const;
  /// None: it was not asked for, or the run is not sound, or nothing of it ran on the accelerator.
  std::optional<energy::EnergyReport> energy() const;
};

/// Runs a batch of `data`; none: timing only. Stages run until one does not finish, its engines
/// differ, or its outputs are not what the quantised graph says. Throws Error.
NetworkRun run_network(const CompiledNetwork& compiled, const arch::ArchConfig& arch,
                       const std::optional<data::Dataset>& data, const NetworkRunOptions& options);

}  // namespace systole::session
