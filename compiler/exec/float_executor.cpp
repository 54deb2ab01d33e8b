// SPDX-License-Identifier: Apache-2.0
// Float execution: node by node, each followed by its clamp, its function and its rounding.
#include "compiler/exec/float_executor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "compiler/exec/float_operators.h"
#include "compiler/graph/element_order.h"
#include "model/base/error.h"

namespace systole::exec {

namespace {

/// The real numbers that the codes of `values` stand for.
void round_to(const graph::Codes& codes, Tensor& values) {
  const auto zero = static_cast<float>(codes.zero);
  const auto lo = static_cast<float>(codes.lo), hi = static_cast<float>(codes.hi);
  for (float& v : values)
    v = (std::clamp(std::nearbyint(v / codes.scale) + zero, lo, hi) - zero) * codes.scale;
}

/// Inputs and outputs that the network states as integers: what an integer stands for, and back.
float real_of_integer(const graph::Value& value, float integer) {
  const graph::Codes& codes = *value.codes;
  return (integer + static_cast<float>(*value.integer_zero - codes.zero)) * codes.scale;
}
float integer_of_real(const graph::Value& value, float real) {
  const graph::Codes& codes = *value.codes;
  return std::nearbyint(real / codes.scale) + static_cast<float>(codes.zero - *value.integer_zero);
}

void execute(const graph::Graph& graph, const graph::Node& node, std::vector<Tensor>& values,
             const FloatExecutor::Observer& observe) {
  Tensor out = compute(graph, node, values);
  if (node.clamped()) {
    for (float& v : out) v = std::clamp(v, node.lo, node.hi);
  }
  if (node.function) {
    if (observe && node.before != graph::kNoValue) observe(node.before, out);
    for (float& v : out) v = static_cast<float>((*node.function)(v));
  }
  if (const auto& codes = graph.codes(node.output)) round_to(*codes, out);
  values[static_cast<size_t>(node.output)] = std::move(out);
}

/// An input as the network states it, in NCHW order, and an output back.
Tensor to_nchw(const graph::Value& value, const Tensor& stated) {
  const graph::ElementOrder order = graph::stated_order(value);
  Tensor out(stated.size());
  for (size_t i = 0; i < stated.size(); ++i) out[static_cast<size_t>(order[i])] = stated[i];
  return out;
}

Tensor as_stated(const graph::Value& value, const Tensor& nchw) {
  const graph::ElementOrder order = graph::stated_order(value);
  Tensor out(nchw.size());
  for (size_t i = 0; i < nchw.size(); ++i) out[i] = nchw[static_cast<size_t>(order[i])];
  return out;
}

bool is_plain(const graph::Value& value) { return !value.channels_last && value.order.empty(); }

}  // namespace

FloatExecutor::FloatExecutor(graph::Graph graph)
    : graph_(std::move(graph)), last_use_(graph_.values.size(), 0) {
  for (size_t i = 0; i < graph_.nodes.size(); ++i) {
    for (graph::ValueId in : graph_.nodes[i].inputs) last_use_[static_cast<size_t>(in)] = i;
  }
}

std::vector<std::vector<float>> FloatExecutor::run(const std::vector<std::vector<float>>& inputs,
                                                   const Observer& observe) const {
  if (inputs.size() != graph_.inputs.size()) {
    throw Error(fmt::format("{} inputs are given, the network has {}", inputs.size(),
                            graph_.inputs.size()));
  }
  std::vector<Tensor> values(graph_.values.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    const graph::Value& value = graph_.values[static_cast<size_t>(graph_.inputs[i])];
    if (static_cast<int64_t>(inputs[i].size()) != value.shape.elements()) {
      throw Error(fmt::format("input '{}' has {} values, expected {}", value.name, inputs[i].size(),
                              value.shape.elements()));
    }
    values[static_cast<size_t>(graph_.inputs[i])] =
        is_plain(value) ? inputs[i] : to_nchw(value, inputs[i]);
    if (value.integer_zero) {
      for (float& v : values[static_cast<size_t>(graph_.inputs[i])]) v = real_of_integer(value, v);
    }
    if (value.codes) round_to(*value.codes, values[static_cast<size_t>(graph_.inputs[i])]);
    if (observe) observe(graph_.inputs[i], values[static_cast<size_t>(graph_.inputs[i])]);
  }
  for (size_t i = 0; i < graph_.nodes.size(); ++i) {
    const graph::Node& node = graph_.nodes[i];
    execute(graph_, node, values, observe);
    if (observe) observe(node.output, values[static_cast<size_t>(node.output)]);
    for (graph::ValueId in : node.inputs) {
      if (last_use_[static_cast<size_t>(in)] == i && !graph_.is_output(in))
        values[static_cast<size_t>(in)] = {};
    }
  }
  std::vector<Tensor> outputs;
  for (graph::ValueId out : graph_.outputs) {
    const graph::Value& value = graph_.values[static_cast<size_t>(out)];
    Tensor result = values[static_cast<size_t>(out)];
    if (value.integer_zero) {
      for (float& v : result) v = integer_of_real(value, v);
    }
    outputs.push_back(is_plain(value) ? result : as_stated(value, result));
  }
  return outputs;
}

}  // namespace systole::exec
