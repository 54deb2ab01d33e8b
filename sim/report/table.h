// SPDX-License-Identifier: Apache-2.0
// The report as text for people.
#pragma once

#include <string>

#include "model/arch/arch.h"
#include "sim/report/report.h"

namespace systole::report {

/// The first line of every run: array, clock, memory, precision and engine.
std::string headline(const arch::ArchConfig& arch, const std::string& engine);
/// A row for each layer. `width`: of the terminal that it is for (columns.h).
std::string layer_table(const Report& report, size_t width = 0);
/// Totals, one figure a line.
std::string totals(const Report& report);

}  // namespace systole::report
