// SPDX-License-Identifier: Apache-2.0
// A page of one file: template, style, scripts, the plotting library, and the data as one block of
// JSON that the scripts draw.
#pragma once

#include <string>
#include <vector>

#include "sim/report_page/choice.h"
#include "sim/report_page/input.h"

namespace systole::report_page {

/// Throws Error in a build without the plotting library.
void check_plotting();

/// What a page of `inputs` shows, as JSON with "kind", "title", "source" and "answer"; of
///   layers: "result" as it is; a run: "limit", and "result" as it is; "over_time", windows of
///   over_time.json, if there is one; several runs: what comparison_data says; points: "cases",
///   "case" (the number of each point's), "constants" and "columns".
///     of a study perhaps "break_even", as Points has it;
///     with a request also "choice", as choose_points gives it, and "silicon", as silicon() does.
/// Throws Error if they are not of one kind, or not whole.
Json page_data(std::vector<Input> inputs, const ChoiceRequest& request = {});

/// The page of `data`.
std::string page_of(const Json& data);

}  // namespace systole::report_page
