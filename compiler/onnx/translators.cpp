// SPDX-License-Identifier: Apache-2.0
// The table of all translators, and the way of one node through constant folding or its translator.
#include <fmt/format.h>

#include "compiler/onnx/constant_fold.h"
#include "compiler/onnx/importer.h"
#include "compiler/onnx/translate.h"
#include "model/arch/error.h"

namespace systole {

namespace {

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
    return t;
  }();
  return table;
}

}  // namespace

void translate_node(ImportContext& context, const onnx::NodeProto& node) {
  const bool standard = node.domain().empty() || node.domain() == "ai.onnx";
  if (!standard)
    throw Unsupported(fmt::format("operator of domain '{}' is not supported", node.domain()));
  if (node.output_size() == 0 || node.output(0).empty()) throw Error("the node has no output");
  if (fold_constant(context, node)) return;
  const auto translator = translators().find(node.op_type());
  if (translator == translators().end()) throw Unsupported("operator is not supported");
  translator->second(context, node);
}

std::vector<std::string> supported_operators() {
  std::vector<std::string> names;
  for (const auto& [name, translator] : translators()) names.push_back(name);
  return names;
}

}  // namespace systole
