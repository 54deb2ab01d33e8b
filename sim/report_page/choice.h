// SPDX-License-Identifier: Apache-2.0
// A point that is chosen of many: the best by a figure of those that keep a condition.
#pragma once

#include <string>

#include "sim/report_page/points.h"

namespace systole::report_page {

/// What is wanted, and what the chosen point is held against.
struct ChoiceRequest {
  std::string choose;    ///< "min energy_per_inference_uj where area_mm2 <= 4"
  std::string baseline;  ///< number of a point, or name of a machine; "": none
};

/// Of each case a choice: [{"case", "chosen", "baseline", "rivals": [{"row", "text", "figures"}],
/// "neighbours": [{"key", "value", "row"}], "commands": [{"row", "commands"}]}]; rows count from 0,
/// null: none. `all` has every column, for the condition; of `points`, its rows without what is the
/// same for all, words are made. Puts sentences before those of `answer`. Throws Error: what is
/// asked for cannot be understood, or no point of any case is one.
Json choose_points(const Points& all, const Points& points, const ChoiceRequest& request,
                   Answer& answer);

}  // namespace systole::report_page
