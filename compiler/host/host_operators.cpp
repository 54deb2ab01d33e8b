// SPDX-License-Identifier: Apache-2.0
// The table of the host's operators, and the choice between them and function bodies.
#include "compiler/host/host_operators.h"

#include "compiler/host/function_body.h"
#include "compiler/host/host_call.h"
#include "compiler/onnx/attribute_watch.h"

namespace systole {

namespace {

const HostOperators& table() {
  static const HostOperators operators = [] {
    HostOperators t;
    add_elementwise_host_operators(t);
    add_reduction_host_operators(t);
    add_shape_host_operators(t);
    add_selection_host_operators(t);
    add_matrix_host_operators(t);
    add_normalisation_host_operators(t);
    return t;
  }();
  return operators;
}

bool standard(const onnx::NodeProto& node) {
  return node.domain().empty() || node.domain() == "ai.onnx";
}

}  // namespace

Literal zeros(const Dims& dims, bool is_float) {
  Literal literal;
  literal.dims = dims;
  literal.is_float = is_float;
  const auto count = static_cast<size_t>(element_count(dims, "result"));
  is_float ? literal.floats.resize(count) : literal.ints.resize(count);
  return literal;
}

Literal integers(Dims dims, std::vector<int64_t> values) {
  Literal literal;
  literal.is_float = false;
  literal.dims = std::move(dims);
  literal.ints = std::move(values);
  return literal;
}

bool host_computes(const onnx::NodeProto& node, int64_t opset) {
  if (node.op_type() == "BatchNormalization" && trains(node, opset)) return false;
  return standard(node) && (table().count(node.op_type()) != 0 || has_function_body(node, opset));
}

std::vector<Literal> compute_on_host(const onnx::NodeProto& node, const HostInputs& inputs,
                                     const HostContext& context) {
  AttributeWatch watch(node, context.opset);
  const auto found = table().find(node.op_type());
  std::vector<Literal> results;
  if (found != table().end())
    results = found->second({node, inputs, context});
  else if (has_function_body(node, context.opset))
    results = compute_function_body(node, inputs, context);
  else
    throw Unsupported("the host does not compute it");
  for (int i = static_cast<int>(results.size()); i < node.output_size(); ++i) {
    if (!node.output(i).empty()) throw Unsupported(fmt::format("output {} is not computed", i));
    results.emplace_back();
  }
  watch.check();
  return results;
}

std::vector<std::string> host_operators() {
  std::vector<std::string> names;
  for (const auto& [name, op] : table()) names.push_back(name);
  return names;
}

}  // namespace systole
