// SPDX-License-Identifier: Apache-2.0
// Residual adds go into the convolution before them: one rounding instead of two.
#include <algorithm>

#include "compiler/passes/passes.h"

namespace systole::passes {

namespace {

/// Index of the convolution or scaling that can take over the add at `index`: unclamped, without a
/// second input, read by nothing else; of two, the later one. -1 if there is none.
int convolution_of(const graph::Graph& graph, size_t index) {
  int found = -1;
  for (graph::ValueId in : graph.nodes[index].inputs) {
    const int at = graph.producer(in);
    const bool same_size = graph.shape(in) == graph.shape(graph.nodes[index].output);
    if (at < 0 || !same_size || !graph.vanishes_into(in, index)) continue;
    const graph::Node& node = graph.nodes[static_cast<size_t>(at)];
    const bool computes = node.is<graph::Conv, graph::ScaleShift>();
    if (computes && !node.clamped() && node.inputs.size() == 1) found = std::max(found, at);
  }
  return found;
}

}  // namespace

void fuse_adds(graph::Graph& graph) {
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const auto* sum = graph.nodes[i].if_is<graph::Add>();
    if (sum == nullptr || sum->factor != 1.0f) continue;
    const int at = convolution_of(graph, i);
    if (at < 0) continue;
    // The convolution moves to the add's place, where the other operand is there in any case.
    graph::Node conv = std::move(graph.nodes[static_cast<size_t>(at)]);
    const graph::Node& add = graph.nodes[i];
    conv.inputs.push_back(add.inputs[0] == conv.output ? add.inputs[1] : add.inputs[0]);
    conv.output = add.output;
    conv.lo = add.lo;
    conv.hi = add.hi;
    graph.nodes[i] = std::move(conv);
    graph.nodes.erase(graph.nodes.begin() + at);
    --i;
  }
}

}  // namespace systole::passes
