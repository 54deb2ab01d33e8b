// SPDX-License-Identifier: Apache-2.0
// Translators of elementwise functions of one tensor.
#include <fmt/format.h>

#include <cmath>

#include "compiler/onnx/translate.h"
#include "compiler/values/attributes.h"
#include "compiler/values/unary_functions.h"
#include "model/base/error.h"

namespace systole::importer {

namespace {

void translate_function(ImportContext& context, const onnx::NodeProto& node) {
  const Operand input = context.any_activation(node, 0, "input");
  graph::Node result = graph::make_node(graph::Unary{}, {input.value});
  result.function = values::unary_function(node);
  context.emit(node, std::move(result), input.dims, input.channels_last);
}

void emit_clamp(ImportContext& context, const onnx::NodeProto& node, float lo, float hi) {
  const Operand input = context.any_activation(node, 0, "input");
  if (std::isnan(lo) || std::isnan(hi)) throw Error("a bound is not a number");
  if (lo == INFINITY || hi == -INFINITY)
    throw graph::Unsupported("bounds that leave no finite number");
  graph::Node result = graph::make_node(graph::Clamp{}, {input.value});
  result.lo = std::min(lo, hi);  // bounds in the wrong order: ONNX lets the upper one win
  result.hi = hi;
  if (!result.clamped()) return context.define(node.output(0), input);
  context.emit(node, std::move(result), input.dims, input.channels_last);
}

void relu(ImportContext& context, const onnx::NodeProto& node) {
  emit_clamp(context, node, 0.0f, INFINITY);
}

void clip(ImportContext& context, const onnx::NodeProto& node) {
  const auto bound = [&](int i, const char* name, float fallback) {
    if (!context.has_operand(node, i)) return values::float_attribute(node, name, fallback);
    const values::Literal& literal = context.constant(node, i, name);
    if (literal.size() != 1 || !literal.is_float)
      throw Error(fmt::format("{} is not one float", name));
    return literal.floats[0];
  };
  emit_clamp(context, node, bound(1, "min", -INFINITY), bound(2, "max", INFINITY));
}

}  // namespace

void add_function_translators(Translators& table) {
  table["Relu"] = relu;
  table["Clip"] = clip;
  for (const std::string& name : values::unary_function_names()) table[name] = translate_function;
}

}  // namespace systole::importer
