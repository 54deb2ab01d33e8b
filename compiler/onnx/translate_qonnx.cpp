// SPDX-License-Identifier: Apache-2.0
// Translators of QONNX: Quant (newer: IntQuant) and BipolarQuant, of activations and of weights.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "compiler/onnx/quantised.h"
#include "compiler/values/attributes.h"
#include "model/base/error.h"

namespace systole::importer {

namespace {

/// The integers that a Quant rounds to, before its zero point is taken off again.
struct Levels {
  int64_t zero = 0, lo = 0, hi = 0;
  IntegerType type;
};

float one_number(ImportContext& context, const onnx::NodeProto& node, int i, const char* role) {
  const std::vector<float> values = context.numbers(node, i, role);
  if (values.empty() ||
      std::any_of(values.begin(), values.end(), [&](float v) { return v != values[0]; })) {
    throw graph::Unsupported(
        fmt::format("{} {}s, expected one for the whole tensor", values.size(), role));
  }
  return values[0];
}

Levels read_levels(ImportContext& context, const onnx::NodeProto& node) {
  std::string rounding = values::string_attribute(node, "rounding_mode", "ROUND");
  std::transform(rounding.begin(), rounding.end(), rounding.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (rounding != "ROUND" && rounding != "HALF_EVEN")
    throw graph::Unsupported(fmt::format("rounding_mode {}, expected ROUND", rounding));
  const float bits = one_number(context, node, 3, "bit width");
  if (!(bits >= 2 && bits <= 8) || bits != std::floor(bits))
    throw graph::Unsupported(fmt::format("a bit width of {}, expected 2 to 8", bits));
  const float zero = one_number(context, node, 2, "zero point");
  if (zero != std::floor(zero)) throw graph::Unsupported(fmt::format("zero point {}", zero));
  Levels levels;
  levels.type = {static_cast<int>(bits), values::int_attribute(node, "signed", 1) != 0};
  const bool narrow = values::int_attribute(node, "narrow", 0) != 0;
  const int64_t half = int64_t{1} << (levels.type.bits - 1);
  levels.zero = static_cast<int64_t>(zero);
  levels.lo = levels.type.is_signed ? -half + narrow : 0;
  levels.hi = levels.type.is_signed ? half - 1 : 2 * half - 1 - narrow;
  return levels;
}

/// Scales of a constant: one, or one along the dimension in which their shape is not 1.
struct QuantScales {
  std::vector<float> values;
  int64_t axis = 0, stride = 1;
  float of(size_t element) const {
    return values[element / static_cast<size_t>(stride) % values.size()];
  }
};

QuantScales quant_scales(ImportContext& context, const onnx::NodeProto& node,
                         const values::Dims& dims) {
  QuantScales scales;
  const values::Dims shape = context.constant(node, 1, "scale").dims;
  scales.values = context.weights(node, 1, "scale");
  for (float s : scales.values) {
    if (!std::isnormal(s) || s < 0)
      throw graph::Unsupported(fmt::format("scale {}, expected a normal positive number", s));
  }
  const auto offset = static_cast<int64_t>(dims.size()) - static_cast<int64_t>(shape.size());
  int64_t several = 0;
  for (size_t d = 0; d < shape.size(); ++d) {
    if (shape[d] == 1) continue;
    const int64_t axis = static_cast<int64_t>(d) + offset;
    if (axis < 0 || shape[d] != dims[static_cast<size_t>(axis)])
      throw Error(fmt::format("a scale of {} does not fit {}", values::dims_text(shape),
                              values::dims_text(dims)));
    scales.axis = axis;
    ++several;
  }
  if (several > 1)
    throw graph::Unsupported(
        fmt::format("a scale of shape {}, expected one dimension", values::dims_text(shape)));
  for (size_t d = static_cast<size_t>(scales.axis) + 1; d < dims.size(); ++d)
    scales.stride *= dims[d];
  return scales;
}

void define_weights(ImportContext& context, const onnx::NodeProto& node, const values::Dims& dims,
                    const QuantScales& scales, std::vector<float> elements) {
  values::Literal literal;
  literal.dims = dims;
  literal.floats = std::move(elements);
  literal.scales = values::LiteralScales{scales.values, scales.axis};
  Operand operand;
  operand.dims = dims;
  operand.literal = std::make_shared<values::Literal>(std::move(literal));
  context.define(node.output(0), std::move(operand));
}

void bipolar_quant(ImportContext& context, const onnx::NodeProto& node);

void quant(ImportContext& context, const onnx::NodeProto& node) {
  const bool one_bit = one_number(context, node, 3, "bit width") == 1;
  if (one_bit && values::int_attribute(node, "signed", 1) != 0 &&
      one_number(context, node, 2, "zero point") == 0)
    return bipolar_quant(context, node);
  const Levels levels = read_levels(context, node);
  const Operand x = context.operand(node, 0);
  if (x.literal != nullptr) {
    const QuantScales scales = quant_scales(context, node, x.dims);
    std::vector<float> elements = context.weights(node, 0, "input");
    const auto zero = static_cast<float>(levels.zero);
    for (size_t i = 0; i < elements.size(); ++i) {
      const float code = std::nearbyint(elements[i] / scales.of(i) + zero);
      elements[i] =
          (std::clamp(code, static_cast<float>(levels.lo), static_cast<float>(levels.hi)) - zero) *
          scales.of(i);
    }
    return define_weights(context, node, x.dims, scales, std::move(elements));
  }
  if (x.integers) throw Error("quantises integers, expected floats");
  graph::Codes codes = make_codes(one_number(context, node, 1, "scale"), levels.zero, levels.type);
  codes.lo = static_cast<int>(levels.lo) + levels.type.offset();
  codes.hi = static_cast<int>(levels.hi) + levels.type.offset();
  const Operand integers = quantised(context, node, x, codes, levels.type);
  context.define(node.output(0), dequantised(context, node, integers, codes));
}

/// +scale where x >= 0, -scale elsewhere.
void bipolar_quant(ImportContext& context, const onnx::NodeProto& node) {
  const Operand x = context.operand(node, 0);
  if (x.literal != nullptr) {
    const QuantScales scales = quant_scales(context, node, x.dims);
    std::vector<float> elements = context.weights(node, 0, "input");
    for (size_t i = 0; i < elements.size(); ++i)
      elements[i] = elements[i] >= 0 ? scales.of(i) : -scales.of(i);
    return define_weights(context, node, x.dims, scales, std::move(elements));
  }
  graph::Codes codes = make_codes(one_number(context, node, 1, "scale"), 0, {8, true});
  codes.lo = -1;
  codes.hi = 1;
  codes.bipolar = true;
  graph::Node sign = graph::make_node(graph::Unary{}, {x.value});
  sign.sign_only = true;
  graph::Function f;
  const graph::Function::Ref negative =
      f.apply("greater", f.constant(0), graph::Function::kVariable);
  const graph::Function::Ref twice = f.apply("mul", negative, f.constant(-2.0 * codes.scale));
  f.apply("add", twice, f.constant(codes.scale));
  sign.function = std::move(f);
  const Operand made = context.make(node, std::move(sign), x.dims, x.channels_last);
  context.graph.values[static_cast<size_t>(made.value)].codes = codes;
  context.define(node.output(0), made);
}

}  // namespace

void add_qonnx_translators(Translators& table) {
  const std::string qonnx = "qonnx.custom_op.general.", finn = "finn.custom_op.general.",
                    brevitas = "onnx.brevitas.";
  for (const std::string& domain : {qonnx, finn, brevitas}) {
    table[domain + "Quant"] = quant;
    table[domain + "IntQuant"] = quant;
    table[domain + "BipolarQuant"] = bipolar_quant;
  }
}

}  // namespace systole::importer
