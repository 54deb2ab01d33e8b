// SPDX-License-Identifier: Apache-2.0
// A quantised network to the figures of its run.
#pragma once

#include "compiler/graph/qgraph.h"
#include "model/arch/arch.h"
#include "sim/engine/engine.h"
#include "sim/report/report.h"

namespace systole {

struct TimedRun {
  Program program;
  RunResult run;
  Report report;
};

/// Compiles `graph` and simulates it on the model, timing only, in a process of its own. Throws
/// Error, also if the run does not finish.
TimedRun run_timed(const QGraph& graph, const ArchConfig& arch);

}  // namespace systole
