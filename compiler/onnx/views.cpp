// SPDX-License-Identifier: Apache-2.0
// Which order of dimensions each operator reads, and the reshapes that lead there.
#include "compiler/onnx/views.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "compiler/onnx/operator_kinds.h"
#include "compiler/values/unary_functions.h"

namespace systole::importer {

namespace {

/// Operators that look at dimensions alone, or keep views themselves.
bool keeps_views(const std::string& op) {
  static const std::set<std::string> names = {"Reshape",   "Flatten",  "Squeeze", "Unsqueeze",
                                              "Transpose", "Identity", "Dropout", "Cast",
                                              "Shape",     "Size",     "Softmax", "LogSoftmax"};
  return names.count(op) != 0;
}

bool is_product(const std::string& op) {
  static const std::set<std::string> names = {"MatMul", "QLinearMatMul", "MatMulInteger"};
  return names.count(op) != 0;
}

bool is_function(const std::string& op) {
  static const std::vector<std::string> list = values::unary_function_names();
  static const std::set<std::string> names(list.begin(), list.end());
  return names.count(op) != 0;
}

/// Operators that read either order, all operands the same one.
bool takes_either(const std::string& op) {
  static const std::set<std::string> names = {"PRelu",
                                              "Concat",
                                              "Slice",
                                              "Split",
                                              "ReduceMean",
                                              "ReduceMax",
                                              "ReduceSum",
                                              "QLinearAdd",
                                              "QLinearMul",
                                              "QLinearConcat",
                                              "QLinearSigmoid",
                                              "QLinearLeakyRelu",
                                              "Quant",
                                              "QuantizeLinear",
                                              "BipolarQuant",
                                              "DequantizeLinear",
                                              "DynamicQuantizeLinear"};
  return names.count(op) != 0 || elementwise_operators().count(op) != 0;
}

/// The shape of `operand` in one of the two orders; nothing if it has none.
std::optional<graph::Chw> shape_in(const ImportContext& context, const values::Dims& dims,
                                   bool channels_last) {
  if (channels_last && (dims.size() < 3 || dims.size() > 4)) return std::nullopt;
  try {
    return context.item_shape(dims, channels_last);
  } catch (const graph::Unsupported&) {
    return std::nullopt;
  }
}

/// The NCHW index in the value of each NCHW element of `shape`, in which `operand` is to be read.
graph::ElementOrder order_in(const ImportContext& context, const Operand& operand,
                             const graph::Chw& shape, bool channels_last) {
  const graph::ElementOrder stated = order_of(context, operand);
  return channels_last ? graph::composed(graph::inverse(graph::stored_order(shape)), stated)
                       : stated;
}

/// Whether `operand` is stored as it would be in that order.
bool is_free(const ImportContext& context, const Operand& operand, bool channels_last) {
  const auto shape = shape_in(context, operand.dims, channels_last);
  if (!shape) return false;
  const graph::Chw& from = context.graph.shape(operand.value);
  return graph::composed(graph::stored_order(*shape),
                         order_in(context, operand, *shape, channels_last)) ==
         graph::stored_order(from);
}

}  // namespace

Operand settled(ImportContext& context, const onnx::NodeProto& reader, const Operand& operand,
                bool channels_last) {
  const graph::Chw shape = context.item_shape(operand.dims, channels_last);
  graph::ElementOrder order = order_in(context, operand, shape, channels_last);
  Operand result = {operand.dims, nullptr, operand.value, channels_last, operand.integers};
  if (shape == context.graph.shape(operand.value) && graph::is_identity(order)) return result;
  graph::Node node = graph::make_node(graph::Reshape{}, {operand.value});
  result.value =
      context.make(reader, std::move(node), operand.dims, channels_last, "/reshaped").value;
  graph::Node& made = context.graph.nodes.back();
  graph::set_order(context.graph, made, std::move(order));
  if (operand.view != nullptr) {
    made.name = operand.view->name;
    made.op_type = operand.view->op_type;
    made.origin = operand.view->origin;
  }
  return result;
}

namespace {

bool is_activation(ImportContext& context, const onnx::NodeProto& node, int i) {
  if (!context.has_operand(node, i) || context.is_refused(node.input(i)) ||
      !context.is_defined(node.input(i)))
    return false;
  const Operand& operand = context.operand(node, i);
  return operand.literal == nullptr && !operand.only_on_host();
}

/// The order in which all of `operands` are read best.
bool common_order(const ImportContext& context, const std::vector<Operand>& operands) {
  for (const Operand& operand : operands) {
    const bool plain = operand.view == nullptr && operand.dims.size() > 2;
    if (plain) return operand.channels_last;
  }
  return std::any_of(operands.begin(), operands.end(), [&](const Operand& operand) {
    return is_free(context, operand, true) && !is_free(context, operand, false);
  });
}

}  // namespace

graph::ElementOrder order_of(const ImportContext& context, const Operand& operand) {
  if (operand.view != nullptr) return operand.view->from;
  const graph::Chw& shape = context.graph.shape(operand.value);
  if (operand.channels_last) return graph::stored_order(shape);
  graph::ElementOrder order(static_cast<size_t>(shape.elements()));
  std::iota(order.begin(), order.end(), 0);
  return order;
}

Operand viewed(const ImportContext& context, const onnx::NodeProto& node, const Operand& of,
               const values::Dims& dims, graph::ElementOrder order) {
  Operand result = {dims, nullptr, of.value, false, of.integers};
  const graph::Chw& shape = context.graph.shape(of.value);
  for (const bool channels_last : {false, true}) {
    result.channels_last = channels_last;
    const auto as = shape_in(context, dims, channels_last);
    if (as && *as == shape && order == order_of(context, result)) return result;
  }
  result.channels_last = false;
  result.view = std::make_shared<OperandView>(
      OperandView{std::move(order), node.name().empty() ? node.output(0) : node.name(),
                  node.op_type(), node.output(0)});
  return result;
}

Operand as_rows(const ImportContext& context, const onnx::NodeProto& node, const Operand& operand) {
  int64_t rows = 1;
  for (size_t d = 1; d + 1 < operand.dims.size(); ++d) rows *= operand.dims[d];
  return viewed(context, node, operand, {operand.dims[0], rows, operand.dims.back()},
                order_of(context, operand));
}

Operand transposed(const ImportContext& context, const onnx::NodeProto& node,
                   const Operand& operand, const std::vector<int64_t>& perm) {
  const size_t rank = perm.size(), first = context.batch() == 1 ? 0 : 1;
  std::vector<int64_t> strides(rank, 1);
  for (size_t d = rank; d-- > 1;) strides[d - 1] = strides[d] * operand.dims[d];
  std::vector<program::ElementLoop> loops;  // of a batch of several: over one item
  values::Dims dims;
  for (size_t d = 0; d < rank; ++d) {
    const auto from = static_cast<size_t>(perm[d]);
    dims.push_back(operand.dims[from]);
    if (d >= first) loops.push_back({operand.dims[from], strides[from]});
  }
  return viewed(context, node, operand, dims,
                graph::composed(graph::order_of(loops), order_of(context, operand)));
}

Operand base_of(const ImportContext& context, const Operand& operand) {
  const graph::Chw& shape = context.graph.shape(operand.value);
  return {{context.batch(), shape.c, shape.h, shape.w},
          nullptr,
          operand.value,
          false,
          operand.integers};
}

int viewed_operand(ImportContext& context, const onnx::NodeProto& node) {
  static const std::set<std::string> kOfOne = {
      "Relu", "Clip", "QuantizeLinear", "DequantizeLinear", "Quant", "BipolarQuant"};
  static const std::set<std::string> kOfTwo = {"Add", "Sub", "Mul", "Div", "Max", "Min", "Pow"};
  const bool of_one = kOfOne.count(node.op_type()) != 0 || is_function(node.op_type());
  if (of_one)
    return is_activation(context, node, 0) && context.operand(node, 0).view != nullptr ? 0 : -1;
  if (kOfTwo.count(node.op_type()) == 0 || node.input_size() != 2) return -1;
  for (const int i : {0, 1}) {
    if (!is_activation(context, node, i) || is_activation(context, node, 1 - i)) continue;
    const Operand& operand = context.operand(node, i);
    if (context.is_refused(node.input(1 - i)) || !context.is_defined(node.input(1 - i))) return -1;
    const Operand& other = context.operand(node, 1 - i);
    const bool one = other.literal != nullptr && other.literal->size() == 1 &&
                     other.dims.size() <= operand.dims.size();
    return one && operand.view != nullptr ? i : -1;
  }
  return -1;
}

void settle_operands(ImportContext& context, const onnx::NodeProto& node) {
  const std::string& op = node.op_type();
  if (keeps_views(op)) return;
  std::vector<std::string> names;
  std::vector<Operand> operands;
  for (int i = 0; i < node.input_size(); ++i) {
    if (!is_activation(context, node, i)) continue;
    names.push_back(node.input(i));
    operands.push_back(context.operand(node, i));
  }
  const bool either = takes_either(op) || is_product(op);
  const bool settled_already =
      std::all_of(operands.begin(), operands.end(), [&](const Operand& operand) {
        return operand.view == nullptr && (either || !operand.channels_last);
      });
  const bool mixed = std::any_of(operands.begin(), operands.end(), [&](const Operand& operand) {
    return operand.channels_last != operands[0].channels_last;
  });
  const bool rows = is_product(op) && operands.size() == 1 && operands[0].dims.size() > 2 &&
                    operands[0].dims.size() < 5;
  if (settled_already && !mixed && !(rows && !operands[0].channels_last)) return;
  const bool last = rows || (either && common_order(context, operands));
  for (size_t i = 0; i < operands.size(); ++i) {
    const Operand& operand = operands[i];
    const bool of_features = operand.dims.size() == 2;
    if (operand.view == nullptr && (of_features || operand.channels_last == last)) continue;
    const bool has_last = operand.dims.size() == 3 || operand.dims.size() == 4;
    Operand made = settled(context, node, operand, last && has_last);
    context.define(names[i], std::move(made));
  }
}

}  // namespace systole::importer
