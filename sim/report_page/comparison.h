// SPDX-License-Identifier: Apache-2.0
// Several runs side by side, layer by layer; the first is what the others are held against.
#pragma once

#include <vector>

#include "sim/report_page/input.h"

namespace systole::report_page {

/// "runs" ([{"name", "limit", "result"}]), "configuration" ([{"key", "values"}], what is not the
/// same for all), "layers" ([{"name", "at": the number of the layer in each run, or null}]) and
/// "answer", whose figures are those of this JSON. Throws Error: a run that has no layers, or is
/// not whole.
Json comparison_data(const std::vector<RunInput>& runs);

}  // namespace systole::report_page
