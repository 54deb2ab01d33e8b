// SPDX-License-Identifier: Apache-2.0
// An operator, then clamp, function and rounding.
#include "compiler/exec/float_node.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "compiler/graph/element_order.h"

namespace systole::exec {

namespace {

/// Of outputs that the network states as integers.
float integer_of_real(const graph::Value& value, float real) {
  const graph::Codes& codes = *value.codes;
  return std::nearbyint(real / codes.scale) + static_cast<float>(codes.zero - *value.integer_zero);
}

/// An output in the order in which the network states its elements.
Tensor as_stated(const graph::Value& value, const Tensor& nchw) {
  const graph::ElementOrder order = graph::stated_order(value);
  Tensor out(nchw.size());
  for (size_t i = 0; i < nchw.size(); ++i) out[i] = nchw[static_cast<size_t>(order[i])];
  return out;
}

}  // namespace

void round_to(const graph::Codes& codes, Tensor& values) {
  const auto zero = static_cast<float>(codes.zero);
  const auto lo = static_cast<float>(codes.lo), hi = static_cast<float>(codes.hi);
  for (float& v : values)
    v = (std::clamp(std::nearbyint(v / codes.scale) + zero, lo, hi) - zero) * codes.scale;
}

Tensor make_node(const graph::Graph& graph, const graph::Node& node,
                 const std::vector<Tensor>& values,
                 const std::function<void(const Tensor&)>& before) {
  Tensor out = compute(graph, node, values);
  if (node.clamped()) {
    for (float& v : out) v = std::clamp(v, node.lo, node.hi);
  }
  if (node.function) {
    if (before) before(out);
    for (float& v : out) v = static_cast<float>((*node.function)(v));
  }
  if (const auto& codes = graph.codes(node.output)) round_to(*codes, out);
  return out;
}

std::vector<Tensor> outputs_of(const graph::Graph& graph, const std::vector<Tensor>& values) {
  std::vector<Tensor> outputs;
  for (graph::ValueId out : graph.outputs) {
    const graph::Value& value = graph.values[static_cast<size_t>(out)];
    Tensor result = values[static_cast<size_t>(out)];
    if (value.integer_zero) {
      for (float& v : result) v = integer_of_real(value, v);
    }
    const bool plain = !value.channels_last && value.order.empty();
    outputs.push_back(plain ? result : as_stated(value, result));
  }
  return outputs;
}

std::vector<Tensor> outputs_if(const graph::Graph& graph, std::vector<Tensor>& values,
                               graph::ValueId changed, Tensor elements) {
  std::vector<bool> follows(values.size(), false);
  std::vector<std::pair<graph::ValueId, Tensor>> replaced;
  const auto replace = [&](graph::ValueId v, Tensor with) {
    follows[static_cast<size_t>(v)] = true;
    replaced.emplace_back(v, std::exchange(values[static_cast<size_t>(v)], std::move(with)));
  };
  replace(changed, std::move(elements));
  for (const graph::Node& node : graph.nodes) {
    const bool reads = std::any_of(node.inputs.begin(), node.inputs.end(), [&](graph::ValueId in) {
      return follows[static_cast<size_t>(in)];
    });
    if (reads) replace(node.output, make_node(graph, node, values));
  }
  std::vector<Tensor> outputs = outputs_of(graph, values);
  for (auto& [v, tensor] : replaced) values[static_cast<size_t>(v)] = std::move(tensor);
  return outputs;
}

}  // namespace systole::exec
