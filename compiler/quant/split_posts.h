// SPDX-License-Identifier: Apache-2.0
// Quantised operators without activations: those become operators of their own.
#pragma once

#include <set>
#include <string>

#include "compiler/graph/qgraph.h"

namespace systole::quant {

/// Takes the tables out of operators that compute, and the clamps out of those whose names are in
/// `clamped`: the operator rounds to 8 bits, as it did, and another one looks up or clamps them.
/// Every tensor that was there keeps its bytes.
void split_posts(const std::set<std::string>& clamped, graph::QGraph& graph);

}  // namespace systole::quant
