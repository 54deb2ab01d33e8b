// SPDX-License-Identifier: Apache-2.0
// Float execution, node by node.
#include "compiler/exec/float_executor.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/exec/float_node.h"
#include "compiler/graph/element_order.h"
#include "model/base/error.h"

namespace systole::exec {

namespace {

/// Inputs that the network states as integers: what an integer stands for.
float real_of_integer(const graph::Value& value, float integer) {
  const graph::Codes& codes = *value.codes;
  return (integer + static_cast<float>(*value.integer_zero - codes.zero)) * codes.scale;
}

/// An input as the network states it, in NCHW order.
Tensor to_nchw(const graph::Value& value, const Tensor& stated) {
  const graph::ElementOrder order = graph::stated_order(value);
  Tensor out(stated.size());
  for (size_t i = 0; i < stated.size(); ++i) out[static_cast<size_t>(order[i])] = stated[i];
  return out;
}

bool states_nchw(const graph::Value& value) { return !value.channels_last && value.order.empty(); }

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
        states_nchw(value) ? inputs[i] : to_nchw(value, inputs[i]);
    if (value.integer_zero) {
      for (float& v : values[static_cast<size_t>(graph_.inputs[i])]) v = real_of_integer(value, v);
    }
    if (value.codes) round_to(*value.codes, values[static_cast<size_t>(graph_.inputs[i])]);
    if (observe) observe(graph_.inputs[i], values[static_cast<size_t>(graph_.inputs[i])]);
  }
  for (size_t i = 0; i < graph_.nodes.size(); ++i) {
    const graph::Node& node = graph_.nodes[i];
    std::function<void(const Tensor&)> before;
    if (observe && node.before != graph::kNoValue)
      before = [&](const Tensor& elements) { observe(node.before, elements); };
    values[static_cast<size_t>(node.output)] = make_node(graph_, node, values, before);
    if (observe) observe(node.output, values[static_cast<size_t>(node.output)]);
    for (graph::ValueId in : node.inputs) {
      if (last_use_[static_cast<size_t>(in)] == i && !graph_.is_output(in))
        values[static_cast<size_t>(in)] = {};
    }
  }
  return outputs_of(graph_, values);
}

}  // namespace systole::exec
