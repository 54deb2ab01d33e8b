// SPDX-License-Identifier: Apache-2.0
// The layers of a network that have weights to prune, and which of them a request names.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "compiler/graph/graph.h"
#include "compiler/prune/prune_spec.h"

namespace systole::prune {

/// A convolution or gemm with weights [out][in][kh][kw] of its own, `in` those of a group.
struct PruneLayer {
  graph::Graph* graph = nullptr;
  size_t index = 0;  ///< in graph->nodes
  int64_t out = 0, in = 0, area = 0;
  bool depthwise = false;   ///< an output channel sees one input channel, its own
  bool covers_map = false;  ///< the kernel covers the unpadded input: a product with h*w*c values

  graph::Node& node() const { return graph->nodes[index]; }
  const std::string& name() const { return node().name; }
  graph::Conv& conv() const { return node().as<graph::Conv>(); }
  std::vector<float>& weights() const { return conv().weights; }
};

/// All of them, in the order in which they run. Per-channel scales, interpolations and convolutions
/// that only select have no weights that could go.
std::vector<PruneLayer> prunable_layers(const std::vector<graph::Graph*>& parts);

/// Those of `layers` of which `unfit` has nothing to say; the others stay as they are, and a
/// warning names them with what it says. Throws Error if none is left.
std::vector<PruneLayer> fitting_layers(const std::vector<PruneLayer>& layers, const PruneSpec& spec,
                                       const std::function<std::string(const PruneLayer&)>& unfit,
                                       std::vector<std::string>& warnings);

/// Those of `layers` that `spec` names: by its pattern, or all but the first and the last; of these
/// the ones that `suits`. Throws Error if there is none, calling those that do not suit `unsuited`
/// ("depthwise convolutions").
std::vector<PruneLayer> select_layers(const std::vector<PruneLayer>& layers, const PruneSpec& spec,
                                      const std::function<bool(const PruneLayer&)>& suits,
                                      const std::string& unsuited);

}  // namespace systole::prune
