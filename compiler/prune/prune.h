// SPDX-License-Identifier: Apache-2.0
// Prunes a float network: magnitudes, patterns, blocks, channels, low rank, shared values.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "compiler/data/dataset.h"
#include "compiler/graph/graph.h"
#include "compiler/prune/prune_spec.h"
#include "model/isa/isa.h"

namespace systole::prune {

/// What the network is pruned by, in this order.
struct PruneOptions {
  std::vector<PruneSpec> specs;
  isa::HwParams hw;  ///< of which `block` and `vector` take the size of a weight tile
  /// Items of the network's inputs, for channel:AMOUNT:activation; null: there are none.
  const std::vector<data::Item>* calibration = nullptr;
};

struct PruneResult {
  std::set<std::string> masked;       ///< layers that were given zeros
  std::vector<std::string> warnings;  ///< what was asked for and cannot be
};

/// Prunes the network in `parts`, which run in their order (after run_passes), in place. Layers
/// know how many multiply-accumulates they had before (Node::dense_macs). Throws Error (bad input)
/// "--prune ...: reason".
PruneResult prune(const std::vector<graph::Graph*>& parts, const PruneOptions& options);
inline PruneResult prune(graph::Graph& graph, const PruneOptions& options) {
  return prune(std::vector<graph::Graph*>{&graph}, options);
}

}  // namespace systole::prune
