// SPDX-License-Identifier: Apache-2.0
// What the units and causes mean that a report shows.
#pragma once

#include <string>

#include "sim/report/report.h"

namespace systole::report {

/// A line for each unit, and for each cause that layer_table, unit_table and, if `explained`,
/// explanation (of `layer`; empty: of all) print of `report`.
std::string legend(const Report& report, bool explained, const std::string& layer = "");

}  // namespace systole::report
