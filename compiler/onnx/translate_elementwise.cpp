// SPDX-License-Identifier: Apache-2.0
// Translators of elementwise operators on two tensors or a tensor and a constant.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "compiler/onnx/constant_operand.h"
#include "compiler/onnx/translate.h"
#include "compiler/passes/stated_codes.h"
#include "compiler/values/attributes.h"
#include "model/base/error.h"

namespace systole::importer {

namespace {

graph::Node unary(graph::Op op, const Operand& input) {
  graph::Node node;
  node.op = op;
  node.inputs = {input.value};
  return node;
}

/// input * scale + shift, each one value or one a channel.
graph::Node scale_shift(const ImportContext& context, const Operand& input,
                        std::vector<float> scale, std::vector<float> shift) {
  graph::Node node = unary(graph::Op::kScaleShift, input);
  const auto channels = static_cast<size_t>(context.graph.shape(input.value).c);
  node.scale = scale.size() == 1 ? std::vector<float>(channels, scale[0]) : std::move(scale);
  node.shift = shift.size() == 1 ? std::vector<float>(channels, shift[0]) : std::move(shift);
  return node;
}

/// A function of x and a constant, the constant first if `reversed`.
graph::Function with_constant(const std::string& name, double constant, bool reversed) {
  graph::Function f;
  const graph::Function::Ref c = f.constant(constant);
  reversed ? f.apply(name, c, graph::Function::kVariable)
           : f.apply(name, graph::Function::kVariable, c);
  return f;
}

/// -x: of rounded values in mirrored codes, exactly.
Operand negated(ImportContext& context, const onnx::NodeProto& node, const Operand& x,
                const std::string& step) {
  std::optional<graph::Codes> codes = passes::stated_codes(context.graph, x.value);
  if (!codes)
    return context.make(node, scale_shift(context, x, {-1.0f}, {0.0f}), x.dims, x.channels_last,
                        step);
  if (!codes->bipolar) {
    codes->zero = -1 - codes->zero;
    std::tie(codes->lo, codes->hi) = std::pair(-1 - codes->hi, -1 - codes->lo);
  }
  graph::Node minus = unary(graph::Op::kFunction, x);
  minus.function = with_constant("mul", -1.0, false);
  Operand made = context.make(node, std::move(minus), x.dims, x.channels_last, step);
  context.graph.values[static_cast<size_t>(made.value)].codes = codes;
  return made;
}

/// Whether `small` has one element for each channel of `large`, whatever its position.
bool is_pixel(const Operand& small, const Operand& large) {
  if (small.dims.size() != large.dims.size()) return false;
  for (size_t axis = 1; axis < large.dims.size(); ++axis) {
    if (small.dims[axis] != (numbers_channels(large, axis) ? large.dims[axis] : 1)) return false;
  }
  return true;
}

/// Two activations of one shape, or one of a pixel an item.
Operand combine(ImportContext& context, const onnx::NodeProto& node, const std::string& name,
                const Operand& a, const Operand& b, const std::string& step) {
  const graph::Chw x = context.graph.shape(a.value), z = context.graph.shape(b.value);
  const bool pixel = is_pixel(b, a) && x.h * x.w > 1;
  if (!pixel && is_pixel(a, b) && z.h * z.w > 1 && (name == "add" || name == "mul")) {
    return combine(context, node, name, b, a, step);
  }
  if (!pixel && is_pixel(a, b) && z.h * z.w > 1 && name == "sub")
    return combine(context, node, "add", negated(context, node, b, step + "/negated"), a, step);
  if (!pixel && a.dims == b.dims && a.channels_last != b.channels_last) {
    throw graph::Unsupported(
        fmt::format("{} of two tensors {}, of which one has its channels last and "
                    "the other first",
                    name, values::dims_text(a.dims)));
  }
  if (!pixel && a.dims != b.dims) {
    throw graph::Unsupported(fmt::format("{} of {} and {}: broadcasting activations", name,
                                         values::dims_text(a.dims), values::dims_text(b.dims)));
  }
  graph::Node result =
      unary(name == "add" || name == "sub" ? graph::Op::kAdd : graph::Op::kCombine, a);
  const Operand second = name == "sub" ? negated(context, node, b, step + "/negated") : b;
  if (result.op == graph::Op::kCombine) result.combine = name;
  result.inputs.push_back(second.value);
  return context.make(node, std::move(result), a.dims, a.channels_last, step);
}

/// x `name` c, or c `name` x if `reversed`; `c`: one value or one a channel.
Operand with_values(ImportContext& context, const onnx::NodeProto& node, const std::string& name,
                    const Operand& x, const std::vector<float>& c, bool reversed,
                    const std::string& step) {
  const auto make = [&](graph::Node n, const std::string& part) {
    return context.make(node, std::move(n), x.dims, x.channels_last, step + part);
  };
  const auto function = [&](const Operand& of, graph::Function f, const std::string& part) {
    graph::Node n = unary(graph::Op::kFunction, of);
    n.function = std::move(f);
    return make(std::move(n), part);
  };
  std::vector<float> negated, inverse;
  for (float v : c) {
    negated.push_back(-v);
    inverse.push_back(1.0f / v);
    if (name == "div" && !reversed && !std::isfinite(inverse.back()))
      throw Error(fmt::format("division by {}", v));
  }
  if (name == "add") return make(scale_shift(context, x, {1.0f}, c), "");
  if (name == "mul") return make(scale_shift(context, x, c, {0.0f}), "");
  if (name == "sub")
    return make(
        reversed ? scale_shift(context, x, {-1.0f}, c) : scale_shift(context, x, {1.0f}, negated),
        "");
  if (name == "div" && !reversed) return make(scale_shift(context, x, inverse, {0.0f}), "");
  if (c.size() == 1 && name != "max" && name != "min")
    return function(x, with_constant(name, c[0], reversed), "");
  if (name == "div") {
    const Operand reciprocal = function(x, graph::Function::of("reciprocal"), "/reciprocal");
    return make(scale_shift(context, reciprocal, c, {0.0f}), "");
  }
  if (name == "pow") throw graph::Unsupported("a power of one exponent or base a channel");
  // max(x, c) = max(x - c, 0) + c
  const bool one = c.size() == 1;
  graph::Node clamp = unary(graph::Op::kClamp,
                            one ? x : make(scale_shift(context, x, {1.0f}, negated), "/shifted"));
  (name == "max" ? clamp.lo : clamp.hi) = one ? c[0] : 0.0f;
  if (one) return make(std::move(clamp), "");
  return make(scale_shift(context, make(std::move(clamp), "/clamped"), {1.0f}, c), "");
}

/// x `name` c, or c `name` x if `reversed`, of a constant that differs from place to place.
Operand with_varying(ImportContext& context, const onnx::NodeProto& node, const std::string& name,
                     const Operand& x, const std::vector<float>& c, bool reversed,
                     const std::string& step) {
  if (name == "pow") throw graph::Unsupported("a power of one exponent or base a channel");
  const auto each = [&](auto f) {
    std::vector<float> result;
    result.reserve(c.size());
    for (float v : c) result.push_back(f(v));
    return result;
  };
  const auto with = [&](graph::Op op, const Operand& of, const std::vector<float>& values,
                        const std::string& part) {
    const Operand map = constant_activation(context, node, x.value, x.dims, x.channels_last, values,
                                            step + part + "/constant");
    graph::Node n = unary(op, of);
    if (op == graph::Op::kCombine) n.combine = "mul";
    n.inputs.push_back(map.value);
    return context.make(node, std::move(n), x.dims, x.channels_last, step + part);
  };
  const auto minus = [](float v) { return -v; };
  if (name == "add") return with(graph::Op::kAdd, x, c, "");
  if (name == "mul") return with(graph::Op::kCombine, x, c, "");
  if (name == "sub" && !reversed) return with(graph::Op::kAdd, x, each(minus), "");
  if (name == "sub")
    return with(graph::Op::kAdd, negated(context, node, x, step + "/negated"), c, "");
  if (name == "div" && reversed) {
    graph::Node n = unary(graph::Op::kFunction, x);
    n.function = graph::Function::of("reciprocal");
    const Operand inverse =
        context.make(node, std::move(n), x.dims, x.channels_last, step + "/reciprocal");
    return with(graph::Op::kCombine, inverse, c, "");
  }
  if (name == "div") {
    for (float v : c)
      if (!std::isfinite(1.0f / v)) throw Error(fmt::format("division by {}", v));
    return with(graph::Op::kCombine, x, each([](float v) { return 1.0f / v; }), "");
  }
  // max(x, c) = max(x - c, 0) + c
  graph::Node clamp = unary(graph::Op::kClamp, with(graph::Op::kAdd, x, each(minus), "/shifted"));
  (name == "max" ? clamp.lo : clamp.hi) = 0.0f;
  const Operand clamped =
      context.make(node, std::move(clamp), x.dims, x.channels_last, step + "/clamped");
  return with(graph::Op::kAdd, clamped, c, "");
}

/// Any number of operands, from left to right.
Operand fold(ImportContext& context, const onnx::NodeProto& node, const std::string& name,
             const std::string& last_step) {
  // Constants commute with the first activation; there is one, or the node would have been folded.
  int first = 0;
  while (context.operand(node, first).literal != nullptr) ++first;
  if (first > 1 && (name == "sub" || name == "div" || name == "pow"))
    throw Error("more than two operands");
  Operand sum = context.operand(node, first);
  int left = node.input_size() - 1;
  if (left == 0) {
    context.define(node.output(0), sum);
    return sum;
  }
  for (int i = 0; i < node.input_size(); ++i) {
    if (i == first) continue;
    const std::string step = --left == 0 ? last_step : fmt::format("/{}", i);
    const Operand next = context.operand(node, i);
    if (next.literal == nullptr) {
      sum = combine(context, node, name, sum, next, step);
      continue;
    }
    const ConstantOperand c = constant_operand(context, node, i, sum);
    sum = (c.varies ? with_varying : with_values)(context, node, name, sum, c.values, i < first,
                                                  step);
  }
  return sum;
}

constexpr char kAdd[] = "add", kSub[] = "sub", kMul[] = "mul", kDiv[] = "div", kPow[] = "pow",
               kMax[] = "max", kMin[] = "min";

template <const char* name>
void arithmetic(ImportContext& context, const onnx::NodeProto& node) {
  context.define(node.output(0), fold(context, node, name, ""));
}

void mean(ImportContext& context, const onnx::NodeProto& node) {
  const Operand sum = fold(context, node, "add", "/sum");
  const float factor = 1.0f / static_cast<float>(node.input_size());
  graph::Node& last = context.graph.nodes.back();
  if (node.input_size() > 1 && last.output == sum.value && last.op == graph::Op::kAdd) {
    last.factor = factor;
    return context.define(node.output(0), sum);
  }
  context.emit(node, scale_shift(context, sum, {factor}, {0.0f}), sum.dims, sum.channels_last);
}

/// max(x, 0) + slope * min(x, 0)
void prelu(ImportContext& context, const onnx::NodeProto& node) {
  const Operand x = context.any_activation(node, 0, "input");
  const ConstantOperand slopes = constant_operand(context, node, 1, x);
  const std::vector<float>& slope = slopes.values;
  const bool uniform =
      std::all_of(slope.begin(), slope.end(), [&](float s) { return s == slope[0]; });
  const auto part = [&](const char* name, const char* step) {
    graph::Node n = unary(graph::Op::kFunction, x);
    n.function = with_constant(name, 0, false);
    Operand made = context.make(node, std::move(n), x.dims, x.channels_last, step);
    // 0 is among the codes of what is rounded, unless they are only -1 and 1.
    const auto codes = passes::stated_codes(context.graph, x.value);
    if (codes && !codes->bipolar)
      context.graph.values[static_cast<size_t>(made.value)].codes = codes;
    return made;
  };
  if (uniform) {
    graph::Function f;
    const graph::Function::Ref zero = f.constant(0), factor = f.constant(slope[0]);
    const graph::Function::Ref above = f.apply("max", graph::Function::kVariable, zero);
    f.apply("add", above, f.apply("mul", factor, f.apply("min", graph::Function::kVariable, zero)));
    graph::Node n = unary(graph::Op::kFunction, x);
    n.function = std::move(f);
    return context.emit(node, std::move(n), x.dims, x.channels_last);
  }
  const Operand above = part("max", "/positive"), below = part("min", "/negative");
  const Operand scaled = slopes.varies
                             ? with_varying(context, node, "mul", below, slope, false, "/scaled")
                             : context.make(node, scale_shift(context, below, slope, {0.0f}),
                                            x.dims, x.channels_last, "/scaled");
  graph::Node sum = unary(graph::Op::kAdd, scaled);
  sum.inputs.push_back(above.value);
  context.emit(node, std::move(sum), x.dims, x.channels_last);
}

}  // namespace

void add_elementwise_translators(Translators& table) {
  table["Add"] = arithmetic<kAdd>;
  table["Sum"] = arithmetic<kAdd>;
  table["Sub"] = arithmetic<kSub>;
  table["Mul"] = arithmetic<kMul>;
  table["Div"] = arithmetic<kDiv>;
  table["Pow"] = arithmetic<kPow>;
  table["Max"] = arithmetic<kMax>;
  table["Min"] = arithmetic<kMin>;
  table["Mean"] = mean;
  table["PRelu"] = prelu;
}

}  // namespace systole::importer
