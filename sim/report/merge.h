// SPDX-License-Identifier: Apache-2.0
// One report of programs that ran one after the other.
#pragma once

#include <string>
#include <vector>

#include "sim/report/report.h"

namespace systole::report {

/// The parts' sums, with all rates computed anew; layers in order. Bounds are the sums of the
/// parts' bounds, since what passes between parts has to go through DRAM. `parts` is not empty and
/// of one architecture, engine and batch; the status is the last one's.
Report merge_reports(const std::vector<Report>& parts);

/// The report of an accelerator that had nothing to do in a batch of `batch`.
Report idle_report(const arch::ArchConfig& arch, int64_t batch, const std::string& engine,
                   bool functional);

/// Counters, cycles and times of several runs, summed; logs are left out.
platform::RunResult merge_results(const std::vector<const platform::RunResult*>& parts);

}  // namespace systole::report
