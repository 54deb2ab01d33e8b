// SPDX-License-Identifier: Apache-2.0
// The commands that give the figures of a point again.
#pragma once

#include <string>
#include <vector>

#include "sim/report_page/points.h"

namespace systole::report_page {

/// For a shell: what gives cycles, bytes, energy and area, and, of a point with data, its accuracy.
/// None: the point says not enough, as the rows of a study. `points` has every column.
std::vector<std::string> commands_of(const Points& points, size_t row);

}  // namespace systole::report_page
