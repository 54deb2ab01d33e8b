// SPDX-License-Identifier: Apache-2.0
// Compares two quantised graphs, tensor by tensor and operator by operator.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/graph/qgraph.h"

namespace systole::graph {

namespace {

/// What the user gives and reads.
bool same_outside(const QTensor& a, const QTensor& b) {
  return a.name == b.name && a.onnx_shape == b.onnx_shape && a.channels_last == b.channels_last &&
         a.integer_zero == b.integer_zero && a.order == b.order;
}

std::string tensor_difference(const QTensor& a, const QTensor& b) {
  if (size_text(a) != size_text(b))
    return fmt::format("is {}, expected {}", size_text(b), size_text(a));
  if (a.scale != b.scale || a.zero_point != b.zero_point)
    return fmt::format("has scale {} and zero point {}, expected {} and {}", b.scale, b.zero_point,
                       a.scale, a.zero_point);
  if (!(a.type == b.type))
    return fmt::format("has {} bits, expected {}", b.type.bits(), a.type.bits());
  if (a.channel_scale != b.channel_scale) return "has other scales";
  if (a.place != b.place) return "lies elsewhere";
  return "";
}

std::string post_difference(const QPost& a, const QPost& b) {
  if (a.bias != b.bias) return "has other biases";
  if (a.scale != b.scale) return "has other scales";
  if (a.residual != b.residual) return "adds another operand";
  if (a.table != b.table) return "has another table";
  return a == b ? "" : "rounds otherwise";
}

std::string op_difference(const QOp& a, const QOp& b) {
  if (a.name != b.name) return fmt::format("stands where '{}' did", a.name);
  if (a.kind != b.kind) return fmt::format("is '{}', expected '{}'", b.kind, a.kind);
  if (a.dense_macs != b.dense_macs)
    return fmt::format("had {} MACs, expected {}", b.dense_macs, a.dense_macs);
  if (a.operands() != b.operands() || a.out() != b.out()) return "reads or makes other tensors";
  if (const std::string post = post_difference(a.post(), b.post()); !post.empty()) return post;
  if (a.is<QConv>() && b.is<QConv>() && a.conv().weights != b.conv().weights)
    return "has other weights";
  return a == b ? "" : "is another operator";
}

}  // namespace

std::string difference(const QGraph& a, const QGraph& b) {
  if (a.batch != b.batch) return fmt::format("batch {}, expected {}", b.batch, a.batch);
  if (a.inputs != b.inputs || a.outputs != b.outputs) return "other inputs or outputs";
  if (a.host_steps != b.host_steps) return "other steps of the host";
  for (const auto* list : {&a.inputs, &a.outputs})
    for (const auto t : *list)
      if (!same_outside(a.tensors[t], b.tensors[t]))
        return fmt::format("tensor '{}' is stated otherwise", a.tensors[t].name);
  for (size_t i = 0; i < std::min(a.ops.size(), b.ops.size()); ++i) {
    const TensorId out = a.ops[i].out();
    // Biases and scales of another number of channels are a consequence.
    if (out == b.ops[i].out() && size_text(a.tensors[out]) != size_text(b.tensors[out]))
      return fmt::format("tensor '{}' {}", a.tensors[out].name,
                         tensor_difference(a.tensors[out], b.tensors[out]));
    if (const std::string text = op_difference(a.ops[i], b.ops[i]); !text.empty())
      return fmt::format("layer '{}' {}", b.ops[i].name, text);
  }
  if (a.ops.size() != b.ops.size())
    return fmt::format("{} layers, expected {}", b.ops.size(), a.ops.size());
  if (a.tensors.size() != b.tensors.size())
    return fmt::format("{} tensors, expected {}", b.tensors.size(), a.tensors.size());
  for (size_t t = 0; t < a.tensors.size(); ++t) {
    const std::string text = tensor_difference(a.tensors[t], b.tensors[t]);
    if (!text.empty()) return fmt::format("tensor '{}' {}", a.tensors[t].name, text);
  }
  return "";
}

}  // namespace systole::graph
