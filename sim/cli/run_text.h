// SPDX-License-Identifier: Apache-2.0
// What `run` prints beside the report: how the run ended, whether the engines agree, predictions.
#pragma once

#include <string>
#include <vector>

#include "model/arch/arch.h"
#include "model/program/program.h"
#include "sim/engine/engine.h"
#include "sim/report/report.h"
#include "sim/session/network_run.h"

namespace systole::cli {

/// "finished after N cycles", or what stopped the run and where.
std::string stop_message(const program::Program& program, const platform::RunResult& result);
/// What a run that was stopped had done by then.
std::string reached_text(const program::Program& program, const report::Report& report,
                         const platform::RunResult& result);

std::string agreement_text(const session::Agreement& agreed);

/// The largest element of each of the first items of an output, beside their labels.
std::string predictions_text(const std::vector<std::vector<float>>& output,
                             const std::vector<int>& labels);

/// Nothing, or a warning that the memory delivers more than the AXI port takes.
std::vector<std::string> memory_warnings(const arch::ArchConfig& arch);

}  // namespace systole::cli
