// SPDX-License-Identifier: Apache-2.0
// The float graph that states what was chosen for it: codes of its values, integers of its weights.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/graph/graph.h"
#include "compiler/graph/qgraph.h"

namespace systole::quant {

/// A network that needs no calibration.
struct StatedGraph {
  graph::Graph graph;
  std::vector<int> weight_bits;  ///< by node; 8 for those without weights
  /// By node, [out c][taps]: whether a weight was not 0 before it was rounded; empty: has none.
  std::vector<std::vector<uint8_t>> masks;
};

/// `graph`, of which build_qgraph has made `quantised`, with the codes of every value and the
/// integers and scales of all weights and biases: build_qgraph of that, without ranges, gives
/// `quantised` again.
StatedGraph state_codes(graph::Graph graph, const graph::QGraph& quantised);

}  // namespace systole::quant
