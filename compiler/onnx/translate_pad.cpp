// SPDX-License-Identifier: Apache-2.0
// Translator of Pad: cuts (negative pads), channels by a convolution that selects, rows and columns
// by zeros.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "compiler/onnx/attributes.h"
#include "compiler/onnx/translate.h"
#include "compiler/passes/stated_codes.h"
#include "model/arch/error.h"

namespace systole {

namespace {

constexpr int64_t kMaxPad = 32767;  // of the instructions

/// input + by, in every element.
Node shifted(const ImportContext& context, const Operand& input, float by) {
  const auto channels = static_cast<size_t>(context.graph.shape(input.value).c);
  Node node;
  node.op = Op::kScaleShift;
  node.inputs = {input.value};
  node.scale.assign(channels, 1.0f);
  node.shift.assign(channels, by);
  return node;
}

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
    const auto axis = static_cast<size_t>(normalise_axis(axes[i], static_cast<int64_t>(rank)));
    result.before[axis] = pads[i];
    result.after[axis] = pads[i + axes.size()];
    if (std::max(pads[i], pads[i + axes.size()]) > kMaxPad)
      throw Unsupported(fmt::format("pads above {}", kMaxPad));
  }
  return result;
}

/// The real number that integers are padded with.
float read_integer(ImportContext& context, const onnx::NodeProto& node, const Operand& x) {
  const auto codes = stated_codes(context.graph, x.value);
  if (!codes) throw Unsupported("integers whose scale is not known");
  int64_t integer = 0;
  if (context.has_operand(node, 2)) {
    const Literal& constant = context.constant(node, 2, "value");
    if (constant.is_float || constant.ints.size() != 1)
      throw Error("the pad value is not one integer");
    integer = constant.ints[0];
  }
  return static_cast<float>(integer + x.integers->offset() - codes->zero) * codes->scale;
}

float read_value(ImportContext& context, const onnx::NodeProto& node) {
  float value = float_attribute(node, "value", 0.0f);
  if (context.has_operand(node, 2)) {
    const std::vector<float>& constant = context.weights(node, 2, "value");
    if (constant.size() != 1) throw Error("the pad value is not one number");
    value = constant[0];
  }
  if (!std::isfinite(value)) throw Unsupported(fmt::format("a pad value of {}", value));
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
      throw Unsupported(fmt::format("negative pads of dimension {} of {}", i, dims_text(x.dims)));
    Node slice;
    slice.op = Op::kSlice;
    slice.inputs = {x.value};
    (*axis == Axis::kChannel ? slice.first.c
     : *axis == Axis::kRow   ? slice.first.h
                             : slice.first.w) = first;
    Dims dims = x.dims;
    dims[i] -= first + last;
    if (dims[i] < 1) throw Unsupported("negative pads that leave nothing");
    x = context.make(node, std::move(slice), dims, false, fmt::format("/cut{}", i));
  }
  return x;
}

/// `x` with channels that hold `value` before and after its own.
Operand with_channels(ImportContext& context, const onnx::NodeProto& node, const Operand& x,
                      const Pads& pads, float value) {
  const int64_t from = x.dims[1], to = from + pads.before[1] + pads.after[1];
  if (to == from) return x;
  Node select;
  select.op = Op::kConv;
  select.inputs = {x.value};
  select.keeps_scale = value == 0.0f;
  select.bias.assign(static_cast<size_t>(to), value);
  select.weights.assign(static_cast<size_t>(to * from), 0.0f);
  for (int64_t c = 0; c < from; ++c) {
    const auto row = static_cast<size_t>(pads.before[1] + c);
    select.bias[row] = 0.0f;
    select.weights[row * static_cast<size_t>(from) + static_cast<size_t>(c)] = 1.0f;
  }
  Dims dims = x.dims;
  dims[1] = to;
  return context.make(node, std::move(select), dims, false, "/channels");
}

/// `x` with rows and columns that hold `value` around its own.
Operand with_border(ImportContext& context, const onnx::NodeProto& node, const Operand& x,
                    const Pads& pads, float value) {
  Node border;
  border.op = Op::kPad;
  border.inputs = {x.value};
  Dims dims = x.dims;
  for (size_t i = 0; i < dims.size(); ++i) {
    const auto axis = axis_of(x, static_cast<int64_t>(i));
    if (pads.before[i] + pads.after[i] == 0 || (i == 1 && x.dims.size() < 5)) continue;
    if (!axis || *axis == Axis::kChannel)
      throw Unsupported(fmt::format("pads of dimension {} of {}", i, dims_text(x.dims)));
    const bool rows = *axis == Axis::kRow;
    (rows ? border.window.pad_top : border.window.pad_left) = pads.before[i];
    (rows ? border.window.pad_bottom : border.window.pad_right) = pads.after[i];
    dims[i] += pads.before[i] + pads.after[i];
  }
  if (!border.window.padded()) return x;
  // Around what is rounded the value is a code, too (absorb_pads).
  if (value == 0.0f || stated_codes(context.graph, x.value)) {
    border.pad_value = value;
    return context.make(node, std::move(border), dims);
  }
  // Zeros around what lies lower by the value, and all of it lifted again.
  const Operand lower = context.make(node, shifted(context, x, -value), x.dims, false, "lower");
  border.inputs = {lower.value};
  const Operand padded = context.make(node, std::move(border), dims, false, "zeros");
  return context.make(node, shifted(context, padded, value), dims);
}

void pad(ImportContext& context, const onnx::NodeProto& node) {
  const std::string mode = string_attribute(node, "mode", "constant");
  if (mode != "constant") throw Unsupported(fmt::format("mode '{}', expected constant", mode));
  const Operand input = context.activation(node, 0, "input");
  Pads pads = read_pads(context, node, input.dims.size());
  const float value =
      input.integers ? read_integer(context, node, input) : read_value(context, node);
  if (pads.before[0] != 0 || pads.after[0] != 0) throw Unsupported("padding of the batch");
  Operand x = cropped(context, node, input, pads);
  if (x.dims.size() < 5) x = with_channels(context, node, x, pads, value);
  x = with_border(context, node, x, pads, value);
  if (x.value != input.value)
    context.graph.values[static_cast<size_t>(x.value)].name = node.output(0);
  context.define(node.output(0), x);
}

}  // namespace

void add_pad_translators(Translators& table) { table["Pad"] = pad; }

}  // namespace systole
