// SPDX-License-Identifier: Apache-2.0
// The table of all translators, and the way of one node through constant folding or its translator.
#include <fmt/format.h>

#include <set>

#include "compiler/onnx/constant_fold.h"
#include "compiler/onnx/importer.h"
#include "compiler/onnx/operator_kinds.h"
#include "compiler/onnx/quantised.h"
#include "compiler/onnx/translate.h"
#include "compiler/onnx/turns.h"
#include "compiler/onnx/views.h"
#include "compiler/values/attribute_watch.h"
#include "compiler/values/node_names.h"
#include "model/base/error.h"

namespace systole::importer {

namespace {

/// The translators that read or make integers, by name.
const Translators& integer_translators() {
  static const Translators table = [] {
    Translators t;
    add_quantise_translators(t);
    add_qlinear_translators(t);
    add_qonnx_translators(t);
    add_integer_translators(t);
    return t;
  }();
  return table;
}

bool takes_integers(const std::string& name) { return integer_translators().count(name) != 0; }

const Translators& translators() {
  static const Translators table = [] {
    Translators t;
    add_linear_translators(t);
    add_pool_translators(t);
    add_reduction_translators(t);
    add_pad_translators(t);
    add_elementwise_translators(t);
    add_softmax_translators(t);
    add_function_translators(t);
    add_join_translators(t);
    add_upsample_translators(t);
    add_resize_translators(t);
    add_shape_translators(t);
    add_branch_translators(t);
    add_fused_translators(t);
    for (const auto& [name, translator] : integer_translators()) t[name] = translator;
    return t;
  }();
  return table;
}

/// The type of the integers that `node` moves; nothing if it reads none. Throws Unsupported if it
/// would compute with them.
std::optional<IntegerType> moved_integers(ImportContext& context, const onnx::NodeProto& node) {
  std::optional<IntegerType> type;
  for (int i = 0; i < node.input_size(); ++i) {
    if (!context.has_operand(node, i) || context.is_refused(node.input(i)) ||
        !context.is_defined(node.input(i)))
      continue;
    const Operand& operand = context.operand(node, i);
    if (!operand.integers || node.op_type() == "Cast") continue;
    if (!passes_codes(node.op_type()))
      throw graph::Unsupported(
          fmt::format("computes with the integers '{}', expected it dequantised", node.input(i)));
    const Operand& leading = context.operand(node, 0);
    if (leading.value == graph::kNoValue) throw graph::Unsupported("joins constants with integers");
    const auto& first = context.graph.codes(leading.value);
    if (type && (*type != *operand.integers || context.graph.codes(operand.value) != first))
      throw graph::Unsupported("joins integers of different scales");
    type = operand.integers;
  }
  return type;
}

/// The dimensions of the product of a tensor of more than four dimensions with a matrix, which is
/// computed row by row; nothing for other nodes.
std::optional<values::Dims> product_dims(ImportContext& context, const onnx::NodeProto& node) {
  if (node.op_type() != "MatMul" || node.input_size() != 2 || context.is_refused(node.input(0)) ||
      context.is_refused(node.input(1)))
    return std::nullopt;
  const Operand& rows = context.operand(node, 0);
  const Operand& matrix = context.operand(node, 1);
  if (rows.value == graph::kNoValue || rows.dims.size() < 5 || matrix.literal == nullptr ||
      matrix.dims.size() != 2 || rows.dims[0] != context.batch())
    return std::nullopt;
  values::Dims dims = rows.dims;
  dims.back() = matrix.dims[1];
  return dims;
}

/// Runs `translate` with `other` in the place of the operand `i` of `node`.
template <typename Translate>
void with_operand(ImportContext& context, const onnx::NodeProto& node, int i, Operand other,
                  const Translate& translate) {
  const Operand own = context.operand(node, i);
  context.define(node.input(i), std::move(other));
  try {
    translate();
  } catch (...) {
    context.define(node.input(i), own);
    throw;
  }
  context.define(node.input(i), own);
}

bool has_two_operands(const onnx::NodeProto& node) {
  return node.input_size() == 2 && elementwise_operators().count(node.op_type()) != 0 &&
         node.op_type() != "Clip";
}

/// The operand of `node` that a constant of more dimensions widens: leading dimensions of 1, which
/// an item of a batch of one has as many of as it likes. -1: none.
int widened_operand(ImportContext& context, const onnx::NodeProto& node) {
  if (!has_two_operands(node) || context.batch() != 1) return -1;
  for (const int i : {0, 1}) {
    for (const int k : {0, 1})
      if (context.is_refused(node.input(k)) || !context.is_defined(node.input(k))) return -1;
    const Operand& operand = context.operand(node, i);
    const Operand& other = context.operand(node, 1 - i);
    if (operand.value != graph::kNoValue && other.literal != nullptr &&
        other.dims.size() > operand.dims.size())
      return i;
  }
  return -1;
}

/// `operand` with `rank` dimensions.
Operand widened(const ImportContext& context, const onnx::NodeProto& node, const Operand& operand,
                size_t rank) {
  values::Dims dims = operand.dims;
  dims.insert(dims.begin(), rank - dims.size(), 1);
  return viewed(context, node, operand, dims, order_of(context, operand));
}

/// The function of a view is the view of the function; other operators read what they need.
void translate_settled(ImportContext& context, const onnx::NodeProto& node, Translator translator) {
  const auto settled = [&] {
    settle_operands(context, node);
    translator(context, node);
  };
  if (const std::optional<values::Dims> dims = product_dims(context, node)) {
    with_operand(context, node, 0, as_rows(context, node, context.operand(node, 0)), settled);
    const Operand result = context.operand(node.output(0));
    return context.define(node.output(0),
                          viewed(context, node, result, *dims, order_of(context, result)));
  }
  if (const int i = widened_operand(context, node); i >= 0) {
    const size_t rank = context.operand(node, 1 - i).dims.size();
    return with_operand(context, node, i, widened(context, node, context.operand(node, i), rank),
                        [&] { translate_settled(context, node, translator); });
  }
  const int i = viewed_operand(context, node);
  if (i < 0) return settled();
  const Operand view = context.operand(node, i);
  with_operand(context, node, i, base_of(context, view), [&] {
    if (!has_two_operands(node)) return settled();
    values::Literal number = *context.operand(node, 1 - i).literal;
    number.dims.clear();
    with_operand(context, node, 1 - i,
                 {{}, std::make_shared<values::Literal>(std::move(number)), graph::kNoValue},
                 settled);
  });
  Operand result = context.operand(node.output(0));
  result.dims = view.dims;
  result.view = view.view;
  context.define(node.output(0), std::move(result));
}

}  // namespace

namespace {

void translate(ImportContext& context, const onnx::NodeProto& node) {
  if (values::first_output(node).empty()) throw Error("the node has no output");
  const auto translator = translators().find(values::qualified_name(node));
  if (node.output(0).empty())
    throw graph::Unsupported(translator == translators().end() ? "operator is not supported"
                                                               : "its first result has no name");
  if (translator != translators().end() && takes_integers(translator->first))
    return translate_settled(context, node, translator->second);
  if (!values::is_standard(node) && translator == translators().end())
    throw graph::Unsupported(
        fmt::format("operator of domain '{}' is not supported", node.domain()));
  const std::optional<IntegerType> integers = moved_integers(context, node);
  if (fold_constant(context, node)) return;
  if (translator == translators().end()) {
    if (put_in_turn(context, node)) return;
    throw graph::Unsupported("operator is not supported");
  }
  translate_settled(context, node, translator->second);
  if (!integers) return;
  for (const std::string& name : node.output()) context.mark_integers(name, *integers);
}

}  // namespace

void translate_node(ImportContext& context, const onnx::NodeProto& node) {
  values::AttributeWatch watch(node, context.opset());
  translate(context, node);
  watch.check();
  for (int i = 1; i < node.output_size(); ++i) {  // indices of a maximum, a dropout's mask
    const std::string& name = node.output(i);
    const bool wanted = context.is_read(name) || context.is_network_output(name);
    if (wanted && !name.empty() && !context.is_defined(name))
      throw graph::Unsupported(fmt::format("its output '{}' is not computed", name));
  }
}

std::vector<std::string> supported_operators() {
  std::set<std::string> names;  // without their domains
  for (const auto& [name, translator] : translators())
    names.insert(name.substr(name.rfind('.') + 1));
  return {names.begin(), names.end()};
}

}  // namespace systole::importer
