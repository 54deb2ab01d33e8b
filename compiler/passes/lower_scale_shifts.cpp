// SPDX-License-Identifier: Apache-2.0
// Scale-shifts that no convolution took become depthwise 1x1 convolutions: the vector unit's own
// scales are positive and its bias has the input's resolution, which is too coarse for a shift.
#include <algorithm>

#include "compiler/passes/passes.h"

namespace systole::passes {

namespace {

/// The vector unit multiplies by positive factors, one a channel.
bool only_scales(const graph::Node& node) {
  return std::all_of(node.scale.begin(), node.scale.end(), [](float s) { return s > 0x1p-20f; }) &&
         std::all_of(node.shift.begin(), node.shift.end(), [](float s) { return s == 0.0f; });
}

}  // namespace

void lower_scale_shifts(graph::Graph& graph) {
  for (graph::Node& node : graph.nodes) {
    if (node.op != graph::Op::kScaleShift || only_scales(node)) continue;
    node.op = graph::Op::kConv;
    node.group = static_cast<int64_t>(node.scale.size());
    node.weights = node.scale;
    node.bias = node.shift;
  }
}

}  // namespace systole::passes
