// SPDX-License-Identifier: Apache-2.0
// A page of one file: template, style, scripts, the plotting library, and the data as one block of
// JSON that the scripts draw.
#pragma once

#include <string>

#include "sim/report_page/answer.h"
#include "sim/report_page/input.h"

namespace systole::report_page {

/// Throws Error in a build without the plotting library.
void check_plotting();

/// The data of the page of one run: {"kind": "run", "title", "answer", "limit", "result"}. Throws
/// Error if it is not whole.
Json run_data(const RunInput& run);

/// `data`: of one of the above.
std::string page_of(const Json& data);

}  // namespace systole::report_page
