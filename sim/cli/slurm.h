// SPDX-License-Identifier: Apache-2.0
// Sweeps as array jobs of Slurm: submitted, and how far they are.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

#include "model/base/error.h"
#include "sim/sweep/spec.h"

namespace systole::cli {

struct SlurmOptions {
  bool submit = false, status = false;
  size_t shards = 8;
  std::string sbatch;  ///< options of sbatch

  bool wanted() const { return submit || status; }
};

void add_slurm_options(CLI::App& command, SlurmOptions& options);

/// A sweep whose shards are run elsewhere and merged into `output`.
struct ClusterSweep {
  std::filesystem::path spec, output;  ///< output: NAME.db
  std::string detail;
  bool retry_failed = false;
  int processors = 0;  ///< of a shard; 0: what sbatch gives it
};

/// Submits a task a shard, and a job that merges what they have when all have ended. Databases,
/// states, logs and scripts stand in OUTPUT.slurm; what stands there is gone on with. Throws Error.
ExitCode submit_sweep(const ClusterSweep& job, const SlurmOptions& options);

/// Tells how far they are, from their state files alone. Throws Error if nothing was submitted.
ExitCode tell_status(const ClusterSweep& job);

}  // namespace systole::cli
