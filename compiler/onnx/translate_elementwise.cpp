// SPDX-License-Identifier: Apache-2.0
// Translators of elementwise operators on two tensors or a tensor and a constant.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <tuple>

#include "compiler/onnx/constant_operand.h"
#include "compiler/onnx/translate.h"
#include "compiler/passes/stated_codes.h"
#include "compiler/values/attributes.h"
#include "model/base/error.h"

namespace systole::importer {

namespace {

/// What the operators of this file compute of two operands.
enum class Arithmetic { kAdd, kSub, kMul, kDiv, kPow, kMax, kMin };

/// The name of the primitive of a function, and what messages call it.
std::string_view name_of(Arithmetic what) {
  static constexpr std::string_view kNames[] = {"add", "sub", "mul", "div", "pow", "max", "min"};
  return kNames[static_cast<size_t>(what)];
}

/// What combines two activations; of a difference the second one is negated.
graph::Operator operator_of(Arithmetic what) {
  switch (what) {
    case Arithmetic::kAdd:
    case Arithmetic::kSub:
      return graph::Add{};
    case Arithmetic::kMul:
      return graph::Combine{graph::Combination::kMul};
    case Arithmetic::kDiv:
      return graph::Combine{graph::Combination::kDiv};
    case Arithmetic::kPow:
      return graph::Combine{graph::Combination::kPow};
    case Arithmetic::kMax:
      return graph::Combine{graph::Combination::kMax};
    case Arithmetic::kMin:
      return graph::Combine{graph::Combination::kMin};
  }
  throw internal_error("arithmetic that has no operator");
}

/// `f` of `input`.
graph::Node function_of(const Operand& input, graph::Function f) {
  graph::Node node = graph::make_node(graph::Unary{}, {input.value});
  node.function = std::move(f);
  return node;
}

/// input * scale + shift, each one value or one a channel.
graph::Node scale_shift(const ImportContext& context, const Operand& input,
                        std::vector<float> scale, std::vector<float> shift) {
  const auto channels = static_cast<size_t>(context.graph.shape(input.value).c);
  graph::ScaleShift by;
  by.scale = scale.size() == 1 ? std::vector<float>(channels, scale[0]) : std::move(scale);
  by.shift = shift.size() == 1 ? std::vector<float>(channels, shift[0]) : std::move(shift);
  return graph::make_node(std::move(by), {input.value});
}

/// A function of x and a constant, the constant first if `reversed`.
graph::Function with_constant(Arithmetic what, double constant, bool reversed) {
  graph::Function f;
  const graph::Function::Ref c = f.constant(constant);
  reversed ? f.apply(name_of(what), c, graph::Function::kVariable)
           : f.apply(name_of(what), graph::Function::kVariable, c);
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
  Operand made = context.make(node, function_of(x, with_constant(Arithmetic::kMul, -1.0, false)),
                              x.dims, x.channels_last, step);
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
Operand combine(ImportContext& context, const onnx::NodeProto& node, Arithmetic what,
                const Operand& a, const Operand& b, const std::string& step) {
  const graph::Chw x = context.graph.shape(a.value), z = context.graph.shape(b.value);
  const bool pixel = is_pixel(b, a) && x.h * x.w > 1;
  if (!pixel && is_pixel(a, b) && z.h * z.w > 1 &&
      (what == Arithmetic::kAdd || what == Arithmetic::kMul)) {
    return combine(context, node, what, b, a, step);
  }
  if (!pixel && is_pixel(a, b) && z.h * z.w > 1 && what == Arithmetic::kSub)
    return combine(context, node, Arithmetic::kAdd, negated(context, node, b, step + "/negated"), a,
                   step);
  if (!pixel && a.dims == b.dims && a.channels_last != b.channels_last) {
    throw graph::Unsupported(
        fmt::format("{} of two tensors {}, of which one has its channels last and "
                    "the other first",
                    name_of(what), values::dims_text(a.dims)));
  }
  if (!pixel && a.dims != b.dims) {
    throw graph::Unsupported(fmt::format("{} of {} and {}: broadcasting activations", name_of(what),
                                         values::dims_text(a.dims), values::dims_text(b.dims)));
  }
  const Operand second =
      what == Arithmetic::kSub ? negated(context, node, b, step + "/negated") : b;
  return context.make(node, graph::make_node(operator_of(what), {a.value, second.value}), a.dims,
                      a.channels_last, step);
}

/// x `what` c, or c `what` x if `reversed`; `c`: one value or one a channel.
Operand with_values(ImportContext& context, const onnx::NodeProto& node, Arithmetic what,
                    const Operand& x, const std::vector<float>& c, bool reversed,
                    const std::string& step) {
  const auto make = [&](graph::Node n, const std::string& part) {
    return context.make(node, std::move(n), x.dims, x.channels_last, step + part);
  };
  const auto function = [&](const Operand& of, graph::Function f, const std::string& part) {
    return make(function_of(of, std::move(f)), part);
  };
  std::vector<float> negated, inverse;
  for (float v : c) {
    negated.push_back(-v);
    inverse.push_back(1.0f / v);
    if (what == Arithmetic::kDiv && !reversed && !std::isfinite(inverse.back()))
      throw Error(fmt::format("division by {}", v));
  }
  if (what == Arithmetic::kAdd) return make(scale_shift(context, x, {1.0f}, c), "");
  if (what == Arithmetic::kMul) return make(scale_shift(context, x, c, {0.0f}), "");
  if (what == Arithmetic::kSub)
    return make(
        reversed ? scale_shift(context, x, {-1.0f}, c) : scale_shift(context, x, {1.0f}, negated),
        "");
  if (what == Arithmetic::kDiv && !reversed)
    return make(scale_shift(context, x, inverse, {0.0f}), "");
  if (c.size() == 1 && what != Arithmetic::kMax && what != Arithmetic::kMin)
    return function(x, with_constant(what, c[0], reversed), "");
  if (what == Arithmetic::kDiv) {
    const Operand reciprocal = function(x, graph::Function::of("reciprocal"), "/reciprocal");
    return make(scale_shift(context, reciprocal, c, {0.0f}), "");
  }
  if (what == Arithmetic::kPow)
    throw graph::Unsupported("a power of one exponent or base a channel");
  // max(x, c) = max(x - c, 0) + c
  const bool one = c.size() == 1;
  const Operand shifted = one ? x : make(scale_shift(context, x, {1.0f}, negated), "/shifted");
  graph::Node clamp = graph::make_node(graph::Clamp{}, {shifted.value});
  (what == Arithmetic::kMax ? clamp.lo : clamp.hi) = one ? c[0] : 0.0f;
  if (one) return make(std::move(clamp), "");
  return make(scale_shift(context, make(std::move(clamp), "/clamped"), {1.0f}, c), "");
}

/// x `what` c, or c `what` x if `reversed`, of a constant that differs from place to place.
Operand with_varying(ImportContext& context, const onnx::NodeProto& node, Arithmetic what,
                     const Operand& x, const std::vector<float>& c, bool reversed,
                     const std::string& step) {
  if (what == Arithmetic::kPow)
    throw graph::Unsupported("a power of one exponent or base a channel");
  const auto each = [&](auto f) {
    std::vector<float> result;
    result.reserve(c.size());
    for (float v : c) result.push_back(f(v));
    return result;
  };
  const auto with = [&](graph::Operator op, const Operand& of, const std::vector<float>& values,
                        const std::string& part) {
    const Operand map = constant_activation(context, node, x.value, x.dims, x.channels_last, values,
                                            step + part + "/constant");
    return context.make(node, graph::make_node(std::move(op), {of.value, map.value}), x.dims,
                        x.channels_last, step + part);
  };
  const auto minus = [](float v) { return -v; };
  const graph::Combine product{graph::Combination::kMul};
  if (what == Arithmetic::kAdd) return with(graph::Add{}, x, c, "");
  if (what == Arithmetic::kMul) return with(product, x, c, "");
  if (what == Arithmetic::kSub && !reversed) return with(graph::Add{}, x, each(minus), "");
  if (what == Arithmetic::kSub)
    return with(graph::Add{}, negated(context, node, x, step + "/negated"), c, "");
  if (what == Arithmetic::kDiv && reversed) {
    const Operand inverse = context.make(node, function_of(x, graph::Function::of("reciprocal")),
                                         x.dims, x.channels_last, step + "/reciprocal");
    return with(product, inverse, c, "");
  }
  if (what == Arithmetic::kDiv) {
    for (float v : c)
      if (!std::isfinite(1.0f / v)) throw Error(fmt::format("division by {}", v));
    return with(product, x, each([](float v) { return 1.0f / v; }), "");
  }
  // max(x, c) = max(x - c, 0) + c
  const Operand shifted = with(graph::Add{}, x, each(minus), "/shifted");
  graph::Node clamp = graph::make_node(graph::Clamp{}, {shifted.value});
  (what == Arithmetic::kMax ? clamp.lo : clamp.hi) = 0.0f;
  const Operand clamped =
      context.make(node, std::move(clamp), x.dims, x.channels_last, step + "/clamped");
  return with(graph::Add{}, clamped, c, "");
}

/// Any number of operands, from left to right.
Operand fold(ImportContext& context, const onnx::NodeProto& node, Arithmetic what,
             const std::string& last_step) {
  // Constants commute with the first activation; there is one, or the node would have been folded.
  int first = 0;
  while (context.operand(node, first).literal != nullptr) ++first;
  if (first > 1 &&
      (what == Arithmetic::kSub || what == Arithmetic::kDiv || what == Arithmetic::kPow))
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
      sum = combine(context, node, what, sum, next, step);
      continue;
    }
    const ConstantOperand c = constant_operand(context, node, i, sum);
    sum = (c.varies ? with_varying : with_values)(context, node, what, sum, c.values, i < first,
                                                  step);
  }
  return sum;
}

template <Arithmetic what>
void arithmetic(ImportContext& context, const onnx::NodeProto& node) {
  context.define(node.output(0), fold(context, node, what, ""));
}

void mean(ImportContext& context, const onnx::NodeProto& node) {
  const Operand sum = fold(context, node, Arithmetic::kAdd, "/sum");
  const float factor = 1.0f / static_cast<float>(node.input_size());
  graph::Node& last = context.graph.nodes.back();
  if (node.input_size() > 1 && last.output == sum.value && last.is<graph::Add>()) {
    last.as<graph::Add>().factor = factor;
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
  const auto part = [&](Arithmetic what, const char* step) {
    Operand made = context.make(node, function_of(x, with_constant(what, 0, false)), x.dims,
                                x.channels_last, step);
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
    return context.emit(node, function_of(x, std::move(f)), x.dims, x.channels_last);
  }
  const Operand above = part(Arithmetic::kMax, "/positive"),
                below = part(Arithmetic::kMin, "/negative");
  const Operand scaled =
      slopes.varies ? with_varying(context, node, Arithmetic::kMul, below, slope, false, "/scaled")
                    : context.make(node, scale_shift(context, below, slope, {0.0f}), x.dims,
                                   x.channels_last, "/scaled");
  context.emit(node, graph::make_node(graph::Add{}, {scaled.value, above.value}), x.dims,
               x.channels_last);
}

}  // namespace

void add_elementwise_translators(Translators& table) {
  table["Add"] = arithmetic<Arithmetic::kAdd>;
  table["Sum"] = arithmetic<Arithmetic::kAdd>;
  table["Sub"] = arithmetic<Arithmetic::kSub>;
  table["Mul"] = arithmetic<Arithmetic::kMul>;
  table["Div"] = arithmetic<Arithmetic::kDiv>;
  table["Pow"] = arithmetic<Arithmetic::kPow>;
  table["Max"] = arithmetic<Arithmetic::kMax>;
  table["Min"] = arithmetic<Arithmetic::kMin>;
  table["Mean"] = mean;
  table["PRelu"] = prelu;
}

}  // namespace systole::importer
