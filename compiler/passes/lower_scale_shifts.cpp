// SPDX-License-Identifier: Apache-2.0
// Scale-shifts that no convolution took become depthwise 1x1 convolutions: the vector unit's own
// scales are positive and its bias has the input's resolution, which is too coarse for a shift.
#include <algorithm>
#include <utility>

#include "compiler/passes/passes.h"

namespace systole::passes {

namespace {

/// The vector unit multiplies by positive factors, one a channel.
bool only_scales(const graph::ScaleShift& by) {
  return std::all_of(by.scale.begin(), by.scale.end(), [](float s) { return s > 0x1p-20f; }) &&
         std::all_of(by.shift.begin(), by.shift.end(), [](float s) { return s == 0.0f; });
}

}  // namespace

void lower_scale_shifts(graph::Graph& graph) {
  for (graph::Node& node : graph.nodes) {
    auto* by = node.if_is<graph::ScaleShift>();
    if (by == nullptr || only_scales(*by)) continue;
    graph::Conv conv;
    conv.group = static_cast<int64_t>(by->scale.size());
    conv.weights = std::move(by->scale);
    conv.bias = std::move(by->shift);
    conv.gamma = std::move(by->gamma);
    node.op = std::move(conv);
  }
}

}  // namespace systole::passes
