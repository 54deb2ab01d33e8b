// SPDX-License-Identifier: Apache-2.0
// Translator of the softmax that the host computes at the tail.
#include <string>

#include "compiler/onnx/translate.h"
#include "compiler/values/attributes.h"

namespace systole::importer {

namespace {

/// The host applies a softmax to an output; anywhere else it is refused.
void softmax(ImportContext& context, const onnx::NodeProto& node) {
  const Operand input = context.any_activation(node, 0, "input");
  const std::string& name = node.output(0);
  if (!context.is_network_output(name) || context.is_read(name)) {
    throw graph::Unsupported("only at the network's output");
  }
  const auto rank = static_cast<int64_t>(input.dims.size());
  const int64_t axis = values::normalise_axis(
      values::int_attribute(node, "axis", context.opset() < 13 ? 1 : -1), rank);
  if (axis == 0) throw graph::Unsupported("over the batch");
  for (int64_t d = axis + 1; d < rank && context.opset() < 13; ++d) {
    // Up to opset 12 the dimensions from `axis` on are normalised together.
    if (input.dims[static_cast<size_t>(d)] != 1)
      throw graph::Unsupported("over several dimensions");
  }
  context.graph.host_steps.push_back(
      {node.op_type() == "Softmax" ? "softmax" : "log_softmax", name, axis});
  context.define(name, input);
}

}  // namespace

void add_softmax_translators(Translators& table) {
  table["Softmax"] = softmax;
  table["LogSoftmax"] = softmax;
}

}  // namespace systole::importer
