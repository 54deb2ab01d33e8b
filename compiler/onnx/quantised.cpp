// SPDX-License-Identifier: Apache-2.0
// Codes of activations and scales of weights, as the network states them.
#include "compiler/onnx/quantised.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "compiler/passes/stated_codes.h"
#include "compiler/values/attributes.h"
#include "model/base/error.h"

namespace systole::importer {

namespace {

/// The integer zero point at operand `i` of `node`, 0 without one.
int64_t zero_operand(ImportContext& context, const onnx::NodeProto& node, int i) {
  if (!context.has_operand(node, i)) return 0;
  const values::Literal& literal = context.constant(node, i, "zero point");
  if (literal.is_float) throw Error("the zero point holds floats, expected integers");
  if (literal.ints.empty() || std::any_of(literal.ints.begin(), literal.ints.end(),
                                          [&](int64_t z) { return z != literal.ints[0]; })) {
    throw graph::Unsupported("several zero points, expected one");
  }
  return literal.ints[0];
}

/// Operand that holds the quantised tensor whose scale and zero point come behind it, for operators
/// that read integers; -1 if `node` does not read `name` so.
int quantised_operand(const onnx::NodeProto& node, const std::string& name) {
  static const std::set<std::string> kReaders = {"DequantizeLinear",
                                                 "QLinearConv",
                                                 "QLinearMatMul",
                                                 "QGemm",
                                                 "QLinearAdd",
                                                 "QLinearMul",
                                                 "QLinearSigmoid",
                                                 "QLinearLeakyRelu",
                                                 "QLinearGlobalAveragePool",
                                                 "QLinearAveragePool"};
  if (kReaders.count(node.op_type()) == 0) return -1;
  if (node.input(0) == name) return 0;
  const bool two = node.op_type() == "QLinearAdd" || node.op_type() == "QLinearMul";
  return two && node.input_size() > 3 && node.input(3) == name ? 3 : -1;
}

/// The input of the network whose elements `v` holds in other places; `v` if it is none.
graph::ValueId moved_from(const graph::Graph& graph, graph::ValueId v) {
  graph::ValueId at = v;
  for (int maker = graph.producer(at); maker >= 0 && !graph.codes(at); maker = graph.producer(at)) {
    const graph::Node& node = graph.nodes[static_cast<size_t>(maker)];
    if (!node.is<graph::Reshape, graph::Slice, graph::MaxPool>()) return v;
    at = node.inputs[0];
  }
  return graph.is_input(at) ? at : v;
}

/// Operand that holds the zero point of the integers `name`, if `node` multiplies them as they
/// are; -1 otherwise.
int zero_operand_of_product(const onnx::NodeProto& node, const std::string& name) {
  const bool product = node.op_type() == "ConvInteger" || node.op_type() == "MatMulInteger";
  return product && node.input(0) == name ? 2 : -1;
}

}  // namespace

std::optional<IntegerType> integer_type(int data_type) {
  switch (data_type) {
    case onnx::TensorProto::UINT8:
      return IntegerType{8, false};
    case onnx::TensorProto::INT8:
      return IntegerType{8, true};
    case values::kOnnxUint4:
      return IntegerType{4, false};
    case values::kOnnxInt4:
      return IntegerType{4, true};
    default:
      return std::nullopt;
  }
}

bool passes_codes(const std::string& op) {
  static const std::set<std::string> kMoves = {
      "MaxPool", "Flatten", "Reshape", "Squeeze", "Unsqueeze", "Transpose",    "Identity",
      "Dropout", "Slice",   "Split",   "Concat",  "Resize",    "DepthToSpace", "Pad"};
  return kMoves.count(op) != 0;
}

graph::Codes make_codes(float scale, int64_t zero, const IntegerType& type) {
  graph::Codes codes;
  codes.scale = scale;
  codes.lo = -(1 << (type.bits - 1));
  codes.hi = -codes.lo - 1;
  if (!std::isnormal(scale) || scale < 0)
    throw graph::Unsupported(fmt::format("scale {}, expected a normal positive number", scale));
  const int64_t stored = zero + type.offset();
  if (stored < codes.lo || stored > codes.hi)
    throw Error(fmt::format("zero point {} is outside its type", zero));
  codes.zero = static_cast<int>(stored);
  return codes;
}

Operand quantised(ImportContext& context, const onnx::NodeProto& node, const Operand& x,
                  const graph::Codes& codes, const IntegerType& type, const std::string& step) {
  const auto integers = [&](Operand operand) {
    operand.integers = type;
    return operand;
  };
  graph::Graph& graph = context.graph;
  if (x.integers) throw Error("quantises integers, expected floats");
  if (graph.codes(x.value) == codes) return integers(x);
  for (const graph::Node& other :
       graph.nodes) {  // a pair of Q and DQ for each reader is one rounding
    const bool same = other.is<graph::Clamp>() && !other.clamped() && other.inputs[0] == x.value &&
                      graph.codes(other.output) == codes;
    if (same) return integers({x.dims, nullptr, other.output, x.channels_last, {}});
  }
  graph::Node round = graph::make_node(graph::Clamp{}, {x.value});
  const Operand made = context.make(node, std::move(round), x.dims, x.channels_last, step);
  graph.values[static_cast<size_t>(made.value)].codes = codes;
  return integers(made);
}

Operand dequantised(ImportContext& context, const onnx::NodeProto& node, const Operand& x,
                    const graph::Codes& codes, const std::string& step) {
  Operand real = x;
  real.integers.reset();
  graph::Graph& graph = context.graph;
  for (const graph::ValueId v : {moved_from(graph, x.value), x.value}) {
    auto& of_value = graph.values[static_cast<size_t>(v)].codes;
    if (!of_value) of_value = passes::stated_codes(graph, v);
    if (!of_value) of_value = codes;
  }
  if (graph.codes(x.value) == codes) return real;
  // The same integers stand for other numbers: (x / scale + zero - zero') * scale'.
  const graph::Codes was = *graph.codes(x.value);
  graph::Node rescale = graph::make_node(graph::Unary{}, {x.value});
  graph::Function f;
  const graph::Function::Ref code =
      f.apply("div", graph::Function::kVariable, f.constant(was.scale));
  const graph::Function::Ref moved = f.apply("add", code, f.constant(was.zero - codes.zero));
  f.apply("mul", moved, f.constant(codes.scale));
  rescale.function = std::move(f);
  real = context.make(node, std::move(rescale), x.dims, x.channels_last, step);
  context.graph.values[static_cast<size_t>(real.value)].codes = codes;
  return real;
}

graph::Codes codes_operand(ImportContext& context, const onnx::NodeProto& node, int i,
                           const IntegerType& type) {
  const std::vector<float>& scale = context.weights(node, i + 1, "scale");
  if (scale.empty()) throw Error("the scale is empty");
  if (std::any_of(scale.begin(), scale.end(), [&](float s) { return s != scale[0]; })) {
    throw graph::Unsupported(
        fmt::format("{} scales of an activation, expected one for the whole tensor", scale.size()));
  }
  return make_codes(scale[0], zero_operand(context, node, i + 2), type);
}

std::optional<graph::Codes> codes_of_input(ImportContext& context, const onnx::GraphProto& proto,
                                           const std::string& name, const IntegerType& type) {
  std::set<std::string> same = {name};
  for (const onnx::NodeProto& node : proto.node()) {
    for (const std::string& in : node.input()) {
      if (same.count(in) == 0) continue;
      const int at = quantised_operand(node, in);
      const bool stated =
          at >= 0 && context.is_defined(node.input(at + 1)) &&
          (!context.has_operand(node, at + 2) || context.is_defined(node.input(at + 2)));
      if (stated) return codes_operand(context, node, at, type);
      if (node.op_type() == "Cast") return make_codes(1.0f, 0, type);
      const int zero = zero_operand_of_product(node, in);
      if (zero >= 0) {
        if (!context.has_operand(node, zero)) return make_codes(1.0f, 0, type);
        if (context.is_defined(node.input(zero)))
          return make_codes(1.0f, zero_operand(context, node, zero), type);
      }
      if (passes_codes(node.op_type())) same.insert(node.output().begin(), node.output().end());
    }
  }
  return std::nullopt;
}

void take_scales(const values::Literal& weights, int64_t axis, const values::Literal* bias,
                 graph::Conv& conv) {
  if (!weights.scales) return;
  const values::LiteralScales& scales = *weights.scales;
  const size_t channels = conv.channels();
  if (scales.scale.size() > 1 && (scales.axis != axis || scales.scale.size() != channels)) {
    throw graph::Unsupported(
        fmt::format("{} scales of the weights along dimension {}, expected one, or "
                    "one for each of {} output channels",
                    scales.scale.size(), scales.axis, channels));
  }
  conv.weight_scale =
      scales.scale.size() == 1 ? std::vector<float>(channels, scales.scale[0]) : scales.scale;
  const size_t taps = conv.taps();
  for (size_t i = 0; i < conv.weights.size() && conv.group > 1; ++i) {
    const float code = std::nearbyint(conv.weights[i] / conv.weight_scale[i / taps]);
    if (code >= -128.0f && code <= 127.0f) continue;
    throw graph::Unsupported(
        fmt::format("weights less their zero point reach {}, expected -128..127 in a convolution "
                    "of groups: asymmetric weights",
                    code));
  }
  if (bias != nullptr && bias->exact.size() == channels)
    conv.exact_bias = bias->exact;
  else
    conv.exact_bias.assign(conv.bias.begin(), conv.bias.end());
}

}  // namespace systole::importer
