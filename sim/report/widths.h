// SPDX-License-Identifier: Apache-2.0
// The widths of a quantised network in a word.
#pragma once

#include <string>
#include <vector>

#include "compiler/graph/qgraph.h"

namespace systole::report {

/// "int8", or the narrowest weights and activations that a layer of `graphs` multiplies: "w4a8".
std::string widths_text(const std::vector<const graph::QGraph*>& graphs);

}  // namespace systole::report
