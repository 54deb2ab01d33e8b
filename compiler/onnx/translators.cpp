// SPDX-License-Identifier: Apache-2.0
// The table of all translators, and the way of one node through constant folding or its translator.
#include <fmt/format.h>

#include <set>

#include "compiler/onnx/constant_fold.h"
#include "compiler/onnx/importer.h"
#include "compiler/onnx/quantised.h"
#include "compiler/onnx/translate.h"
#include "model/arch/error.h"

namespace systole {

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
    add_elementwise_translators(t);
    add_function_translators(t);
    add_join_translators(t);
    add_upsample_translators(t);
    add_shape_translators(t);
    for (const auto& [name, translator] : integer_translators()) t[name] = translator;
    return t;
  }();
  return table;
}

/// Name of a translator: of the standard operators the operator's, of others with the domain.
std::string key_of(const onnx::NodeProto& node) {
  const bool standard = node.domain().empty() || node.domain() == "ai.onnx";
  return standard ? node.op_type() : node.domain() + "." + node.op_type();
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
      throw Unsupported(
          fmt::format("computes with the integers '{}', expected it dequantised", node.input(i)));
    const Operand& leading = context.operand(node, 0);
    if (leading.value == kNoValue) throw Unsupported("joins constants with integers");
    const auto& first = context.graph.codes(leading.value);
    if (type && (*type != *operand.integers || context.graph.codes(operand.value) != first))
      throw Unsupported("joins integers of different scales");
    type = operand.integers;
  }
  return type;
}

}  // namespace

void translate_node(ImportContext& context, const onnx::NodeProto& node) {
  if (node.output_size() == 0 || node.output(0).empty()) throw Error("the node has no output");
  const auto translator = translators().find(key_of(node));
  if (translator != translators().end() && takes_integers(translator->first))
    return translator->second(context, node);
  const bool standard = node.domain().empty() || node.domain() == "ai.onnx";
  if (!standard)
    throw Unsupported(fmt::format("operator of domain '{}' is not supported", node.domain()));
  const std::optional<IntegerType> integers = moved_integers(context, node);
  if (fold_constant(context, node)) return;
  if (translator == translators().end()) throw Unsupported("operator is not supported");
  translator->second(context, node);
  if (!integers) return;
  for (const std::string& name : node.output()) context.mark_integers(name, *integers);
}

std::vector<std::string> supported_operators() {
  std::set<std::string> names;  // without their domains
  for (const auto& [name, translator] : translators())
    names.insert(name.substr(name.rfind('.') + 1));
  return {names.begin(), names.end()};
}

}  // namespace systole
