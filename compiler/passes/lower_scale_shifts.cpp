// SPDX-License-Identifier: Apache-2.0
// Scale-shifts that no convolution took become 1x1 convolutions with a diagonal of weights: the
// vector unit's own scales are positive and its bias has the input's resolution, which is too
// coarse for a shift.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/passes/passes.h"
#include "model/arch/error.h"

namespace systole {

namespace {

constexpr size_t kMaxChannels = 4096;  // their square is the number of weights

/// The vector unit multiplies by positive factors, one a channel.
bool only_scales(const Node& node) {
  return std::all_of(node.scale.begin(), node.scale.end(), [](float s) { return s > 0x1p-20f; }) &&
         std::all_of(node.shift.begin(), node.shift.end(), [](float s) { return s == 0.0f; });
}

}  // namespace

void lower_scale_shifts(Graph& graph) {
  for (Node& node : graph.nodes) {
    if (node.op != Op::kScaleShift || only_scales(node)) continue;
    const size_t channels = node.scale.size();
    if (channels > kMaxChannels) {
      throw Error(fmt::format("node '{}' ({}): {} channels to scale with no convolution beside, "
                              "expected at most {}",
                              node.name, node.op_type, channels, kMaxChannels),
                  ExitCode::kCannotCompile);
    }
    node.op = Op::kConv;
    node.bias = node.shift;
    node.weights.assign(channels * channels, 0.0f);
    for (size_t c = 0; c < channels; ++c) node.weights[c * channels + c] = node.scale[c];
  }
}

}  // namespace systole
