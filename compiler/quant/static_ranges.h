// SPDX-License-Identifier: Apache-2.0
// Ranges that follow from the codes of a network that arrives quantised, without any data.
#pragma once

#include <optional>
#include <vector>

#include "compiler/graph/graph.h"
#include "compiler/quant/calibrate.h"

namespace systole::quant {

/// Whether a convolution is one in the network: not what a resize, a selection or a lone batch
/// normalisation became.
bool states_products(const graph::Node& node);

/// By value: the least range that surely holds its elements; none where the network's products are
/// in it, whose bounds say nothing. `graph` has been through run_passes.
std::vector<std::optional<ValueRange>> static_ranges(const graph::Graph& graph);

/// For timing alone: the same for every value.
std::vector<ValueRange> made_up_ranges(const graph::Graph& graph);

/// Puts static ranges in the place of those that made-up data gave, none (an empty list) too.
void prefer_static_ranges(const graph::Graph& graph, std::vector<ValueRange>& ranges);

/// Whether a scale that `graph` does not state has no static range either.
bool needs_data(const graph::Graph& graph);

}  // namespace systole::quant
