// SPDX-License-Identifier: Apache-2.0
// Translators of elementwise operators on two tensors or a tensor and a constant, and of the
// softmax that the host computes at the tail.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "compiler/onnx/attributes.h"
#include "compiler/onnx/translate.h"
#include "compiler/passes/stated_codes.h"
#include "model/arch/error.h"

namespace systole {

namespace {

/// Whether dimension `axis` of `operand` numbers channels, with another one in a tensor of five.
bool numbers_channels(const Operand& operand, size_t axis) {
  const bool shared = operand.dims.size() == 5 && (axis == 1 || axis == 2);
  return shared || axis_of(operand, static_cast<int64_t>(axis)) == Axis::kChannel;
}

/// The constant operand `i`: one value, or one a channel of `to` (NumPy broadcasting).
std::vector<float> per_channel(ImportContext& context, const onnx::NodeProto& node, int i,
                               const Operand& to) {
  Dims shape = context.constant(node, i, "operand").dims;
  const std::vector<float> values = context.numbers(node, i, "operand");
  const auto refuse = [&](const char* why) {
    throw Unsupported(fmt::format("constant of shape {} with a tensor {}: {}",
                                  dims_text(context.constant(node, i, "operand").dims),
                                  dims_text(to.dims), why));
  };
  const size_t rank = to.dims.size();
  if (shape.size() > rank) refuse("it has more dimensions than the tensor");
  shape.insert(shape.begin(), rank - shape.size(), 1);
  for (size_t axis = 0; axis < rank; ++axis) {
    if (shape[axis] == 1) continue;
    if (to.dims[axis] == 1) refuse("the tensor would be broadcast");
    if (numbers_channels(to, axis) && shape[axis] == to.dims[axis]) continue;
    refuse("expected one value, or one a channel");
  }
  if (rank != 5 || values.size() == 1) return values;
  std::vector<float> all;
  for (int64_t a = 0; a < to.dims[1]; ++a)
    for (int64_t b = 0; b < to.dims[2]; ++b)
      all.push_back(values[static_cast<size_t>(a % shape[1] * shape[2] + b % shape[2])]);
  return all;
}

Node unary(Op op, const Operand& input) {
  Node node;
  node.op = op;
  node.inputs = {input.value};
  return node;
}

/// input * scale + shift, each one value or one a channel.
Node scale_shift(const ImportContext& context, const Operand& input, std::vector<float> scale,
                 std::vector<float> shift) {
  Node node = unary(Op::kScaleShift, input);
  const auto channels = static_cast<size_t>(context.graph.shape(input.value).c);
  node.scale = scale.size() == 1 ? std::vector<float>(channels, scale[0]) : std::move(scale);
  node.shift = shift.size() == 1 ? std::vector<float>(channels, shift[0]) : std::move(shift);
  return node;
}

/// A function of x and a constant, the constant first if `reversed`.
Function with_constant(const std::string& name, double constant, bool reversed) {
  Function f;
  const Function::Ref c = f.constant(constant);
  reversed ? f.apply(name, c, Function::kVariable) : f.apply(name, Function::kVariable, c);
  return f;
}

/// -x: of rounded values in mirrored codes, exactly.
Operand negated(ImportContext& context, const onnx::NodeProto& node, const Operand& x,
                const std::string& step) {
  std::optional<Codes> codes = stated_codes(context.graph, x.value);
  if (!codes)
    return context.make(node, scale_shift(context, x, {-1.0f}, {0.0f}), x.dims, x.channels_last,
                        step);
  if (!codes->bipolar) {
    codes->zero = -1 - codes->zero;
    std::tie(codes->lo, codes->hi) = std::pair(-1 - codes->hi, -1 - codes->lo);
  }
  Node minus = unary(Op::kFunction, x);
  minus.function = with_constant("mul", -1.0, false);
  const Operand made = context.make(node, std::move(minus), x.dims, x.channels_last, step);
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
  const Chw x = context.graph.shape(a.value), z = context.graph.shape(b.value);
  const bool pixel = is_pixel(b, a) && x.h * x.w > 1;
  if (!pixel && is_pixel(a, b) && z.h * z.w > 1 && (name == "add" || name == "mul")) {
    return combine(context, node, name, b, a, step);
  }
  if (!pixel && is_pixel(a, b) && z.h * z.w > 1 && name == "sub")
    return combine(context, node, "add", negated(context, node, b, step + "/negated"), a, step);
  if (!pixel && a.dims == b.dims && a.channels_last != b.channels_last) {
    throw Unsupported(
        fmt::format("{} of two tensors {}, of which one has its channels last and "
                    "the other first",
                    name, dims_text(a.dims)));
  }
  if (!pixel && a.dims != b.dims) {
    throw Unsupported(fmt::format("{} of {} and {}: broadcasting activations", name,
                                  dims_text(a.dims), dims_text(b.dims)));
  }
  Node result = unary(name == "add" || name == "sub" ? Op::kAdd : Op::kCombine, a);
  const Operand second = name == "sub" ? negated(context, node, b, step + "/negated") : b;
  if (result.op == Op::kCombine) result.combine = name;
  result.inputs.push_back(second.value);
  return context.make(node, std::move(result), a.dims, a.channels_last, step);
}

/// x `name` c, or c `name` x if `reversed`; `c`: one value or one a channel.
Operand with_values(ImportContext& context, const onnx::NodeProto& node, const std::string& name,
                    const Operand& x, const std::vector<float>& c, bool reversed,
                    const std::string& step) {
  const auto make = [&](Node n, const std::string& part) {
    return context.make(node, std::move(n), x.dims, x.channels_last, step + part);
  };
  const auto function = [&](const Operand& of, Function f, const std::string& part) {
    Node n = unary(Op::kFunction, of);
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
    const Operand reciprocal = function(x, Function::of("reciprocal"), "/reciprocal");
    return make(scale_shift(context, reciprocal, c, {0.0f}), "");
  }
  if (name == "pow") throw Unsupported("a power of one exponent or base a channel");
  // max(x, c) = max(x - c, 0) + c
  const bool one = c.size() == 1;
  Node clamp =
      unary(Op::kClamp, one ? x : make(scale_shift(context, x, {1.0f}, negated), "/shifted"));
  (name == "max" ? clamp.lo : clamp.hi) = one ? c[0] : 0.0f;
  if (one) return make(std::move(clamp), "");
  return make(scale_shift(context, make(std::move(clamp), "/clamped"), {1.0f}, c), "");
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
    sum = next.literal == nullptr
              ? combine(context, node, name, sum, next, step)
              : with_values(context, node, name, sum, per_channel(context, node, i, sum), i < first,
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
  Node& last = context.graph.nodes.back();
  if (node.input_size() > 1 && last.output == sum.value && last.op == Op::kAdd) {
    last.factor = factor;
    return context.define(node.output(0), sum);
  }
  context.emit(node, scale_shift(context, sum, {factor}, {0.0f}), sum.dims, sum.channels_last);
}

/// max(x, 0) + slope * min(x, 0)
void prelu(ImportContext& context, const onnx::NodeProto& node) {
  const Operand x = context.any_activation(node, 0, "input");
  const std::vector<float> slope = per_channel(context, node, 1, x);
  const bool uniform =
      std::all_of(slope.begin(), slope.end(), [&](float s) { return s == slope[0]; });
  const auto part = [&](const char* name, const char* step) {
    Node n = unary(Op::kFunction, x);
    n.function = with_constant(name, 0, false);
    const Operand made = context.make(node, std::move(n), x.dims, x.channels_last, step);
    // 0 is among the codes of what is rounded, unless they are only -1 and 1.
    const auto codes = stated_codes(context.graph, x.value);
    if (codes && !codes->bipolar)
      context.graph.values[static_cast<size_t>(made.value)].codes = codes;
    return made;
  };
  if (uniform) {
    Function f;
    const Function::Ref zero = f.constant(0), factor = f.constant(slope[0]);
    const Function::Ref above = f.apply("max", Function::kVariable, zero);
    f.apply("add", above, f.apply("mul", factor, f.apply("min", Function::kVariable, zero)));
    Node n = unary(Op::kFunction, x);
    n.function = std::move(f);
    return context.emit(node, std::move(n), x.dims, x.channels_last);
  }
  const Operand above = part("max", "/positive"), below = part("min", "/negative");
  const Operand scaled = context.make(node, scale_shift(context, below, slope, {0.0f}), x.dims,
                                      x.channels_last, "/scaled");
  Node sum = unary(Op::kAdd, scaled);
  sum.inputs.push_back(above.value);
  context.emit(node, std::move(sum), x.dims, x.channels_last);
}

/// The host applies a softmax to an output; anywhere else it is refused.
void softmax(ImportContext& context, const onnx::NodeProto& node) {
  const Operand input = context.any_activation(node, 0, "input");
  const std::string& name = node.output(0);
  if (!context.is_network_output(name) || context.is_read(name)) {
    throw Unsupported("only at the network's output");
  }
  const auto rank = static_cast<int64_t>(input.dims.size());
  const int64_t axis =
      normalise_axis(int_attribute(node, "axis", context.opset() < 13 ? 1 : -1), rank);
  if (axis == 0) throw Unsupported("over the batch");
  for (int64_t d = axis + 1; d < rank && context.opset() < 13; ++d) {
    // Up to opset 12 the dimensions from `axis` on are normalised together.
    if (input.dims[static_cast<size_t>(d)] != 1) throw Unsupported("over several dimensions");
  }
  context.graph.host_steps.push_back(
      {node.op_type() == "Softmax" ? "softmax" : "log_softmax", name, axis});
  context.define(name, input);
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
  table["Softmax"] = softmax;
  table["LogSoftmax"] = softmax;
}

}  // namespace systole
