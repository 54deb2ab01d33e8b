// SPDX-License-Identifier: Apache-2.0
// Translator of Pad: cuts (negative pads), channels by a convolution that selects, rows and columns
// by zeros, or by copies of others.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "compiler/onnx/phases.h"
#include "compiler/onnx/translate.h"
#include "compiler/passes/stated_codes.h"
#include "compiler/values/attributes.h"
#include "model/base/error.h"

namespace systole::importer {

namespace {

/// Elements before and after each dimension; negative: as many fewer.
struct Pads {
  std::vector<int64_t> before, after;
};

Pads read_pads(ImportContext& context, const onnx::NodeProto& node, size_t rank) {
  const std::vector<int64_t> pads = ints_operand(context, node, 1, "pads", {});
  std::vector<int64_t> axes(rank);
  for (size_t i = 0; i < rank; ++i) axes[i] = static_cast<int64_t>(i);
  if (context.has_operand(node, 3)) axes = ints_operand(context, node, 3, "axes", {});
  if (pads.size() != 2 * axes.size())
    throw Error(fmt::format("pads has {} values, expected {}", pads.size(), 2 * axes.size()));
  Pads result{std::vector<int64_t>(rank, 0), std::vector<int64_t>(rank, 0)};
  for (size_t i = 0; i < axes.size(); ++i) {
    const auto axis =
        static_cast<size_t>(values::normalise_axis(axes[i], static_cast<int64_t>(rank)));
    result.before[axis] = pads[i];
    result.after[axis] = pads[i + axes.size()];
    if (std::max(pads[i], pads[i + axes.size()]) > kMaxPad)
      throw graph::Unsupported(fmt::format("pads above {}", kMaxPad));
  }
  return result;
}

/// The codes of integers that are padded; of an input that nothing gives a scale they are made
/// here, as the value stands between them: they stand for themselves.
graph::Codes codes_of_integers(graph::Graph& graph, graph::ValueId v) {
  if (const auto codes = passes::stated_codes(graph, v)) return *codes;
  graph::ValueId source = v;
  for (int at = graph.producer(v); at >= 0; at = graph.producer(source))
    source = graph.nodes[static_cast<size_t>(at)].inputs[0];
  graph::Value& input = graph.values[static_cast<size_t>(source)];
  if (input.integer_zero && !input.codes) input.codes = graph::Codes{1.0f, *input.integer_zero};
  const auto codes = passes::stated_codes(graph, v);
  if (!codes) throw graph::Unsupported("integers whose scale is not known");
  return *codes;
}

/// The real number that integers are padded with.
float read_integer(ImportContext& context, const onnx::NodeProto& node, const Operand& x) {
  const graph::Codes codes = codes_of_integers(context.graph, x.value);
  int64_t integer = 0;
  if (context.has_operand(node, 2)) {
    const values::Literal& constant = context.constant(node, 2, "value");
    if (constant.is_float || constant.ints.size() != 1)
      throw Error("the pad value is not one integer");
    integer = constant.ints[0];
  }
  return static_cast<float>(integer + x.integers->offset() - codes.zero) * codes.scale;
}

float read_value(ImportContext& context, const onnx::NodeProto& node) {
  float value = values::float_attribute(node, "value", 0.0f);
  if (context.has_operand(node, 2)) {
    const std::vector<float>& constant = context.weights(node, 2, "value");
    if (constant.size() != 1) throw Error("the pad value is not one number");
    value = constant[0];
  }
  if (!std::isfinite(value)) throw graph::Unsupported(fmt::format("a pad value of {}", value));
  return value;
}

/// What negative pads leave of `x`.
Operand cropped(ImportContext& context, const onnx::NodeProto& node, Operand x, Pads& pads) {
  for (size_t i = 0; i < x.dims.size(); ++i) {
    const int64_t first = std::max<int64_t>(0, -pads.before[i]),
                  last = std::max<int64_t>(0, -pads.after[i]);
    pads.before[i] = std::max<int64_t>(0, pads.before[i]);
    pads.after[i] = std::max<int64_t>(0, pads.after[i]);
    if (first + last == 0) continue;
    const auto axis = axis_of(x, static_cast<int64_t>(i));
    if (!axis || (x.dims.size() == 5 && i < 3))
      throw graph::Unsupported(
          fmt::format("negative pads of dimension {} of {}", i, values::dims_text(x.dims)));
    graph::Slice slice;
    along(slice.first, *axis) = first;
    values::Dims dims = x.dims;
    dims[i] -= first + last;
    if (dims[i] < 1) throw graph::Unsupported("negative pads that leave nothing");
    x = context.make(node, graph::make_node(slice, {x.value}), dims, false,
                     fmt::format("/cut{}", i));
  }
  return x;
}

/// The element of `size` that element `i` around them, counted from the first of them, is a copy
/// of; -1 outside of them in mode constant.
int64_t copied(const std::string& mode, int64_t i, int64_t size) {
  const auto modulo = [](int64_t a, int64_t b) { return (a % b + b) % b; };
  if (mode == "edge") return std::clamp<int64_t>(i, 0, size - 1);
  if (mode == "wrap") return modulo(i, size);
  if (mode == "reflect") {
    const int64_t there_and_back = std::max<int64_t>(1, 2 * (size - 1));
    const int64_t at = modulo(i, there_and_back);
    return std::min(at, there_and_back - at);
  }
  return i >= 0 && i < size ? i : -1;
}

/// Runs of padded rows or columns that are copies of neighbours.
std::vector<Phase> runs(const std::string& mode, int64_t before, int64_t size, int64_t after) {
  std::vector<Phase> phases;
  for (int64_t o = 0; o < before + size + after; ++o) {
    const int64_t from = copied(mode, o - before, size);
    if (!phases.empty() && from == phases.back().begin + phases.back().count)
      ++phases.back().count;
    else
      phases.push_back({o, 1, 1, from, 1, {1.0}, {}});
  }
  return phases;
}

/// `x` with rows and columns around its own that are copies of them.
Operand with_copies(ImportContext& context, const onnx::NodeProto& node, const Operand& x,
                    const Pads& pads, const std::string& mode) {
  const size_t rank = x.dims.size();
  const bool none =
      std::all_of(pads.before.begin() + 2, pads.before.end(),
                  [](int64_t pad) { return pad == 0; }) &&
      std::all_of(pads.after.begin() + 2, pads.after.end(), [](int64_t pad) { return pad == 0; });
  if (none) return x;
  if (rank != 3 && rank != 4)
    throw graph::Unsupported(
        fmt::format("mode '{}' of a tensor {}", mode, values::dims_text(x.dims)));
  const auto make = [](const Phase&, const Phase&) { return graph::MaxPool{}; };
  const auto whole = [](int64_t size) { return std::vector<Phase>{{0, 1, size, 0, 1, {1.0}, {}}}; };
  const graph::Chw in = context.graph.shape(x.value);
  Operand tall = x;
  if (rank == 4 && pads.before[2] + pads.after[2] > 0)
    tall = join_phases(context, node, x, in.c, runs(mode, pads.before[2], in.h, pads.after[2]),
                       whole(in.w), make, "/rows");
  if (pads.before.back() + pads.after.back() == 0) return tall;
  const int64_t height = context.graph.shape(tall.value).h;
  return join_phases(context, node, tall, in.c, whole(height),
                     runs(mode, pads.before.back(), in.w, pads.after.back()), make);
}

/// `x` with channels before and after its own that hold `value`, or are copies of them.
Operand with_channels(ImportContext& context, const onnx::NodeProto& node, const Operand& x,
                      const Pads& pads, float value, const std::string& mode) {
  const int64_t from = x.dims[1], to = from + pads.before[1] + pads.after[1];
  if (to == from) return x;
  graph::Conv select;
  select.keeps_scale = value == 0.0f;
  select.bias.assign(static_cast<size_t>(to), value);
  select.weights.assign(static_cast<size_t>(to * from), 0.0f);
  for (int64_t o = 0; o < to; ++o) {
    const int64_t c = copied(mode, o - pads.before[1], from);
    if (c < 0) continue;
    select.bias[static_cast<size_t>(o)] = 0.0f;
    select.weights[static_cast<size_t>(o * from + c)] = 1.0f;
  }
  values::Dims dims = x.dims;
  dims[1] = to;
  return context.make(node, graph::make_node(std::move(select), {x.value}), dims, false,
                      "/channels");
}

/// `x` with rows and columns that hold `value` around its own.
Operand with_border(ImportContext& context, const onnx::NodeProto& node, const Operand& x,
                    const Pads& pads, float value) {
  graph::Pad border;
  values::Dims dims = x.dims;
  for (size_t i = 0; i < dims.size(); ++i) {
    const auto axis = axis_of(x, static_cast<int64_t>(i));
    if (pads.before[i] + pads.after[i] == 0 || (i == 1 && x.dims.size() < 5)) continue;
    if (!axis || *axis == graph::Axis::kChannel)
      throw graph::Unsupported(
          fmt::format("pads of dimension {} of {}", i, values::dims_text(x.dims)));
    const bool rows = *axis == graph::Axis::kRow;
    (rows ? border.top : border.left) = pads.before[i];
    (rows ? border.bottom : border.right) = pads.after[i];
    dims[i] += pads.before[i] + pads.after[i];
  }
  if (!border.any()) return x;
  border.value = value;
  return context.make(node, graph::make_node(border, {x.value}), dims);
}

void pad(ImportContext& context, const onnx::NodeProto& node) {
  const std::string mode = values::string_attribute(node, "mode", "constant");
  if (mode != "constant" && mode != "edge" && mode != "reflect" && mode != "wrap")
    throw Error(fmt::format("mode is '{}', expected constant, edge, reflect or wrap", mode));
  const bool constant = mode == "constant";
  const Operand input = context.activation(node, 0, "input");
  Pads pads = read_pads(context, node, input.dims.size());
  const float own = input.integers ? read_integer(context, node, input) : read_value(context, node);
  const float value = constant ? own : 0.0f;
  if (pads.before[0] != 0 || pads.after[0] != 0) throw graph::Unsupported("padding of the batch");
  Operand x = cropped(context, node, input, pads);
  if (x.value != input.value && !constant)
    throw graph::Unsupported(fmt::format("mode '{}' with negative pads", mode));
  if (x.dims.size() < 5) x = with_channels(context, node, x, pads, value, mode);
  x = constant ? with_border(context, node, x, pads, value)
               : with_copies(context, node, x, pads, mode);
  graph::Value& result = context.graph.values[static_cast<size_t>(x.value)];
  if (x.value != input.value) result.name = node.output(0);
  if (x.value != input.value && input.integers)
    result.codes = passes::stated_codes(context.graph, input.value);
  context.define(node.output(0), x);
}

}  // namespace

void add_pad_translators(Translators& table) { table["Pad"] = pad; }

}  // namespace systole::importer
