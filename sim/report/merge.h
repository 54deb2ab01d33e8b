// SPDX-License-Identifier: Apache-2.0
// One report of programs that ran one after the other.
#pragma once

#include <vector>

#include "sim/report/report.h"

namespace systole {

/// The parts' sums, with all rates computed anew; layers in order. Bounds are the sums of the
/// parts' bounds, since what passes between parts has to go through DRAM. `parts` is not empty and
/// of one architecture, engine and batch; the status is the last one's.
Report merge_reports(const std::vector<Report>& parts);

/// Counters, cycles and times of several runs, summed; logs are left out.
RunResult merge_results(const std::vector<RunResult>& parts);

}  // namespace systole
