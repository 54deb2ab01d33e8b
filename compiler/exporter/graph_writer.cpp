// SPDX-License-Identifier: Apache-2.0
// One operator after the other: its inputs in a form that it reads, its result, its last steps.
#include "compiler/exporter/graph_writer.h"

#include <fmt/format.h>

#include <cmath>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

#include "compiler/exporter/functions.h"
#include "compiler/exporter/joins.h"
#include "compiler/exporter/weights.h"
#include "compiler/graph/refusal.h"
#include "model/base/error.h"
#include "model/base/overloaded.h"

namespace systole::exporter {

namespace {

using graph::Unsupported;

std::string float_constant(ModelBuilder& model, const std::string& name, float value) {
  return model.constant(name, std::vector<float>{value}, {});
}

/// What an operator computes, before its clamp and its function.
struct Computed {
  std::string tensor;
  Form form = Form::kMap;
};

class GraphWriter {
 public:
  GraphWriter(ModelBuilder& model, ValueWriter& values, const graph::Graph& graph,
              const std::vector<int>& weight_bits)
      : model_(model), values_(values), graph_(graph), weight_bits_(weight_bits) {
    for (const graph::Node& node : graph.nodes)
      if (is_layer(node)) layers_.insert(node.name);
  }

  void write(const graph::Node& node) {
    if (is_copy(node)) return values_.alias(node.output, node.inputs[0]);
    if (is_layer(node) && !written_.insert(node.name).second)
      throw Unsupported("another layer has its name, which ONNX Runtime does not take");
    if (!is_layer(node) && layers_.count(node.name) != 0) {  // the name is the layer's
      graph::Node place = node;
      place.name += "/place";
      return finish(place);
    }
    bits_ = weight_bits_.at(static_cast<size_t>(&node - graph_.nodes.data()));
    finish(node);
  }

 private:
  /// Whether the accelerator computes it: others only say where tensors lie.
  static bool is_layer(const graph::Node& node) {
    return !node.is<graph::Concat, graph::Interleave, graph::Slice, graph::Reshape>();
  }

  /// Writes `node`, all of it.
  void finish(const graph::Node& node) {
    Computed made = std::visit([&](const auto& op) { return compute(node, op); }, node.op);
    made.tensor = clamped(node, made.tensor);
    if (node.function) return finish_function(node, made);
    const bool same =
        moves(node) && std::all_of(node.inputs.begin(), node.inputs.end(), [&](graph::ValueId in) {
          return graph_.codes(in) == graph_.codes(node.output);
        });
    const auto* sum = node.if_is<graph::Add>();
    if (!node.clamped() && (same || (sum != nullptr && sum->zero_first)))
      values_.define_rounded(node.output, made.form, made.tensor);
    else
      values_.define(node.output, made.form, made.tensor, is_rounding(node) ? node.name : "");
  }

  /// Whether it gives the bytes that it reads, and exists only where it lies elsewhere.
  bool is_copy(const graph::Node& node) const {
    return node.is<graph::Clamp>() && !node.clamped() && !node.function &&
           !graph_.is_output(node.output) &&
           graph_.codes(node.inputs[0]) == graph_.codes(node.output);
  }

  /// Whether each number that it gives is one that it reads (or, of a selection, 0).
  static bool moves(const graph::Node& node) {
    const auto* conv = node.if_is<graph::Conv>();
    return (conv != nullptr && conv->keeps_scale && node.inputs.size() == 1) ||
           node.is<graph::MaxPool, graph::Slice, graph::Reshape, graph::Concat,
                   graph::Interleave>();
  }

  /// Where the result of `node` goes: the tensor of its value, if nothing follows.
  std::string result_of(const graph::Node& node) {
    return values_.computed(node.before != graph::kNoValue ? node.before : node.output);
  }

  std::string real(const graph::Node& node, size_t i, Form form) {
    return values_.real(node.inputs.at(i), form);
  }

  onnx::NodeProto& add(const graph::Node& node, const std::string& op,
                       const std::vector<std::string>& inputs) {
    return model_.add(op, node.name, inputs, result_of(node));
  }

  // ------------------------------------------------------------------ last steps

  /// Whether the reader takes the rounding of a clamp for the operator: not if it is on the codes
  /// that it reads, unless it makes an output.
  bool is_rounding(const graph::Node& node) const {
    const auto at_zero = [](float bound) { return bound == 0.0f || std::isinf(bound); };
    const bool stays = at_zero(node.lo) && at_zero(node.hi) && !graph_.is_output(node.output) &&
                       graph_.codes(node.inputs[0]) == graph_.codes(node.output);
    return node.is<graph::Clamp>() && !(node.clamped() && stays);
  }

  std::string clamped(const graph::Node& node, const std::string& x) {
    if (!node.clamped()) return x;
    const bool named = node.is<graph::Clamp>() && !is_rounding(node);
    const std::string name = named ? node.name : node.name + "/clamp";
    if (node.lo == 0.0f && node.hi == INFINITY) return model_.add("Relu", name, {x}, "").output(0);
    const auto bound = [&](const char* which, float value) {
      return std::isfinite(value) ? float_constant(model_, node.name + which, value) : "";
    };
    std::vector<std::string> inputs = {x, bound("/min", node.lo)};
    if (std::isfinite(node.hi)) inputs.push_back(bound("/max", node.hi));
    return model_.add("Clip", name, inputs, "").output(0);
  }

  void finish_function(const graph::Node& node, Computed made) {
    if (node.before != graph::kNoValue && graph_.codes(node.before)) {
      const graph::Value& before = graph_.values[static_cast<size_t>(node.before)];
      made.tensor = values_.rounded(made.tensor, *before.codes, before.name, "");
    }
    if (node.sign_only) return finish_sign(node, made);
    const std::string result = values_.computed(node.output);
    const bool alone = node.is<graph::Unary>();
    try {
      write_function(model_, *node.function, made.tensor,
                     alone ? node.name : node.name + "/function", result);
    } catch (const Error& error) {
      throw Unsupported(error.what());
    }
    values_.define(node.output, made.form, result);
  }

  /// The sign of a sum: -scale where it is negative, else scale.
  void finish_sign(const graph::Node& node, const Computed& made) {
    const auto& codes = graph_.codes(node.output);
    if (!codes || !codes->bipolar || codes->zero != 0)
      throw Unsupported("a sign that is not stored as one bit");
    const std::string scale = float_constant(model_, node.name + "/scale", codes->scale);
    const bool alone = node.is<graph::Unary>();
    onnx::NodeProto& sign = model_.add("BipolarQuant", alone ? node.name : node.name + "/sign",
                                       {made.tensor, scale}, values_.computed(node.output), kQonnx);
    values_.define_rounded(node.output, made.form, sign.output(0));
  }

  /// `sum`, and the second operand if there is one.
  Computed with_residual(const graph::Node& node, Computed sum) {
    if (node.inputs.size() < 2) return sum;
    const std::string other = real(node, 1, sum.form);
    sum.tensor = model_.add("Add", node.name + "/Add", {sum.tensor, other}, "").output(0);
    return sum;
  }

  // ------------------------------------------------------------------ operators

  Computed compute(const graph::Node& node, const graph::Conv& conv) {
    const graph::Chw in = graph_.shape(node.inputs[0]);
    const graph::Window& w = conv.window;
    const bool matrix = !conv.keeps_scale && (node.op_type == "Gemm" || node.op_type == "MatMul");
    const bool covers = w.kh == in.h && w.kw == in.w && !w.padded() && conv.group == 1;
    const bool rows = w.area() == 1 && w.stride_h == 1 && w.stride_w == 1 && conv.group == 1;
    if (matrix && covers) return with_residual(node, gemm(node, conv, in));
    if (matrix && rows) return with_residual(node, matmul(node, conv, in));
    return with_residual(node, convolution(node, conv));
  }

  Computed gemm(const graph::Node& node, const graph::Conv& conv, const graph::Chw& in) {
    std::string x = in.h * in.w == 1 ? real(node, 0, Form::kFeatures) : real(node, 0, Form::kMap);
    if (in.h * in.w > 1) {
      onnx::NodeProto& flat = model_.add("Flatten", node.name + "/Flatten", {x}, "");
      set_attribute(flat, "axis", int64_t{1});
      x = flat.output(0);
    }
    const auto k = static_cast<int64_t>(conv.taps());
    const auto n = static_cast<int64_t>(conv.channels());
    const WeightTensors w = write_weights(model_, values_, node, input_codes(node), bits_, {n, k});
    std::vector<std::string> inputs = {x, w.weights};
    if (!w.bias.empty()) inputs.push_back(w.bias);
    onnx::NodeProto& made = add(node, "Gemm", inputs);
    set_attribute(made, "transB", int64_t{1});
    return {made.output(0), Form::kFeatures};
  }

  /// Of every pixel, whose channels come last.
  Computed matmul(const graph::Node& node, const graph::Conv& conv, const graph::Chw& in) {
    const Form form = in.h == 1 ? Form::kLineLast : Form::kMapLast;
    const std::string x = real(node, 0, form);
    const auto k = static_cast<int64_t>(conv.taps());
    const auto n = static_cast<int64_t>(conv.channels());
    const WeightTensors w =
        write_weights(model_, values_, node, input_codes(node), bits_, {k, n}, /*axis=*/1);
    Computed made{add(node, "MatMul", {x, w.weights}).output(0), form};
    if (!w.bias.empty())
      made.tensor = model_.add("Add", node.name + "/bias", {made.tensor, w.bias}, "").output(0);
    return made;
  }

  Computed convolution(const graph::Node& node, const graph::Conv& conv) {
    const graph::Chw in = graph_.shape(node.inputs[0]);
    const graph::Window& w = conv.window;
    const std::vector<int64_t> dims = {static_cast<int64_t>(conv.channels()), in.c / conv.group,
                                       w.kh, w.kw};
    const WeightTensors weights =
        conv.keeps_scale
            ? WeightTensors{model_.constant(node.name + "/selected", conv.weights, dims), ""}
            : write_weights(model_, values_, node, input_codes(node), bits_, dims);
    std::vector<std::string> inputs = {real(node, 0, Form::kMap), weights.weights};
    if (!weights.bias.empty()) inputs.push_back(weights.bias);
    onnx::NodeProto& made = add(node, "Conv", inputs);
    set_window(made, w);
    set_attribute(made, "dilations", std::vector<int64_t>{w.dil_h, w.dil_w});
    set_attribute(made, "group", conv.group);
    return {made.output(0), Form::kMap};
  }

  static void set_window(onnx::NodeProto& node, const graph::Window& w) {
    set_attribute(node, "kernel_shape", std::vector<int64_t>{w.kh, w.kw});
    set_attribute(node, "strides", std::vector<int64_t>{w.stride_h, w.stride_w});
    set_attribute(node, "pads",
                  std::vector<int64_t>{w.pad_top, w.pad_left, w.pad_bottom, w.pad_right});
  }

  const graph::Codes& input_codes(const graph::Node& node) const {
    const auto& codes = graph_.codes(node.inputs[0]);
    if (!codes) throw Unsupported("reads what nothing rounds");
    return *codes;
  }

  Computed compute(const graph::Node& node, const graph::MaxPool& pool) {
    onnx::NodeProto& made = add(node, "MaxPool", {real(node, 0, Form::kMap)});
    set_window(made, pool.window);
    if (pool.window.dil_h != 1 || pool.window.dil_w != 1)
      set_attribute(made, "dilations", std::vector<int64_t>{pool.window.dil_h, pool.window.dil_w});
    return {made.output(0), Form::kMap};
  }

  Computed compute(const graph::Node& node, const graph::AveragePool& pool) {
    const graph::Chw in = graph_.shape(node.inputs[0]), out = graph_.shape(node.output);
    const graph::Window& w = pool.window;
    const std::string x = real(node, 0, Form::kMap);
    const bool steps = w.stride_h != 1 || w.stride_w != 1;
    const bool whole =
        w.kh == in.h && w.kw == in.w && out.h == 1 && out.w == 1 && !w.padded() && !steps;
    if (w.area() == 1 && w.padded()) return pad(node, pool, x);
    if (whole && pool.factor == static_cast<float>(w.area()) && w.area() > 1) {
      const std::string axes = model_.constant(node.name + "/axes", std::vector<int64_t>{2, 3});
      return {add(node, "ReduceSum", {x, axes}).output(0), Form::kMap};
    }
    if (pool.factor != 1.0f)
      throw Unsupported(fmt::format("an average times {} has no operator in ONNX", pool.factor));
    if (whole) return {add(node, "GlobalAveragePool", {x}).output(0), Form::kMap};
    onnx::NodeProto& made = add(node, "AveragePool", {x});
    set_window(made, w);
    set_attribute(made, "count_include_pad", int64_t{pool.count_include_pad});
    return {made.output(0), Form::kMap};
  }

  Computed pad(const graph::Node& node, const graph::AveragePool& pool, const std::string& x) {
    const graph::Window& w = pool.window;
    if (w.stride_h != 1 || w.stride_w != 1 || pool.factor != 1.0f)
      throw Unsupported("padding with strides has no operator in ONNX");
    const std::string pads = model_.constant(
        node.name + "/pads",
        std::vector<int64_t>{0, 0, w.pad_top, w.pad_left, 0, 0, w.pad_bottom, w.pad_right});
    const std::string value = float_constant(model_, node.name + "/value", pool.pad_value);
    return {add(node, "Pad", {x, pads, value}).output(0), Form::kMap};
  }

  /// The form in which two operands meet: of a pixel and a map, as maps.
  Form meeting_form(const graph::Node& node) const {
    const bool same = graph_.shape(node.inputs[0]) == graph_.shape(node.inputs[1]);
    return same ? values_.form_of(node.inputs[0]) : Form::kMap;
  }

  Computed compute(const graph::Node& node, const graph::Add& add_op) {
    if (add_op.zero_first) return qlinear_add(node);
    if (add_op.factor != 1.0f && add_op.factor != 0.5f)
      throw Unsupported(fmt::format("a sum times {} has no operator in ONNX", add_op.factor));
    const Form form = meeting_form(node);
    const bool mean = add_op.factor != 1.0f;
    constexpr std::string_view kSum = "/sum";  // which the reader adds to the name of a mean
    const bool adds = mean && node.name.ends_with(kSum);
    const std::string name = adds ? node.name.substr(0, node.name.size() - kSum.size()) : node.name;
    const std::vector<std::string> inputs = {real(node, 0, form), real(node, 1, form)};
    return {model_.add(mean ? "Mean" : "Add", name, inputs, result_of(node)).output(0), form};
  }

  /// A sum whose ties QuantizeLinear would round otherwise.
  Computed qlinear_add(const graph::Node& node) {
    const auto& codes = graph_.codes(node.function ? node.before : node.output);
    if (!codes || node.as<graph::Add>().factor != 1.0f)
      throw Unsupported("rounds as QLinearAdd, but not to a result of its own");
    const Form form = meeting_form(node);
    std::vector<ValueWriter::Quantised> operands;
    for (size_t i = 0; i < 2; ++i)
      operands.push_back(
          values_.quantised(node.inputs[i], form, fmt::format("{}/input{}", node.name, i)));
    return {values_.quantised_result("QLinearAdd", node.name, operands, *codes), form};
  }

  Computed compute(const graph::Node& node, const graph::Combine& combine) {
    if (combine.by != graph::Combination::kMul) throw Unsupported("combines two tensors");
    const Form form = meeting_form(node);
    return {add(node, "Mul", {real(node, 0, form), real(node, 1, form)}).output(0), form};
  }

  Computed compute(const graph::Node& node, const graph::ScaleShift& by) {
    const std::string factors = model_.constant(node.name + "/factors", by.scale,
                                                {1, static_cast<int64_t>(by.scale.size()), 1, 1});
    const std::string x = real(node, 0, Form::kMap);
    return with_residual(node, {add(node, "Mul", {x, factors}).output(0), Form::kMap});
  }

  Computed compute(const graph::Node& node, const OneOf<graph::Clamp, graph::Unary> auto&) {
    const Form form = values_.form_of(node.inputs[0]);
    return {real(node, 0, form), form};
  }

  Computed compute(const graph::Node& node, const graph::Reshape& reshape) {
    const graph::Chw in = graph_.shape(node.inputs[0]), out = graph_.shape(node.output);
    const bool one_row = in.h * in.w == 1 && out.h * out.w == 1;
    if (!reshape.from.empty()) throw Unsupported("moves elements to an order that is not written");
    if (in == out || one_row) {
      const Form form = values_.form_of(node.inputs[0]);
      return {real(node, 0, form), form};
    }
    const Form form = reshape.channels_last ? Form::kMapLast : Form::kMap;
    const std::string dims =
        model_.constant(node.name + "/dims", dims_of(out, form, 0));  // 0: as it is
    return {add(node, "Reshape", {real(node, 0, form), dims}).output(0), form};
  }

  Computed compute(const graph::Node& node, const graph::Concat& concat) {
    std::vector<std::string> parts;
    for (size_t i = 0; i < node.inputs.size(); ++i) parts.push_back(real(node, i, Form::kMap));
    onnx::NodeProto& made = add(node, "Concat", parts);
    set_attribute(made, "axis", dimension_of(concat.axis, Form::kMap));
    return {made.output(0), Form::kMap};
  }

  Computed compute(const graph::Node& node, const graph::Slice& slice) {
    const graph::Chw out = graph_.shape(node.output);
    const graph::Chw& at = slice.first;
    const auto list = [&](const char* name, const std::vector<int64_t>& values) {
      return model_.constant(node.name + name, values);
    };
    std::vector<int64_t> starts, ends, axes;  // of the dimensions that are cut
    const graph::Chw in = graph_.shape(node.inputs[0]);
    for (const auto& [axis, size, first, left] :
         {std::tuple(int64_t{1}, in.c, at.c, out.c), std::tuple(int64_t{2}, in.h, at.h, out.h),
          std::tuple(int64_t{3}, in.w, at.w, out.w)}) {
      if (size == left) continue;
      axes.push_back(axis);
      starts.push_back(first);
      ends.push_back(first + left);
    }
    const std::vector<std::string> inputs = {real(node, 0, Form::kMap), list("/starts", starts),
                                             list("/ends", ends), list("/axes", axes)};
    return {add(node, "Slice", inputs).output(0), Form::kMap};
  }

  Computed compute(const graph::Node& node, const graph::Interleave&) {
    std::vector<std::string> parts;
    for (size_t i = 0; i < node.inputs.size(); ++i) parts.push_back(real(node, i, Form::kMap));
    return {write_interleave(model_, graph_, node, parts, result_of(node)), Form::kMap};
  }
  [[noreturn]] Computed compute(const graph::Node&, const graph::Pad&) {
    throw Unsupported("padding that was not lowered");
  }

  ModelBuilder& model_;
  ValueWriter& values_;
  const graph::Graph& graph_;
  const std::vector<int>& weight_bits_;
  std::set<std::string> layers_;   ///< names of all layers
  std::set<std::string> written_;  ///< those that are written
  int bits_ = 8;                   ///< of the weights of the node that is being written
};

}  // namespace

void write_nodes(ModelBuilder& model, ValueWriter& values, const graph::Graph& graph,
                 const std::vector<int>& weight_bits) {
  GraphWriter writer(model, values, graph, weight_bits);
  for (const graph::Node& node : graph.nodes) {
    try {
      writer.write(node);
    } catch (const Unsupported& reason) {
      throw Error(fmt::format("node '{}' ({}): {}", node.name, node.op_type, reason.what()),
                  ExitCode::kCannotCompile);
    }
  }
}

}  // namespace systole::exporter
