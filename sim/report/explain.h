// SPDX-License-Identifier: Apache-2.0
// Where the cycles went, as text for people: by unit and cause, and against the bounds.
#pragma once

#include <string>

#include "sim/report/report.h"

namespace systole::report {

/// A line for each unit: the share of `cycles` by cause, largest first; as many as fit lines of
/// `width` (0: all).
std::string unit_table(const UnitCycles& units, Cycle cycles, size_t width = 0);

/// For each layer, then for the network: what bounds it, how far above the bound it is and by which
/// causes, and its unit_table. `layer`: of this one alone; empty: all.
std::string explanation(const Report& report, const std::string& layer = "", size_t width = 0);

}  // namespace systole::report
