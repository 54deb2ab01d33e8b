// SPDX-License-Identifier: Apache-2.0
// The table of the host's operators, and the choice between them and function bodies.
#include "compiler/host/host_operators.h"

#include <set>

#include "compiler/host/function_body.h"
#include "compiler/host/host_call.h"
#include "compiler/host/result_types.h"
#include "compiler/values/attribute_watch.h"
#include "compiler/values/node_names.h"

namespace systole::host {

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
    add_quantisation_host_operators(t);
    add_qlinear_host_operators(t);
    add_qlinear_elementwise_host_operators(t);
    add_convolution_host_operators(t);
    add_pooling_host_operators(t);
    add_resize_host_operators(t);
    add_ordering_host_operators(t);
    add_padding_host_operators(t);
    add_recurrent_host_operators(t);
    add_sampling_host_operators(t);
    add_spectrum_host_operators(t);
    add_dynamic_lstm_host_operators(t);
    add_scatter_host_operators(t);
    add_einsum_host_operators(t);
    add_layer_norm_host_operators(t);
    add_more_elementwise_host_operators(t);
    add_attention_host_operators(t);
    return t;
  }();
  return operators;
}

}  // namespace

values::Literal zeros(const values::Dims& dims, bool is_float) {
  values::Literal literal;
  literal.dims = dims;
  literal.is_float = is_float;
  const auto count = static_cast<size_t>(values::element_count(dims, "result"));
  is_float ? literal.floats.resize(count) : literal.ints.resize(count);
  return literal;
}

values::Literal integers(values::Dims dims, std::vector<int64_t> values) {
  values::Literal literal;
  literal.is_float = false;
  literal.dims = std::move(dims);
  literal.ints = std::move(values);
  return literal;
}

bool host_computes(const onnx::NodeProto& node, int64_t opset) {
  if (node.op_type() == "BatchNormalization" && values::trains(node, opset)) return false;
  return table().count(values::qualified_name(node)) != 0 ||
         (values::is_standard(node) && has_function_body(node, opset));
}

std::vector<values::Literal> compute_on_host(const onnx::NodeProto& node, const HostInputs& inputs,
                                             const HostContext& context) {
  values::AttributeWatch watch(node, context.opset);
  const auto found = table().find(values::qualified_name(node));
  std::vector<values::Literal> results;
  if (found != table().end())
    results = found->second({node, inputs, context});
  else if (values::is_standard(node) && has_function_body(node, context.opset))
    results = compute_function_body(node, inputs, context);
  else
    throw graph::Unsupported("the host does not compute it");
  for (int i = static_cast<int>(results.size()); i < node.output_size(); ++i) {
    if (!node.output(i).empty())
      throw graph::Unsupported(fmt::format("output {} is not computed", i));
    results.emplace_back();
  }
  watch.check();
  settle_types(node, inputs, context.opset, results);
  return results;
}

std::vector<std::string> host_operators() {
  std::set<std::string> names;  // without their domains
  for (const auto& [name, op] : table()) names.insert(name.substr(name.rfind('.') + 1));
  return {names.begin(), names.end()};
}

}  // namespace systole::host
