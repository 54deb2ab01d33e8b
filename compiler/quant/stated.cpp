// SPDX-License-Identifier: Apache-2.0
// Takes scales, zero points and integers out of the quantised graph, node by node.
#include "compiler/quant/stated.h"

#include <cmath>
#include <utility>

#include "model/base/error.h"

namespace systole::quant {

namespace {

/// The tensor of each value, as build_qgraph adds them: the inputs, then the nodes' results.
std::vector<graph::TensorId> tensors_of(const graph::Graph& graph) {
  std::vector<graph::TensorId> tensor_of(graph.values.size(), -1);
  graph::TensorId next = 0;
  for (const graph::ValueId in : graph.inputs) tensor_of[static_cast<size_t>(in)] = next++;
  for (const graph::Node& node : graph.nodes) tensor_of[static_cast<size_t>(node.output)] = next++;
  return tensor_of;
}

graph::Codes codes_of(const graph::QTensor& tensor) {
  return {tensor.scale, tensor.zero_point, tensor.type.least(), tensor.type.greatest(),
          tensor.type.bits() == 1};
}

/// The weights and biases of `conv` as `made` has them, for an input of `x`.
void state_integers(const graph::QConv& made, const graph::QTensor& x, graph::Conv& conv) {
  const auto area = static_cast<size_t>(made.kh * made.kw);
  const size_t taps = conv.taps(), channels = taps / area;
  conv.weight_scale = made.weight_scale;
  conv.exact_bias.clear();
  for (size_t o = 0; o < conv.channels(); ++o) {
    const float scale = made.weight_scale[o];
    int64_t sum = 0;
    for (size_t p = 0; p < area; ++p) {
      for (size_t c = 0; c < channels; ++c) {
        const int8_t code = made.weights[o * taps + p * channels + c];
        conv.weights[o * taps + c * area + p] = static_cast<float>(code) * scale;
        sum += code;
      }
    }
    const int64_t bias = made.post.bias[o] + x.zero_point * sum;
    conv.exact_bias.push_back(static_cast<double>(bias) * double{x.scale * scale});
    conv.bias[o] = static_cast<float>(conv.exact_bias.back());
  }
}

class Stater {
 public:
  Stater(graph::Graph& graph, const graph::QGraph& quantised)
      : graph_(graph), quantised_(quantised), tensor_of_(tensors_of(graph)) {}

  std::vector<int> run() {
    for (size_t v = 0; v < graph_.values.size(); ++v) state(static_cast<graph::ValueId>(v));
    std::vector<int> bits;
    auto op = quantised_.ops.begin();
    for (graph::Node& node : graph_.nodes) {
      bits.push_back(8);
      if (node.is<graph::Concat, graph::Interleave, graph::Slice, graph::Reshape>()) continue;
      while (op->is<graph::QConv>() && op->conv().only_bias) ++op;  // made of a bias
      if (op->name != node.name) throw internal_error("operators of another network");
      bits.back() = state(node, *op++);
    }
    return bits;
  }

 private:
  const graph::QTensor& tensor(graph::ValueId v) const {
    return quantised_.tensors.at(static_cast<size_t>(tensor_of_.at(static_cast<size_t>(v))));
  }

  void state(graph::ValueId v) {
    auto& codes = graph_.values[static_cast<size_t>(v)].codes;
    if (codes || tensor_of_[static_cast<size_t>(v)] < 0 || tensor(v).sums()) return;
    codes = codes_of(tensor(v));
  }

  /// Returns the bits of its weights.
  int state(graph::Node& node, const graph::QOp& op) {
    if (node.before != graph::kNoValue && !node.sign_only)
      graph_.values[static_cast<size_t>(node.before)].codes = {op.post().table_scale,
                                                               op.post().table_zero};
    auto* conv = node.if_is<graph::Conv>();
    if (conv == nullptr) return 8;
    if (!conv->states_integers() && !conv->keeps_scale)
      state_integers(op.conv(), tensor(node.inputs[0]), *conv);
    return op.conv().weight_type.bits();
  }

  graph::Graph& graph_;
  const graph::QGraph& quantised_;
  const std::vector<graph::TensorId> tensor_of_;
};

}  // namespace

StatedGraph state_codes(graph::Graph graph, const graph::QGraph& quantised) {
  StatedGraph stated{std::move(graph), {}, {}};
  for (const graph::Node& node : stated.graph.nodes) {
    stated.masks.emplace_back();
    if (const auto* conv = node.if_is<graph::Conv>())
      for (const float weight : conv->weights) stated.masks.back().push_back(weight != 0.0f);
  }
  stated.weight_bits = Stater(stated.graph, quantised).run();
  return stated;
}

}  // namespace systole::quant
