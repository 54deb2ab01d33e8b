// SPDX-License-Identifier: Apache-2.0
// Translators of operators that put tensors side by side or cut them: Concat, Split, Slice.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/graph/limits.h"
#include "compiler/onnx/constant_operand.h"
#include "compiler/onnx/translate.h"
#include "compiler/onnx/views.h"
#include "compiler/values/attributes.h"
#include "model/base/error.h"

namespace systole::importer {

namespace {

/// The dimension of the map that `axis` is, which elements can be cut or joined along. Of the two
/// that share the channels (rank 5) the outer one, or the inner one if the outer is 1.
graph::Axis cut_axis(const Operand& operand, int64_t axis) {
  if (operand.dims.size() == 5 && (axis == 1 || (axis == 2 && operand.dims[1] == 1)))
    return graph::Axis::kChannel;
  const auto role = axis_of(operand, axis);
  if (!role)
    throw graph::Unsupported(
        fmt::format("along dimension {} of {}", axis, values::dims_text(operand.dims)));
  return *role;
}

/// Whether `axis` is the inner one of two dimensions that share the channels.
bool is_inner(const Operand& operand, int64_t axis) {
  return operand.dims.size() == 5 && axis == 2 && operand.dims[1] != 1;
}

/// [n, a, b, h, w] as [n, b, a, h, w].
Operand exchanged(ImportContext& context, const onnx::NodeProto& node, const Operand& operand) {
  return settled(context, node, transposed(context, node, operand, {0, 2, 1, 3, 4}), false);
}

/// A tensor without elements: what cuts may leave and joins ignore.
Operand empty_operand(const values::Dims& dims) {
  values::Literal literal;
  literal.dims = dims;
  return {dims, std::make_shared<values::Literal>(std::move(literal)), graph::kNoValue};
}

bool is_empty(const Operand& operand) {
  return std::find(operand.dims.begin(), operand.dims.end(), 0) != operand.dims.end();
}

/// Constants among `parts`, of which one is an activation, become activations.
void make_activations(ImportContext& context, const onnx::NodeProto& node,
                      std::vector<Operand>& parts) {
  const auto beside = *std::find_if(parts.begin(), parts.end(),
                                    [](const Operand& part) { return part.literal == nullptr; });
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].literal != nullptr)
      parts[i] =
          joined_constant(context, node, *parts[i].literal, beside, fmt::format("/constant{}", i));
  }
}

void concat(ImportContext& context, const onnx::NodeProto& node) {
  if (values::find_attribute(node, "axis") == nullptr) throw Error("axis is missing");
  std::vector<Operand> parts;
  for (int i = 0; i < node.input_size(); ++i) {
    const Operand& part = context.operand(node, i);
    if (!is_empty(part)) parts.push_back(part);
  }
  if (parts.empty()) return context.define(node.output(0), context.operand(node, 0));
  make_activations(context, node, parts);
  const auto rank = static_cast<int64_t>(parts[0].dims.size());
  int64_t axis = values::normalise_axis(values::int_attribute(node, "axis", 0), rank);
  const bool exchange = is_inner(parts[0], axis);
  for (Operand& part : parts)
    if (exchange && part.value != graph::kNoValue && part.dims.size() == 5)
      part = exchanged(context, node, part);
  if (exchange) axis = 1;
  values::Dims dims = parts[0].dims;
  dims[static_cast<size_t>(axis)] = 0;
  graph::Node result = graph::make_node(graph::Concat{cut_axis(parts[0], axis)}, {});
  for (const Operand& part : parts) {
    if (part.channels_last != parts[0].channels_last)
      throw graph::Unsupported("of [n, c, ...] and [n, ..., c]");
    values::Dims rest = part.dims;
    if (rest.size() == dims.size()) {
      dims[static_cast<size_t>(axis)] += rest[static_cast<size_t>(axis)];
      rest[static_cast<size_t>(axis)] = dims[static_cast<size_t>(axis)];
    }
    if (rest != dims) {
      throw Error(fmt::format("joins {} and {} along dimension {}",
                              values::dims_text(parts[0].dims), values::dims_text(part.dims),
                              axis));
    }
    result.inputs.push_back(part.value);
  }
  Operand made = parts.size() == 1
                     ? parts[0]
                     : context.make(node, std::move(result), dims, parts[0].channels_last);
  if (exchange) made = transposed(context, node, made, {0, 2, 1, 3, 4});
  context.define(node.output(0), std::move(made));
}

/// Elements [first, first + count) of `operand` along a dimension.
Operand cut(ImportContext& context, const onnx::NodeProto& node, const Operand& operand,
            int64_t axis, int64_t first, int64_t count, const std::string& step) {
  values::Dims dims = operand.dims;
  if (first == 0 && count == dims[static_cast<size_t>(axis)]) return operand;
  dims[static_cast<size_t>(axis)] = count;
  if (count == 0) return empty_operand(dims);
  if (is_inner(operand, axis)) {
    const Operand part =
        cut(context, node, exchanged(context, node, operand), 1, first, count, step);
    return exchanged(context, node, part);
  }
  graph::Slice result;
  const int64_t inner = operand.dims.size() == 5 && axis == 1 ? operand.dims[2] : 1;
  along(result.first, cut_axis(operand, axis)) = first * inner;
  graph::ValueId from = operand.value;
  const int at = context.graph.producer(from);
  if (at >= 0) {  // cuts of one node are one
    const graph::Node& before = context.graph.nodes[static_cast<size_t>(at)];
    const auto* outer = before.if_is<graph::Slice>();
    if (outer != nullptr && before.origin == node.output(0)) {
      result.first.c += outer->first.c;
      result.first.h += outer->first.h;
      result.first.w += outer->first.w;
      from = before.inputs[0];
    }
  }
  return context.make(node, graph::make_node(result, {from}), dims, operand.channels_last, step);
}

/// Every `step`-th element of `operand` along a dimension.
Operand sample(ImportContext& context, const onnx::NodeProto& node, const Operand& operand,
               int64_t axis, int64_t step, const std::string& name) {
  if (axis != 0 && operand.dims[static_cast<size_t>(axis)] == 1) return operand;
  if (is_inner(operand, axis)) {
    const Operand part = sample(context, node, exchanged(context, node, operand), 1, step, name);
    return exchanged(context, node, part);
  }
  const graph::Axis role = cut_axis(operand, axis);
  if (step > graph::kMaxStep || step < 1)
    throw graph::Unsupported(fmt::format("steps of {}, expected 1 to {}", step, graph::kMaxStep));
  values::Dims dims = operand.dims;
  int64_t& size = dims[static_cast<size_t>(axis)];
  const int64_t count = (size + step - 1) / step;
  graph::Operator result;
  if (role == graph::Axis::kChannel) {
    // A convolution that selects; of five dimensions, blocks of channels.
    const int64_t inner = operand.dims.size() == 5 && axis == 1 ? dims[2] : 1,
                  channels = size * inner;
    graph::Conv select;
    select.keeps_scale = true;
    select.bias.assign(static_cast<size_t>(count * inner), 0.0f);
    select.weights.assign(static_cast<size_t>(count * inner * channels), 0.0f);
    for (int64_t i = 0; i < count * inner; ++i)
      select.weights[static_cast<size_t>(i * channels + i / inner * step * inner + i % inner)] = 1;
    result = std::move(select);
  } else {
    graph::MaxPool copy;
    (role == graph::Axis::kRow ? copy.window.stride_h : copy.window.stride_w) = step;
    result = copy;
  }
  size = count;
  return context.make(node, graph::make_node(std::move(result), {operand.value}), dims,
                      operand.channels_last, name);
}

void slice(ImportContext& context, const onnx::NodeProto& node) {
  Operand operand = context.any_activation(node, 0, "input");
  const auto rank = static_cast<int64_t>(operand.dims.size());
  const std::vector<int64_t> starts = ints_operand(context, node, 1, "starts", {}),
                             ends = ints_operand(context, node, 2, "ends", {});
  std::vector<int64_t> axes(starts.size());
  for (size_t i = 0; i < axes.size(); ++i) axes[i] = static_cast<int64_t>(i);
  axes = ints_operand(context, node, 3, "axes", axes);
  const std::vector<int64_t> steps =
      ints_operand(context, node, 4, "steps", std::vector<int64_t>(starts.size(), 1));
  if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
    throw Error("starts, ends, axes and steps have different lengths");
  const bool no_steps = std::all_of(steps.begin(), steps.end(), [](int64_t s) { return s == 1; });
  for (size_t i = 0; i < starts.size(); ++i) {
    const int64_t axis = values::normalise_axis(axes[i], rank);
    const int64_t size = operand.dims[static_cast<size_t>(axis)];
    if (steps[i] == 0) throw Error("a step is 0");
    if (steps[i] < 0) throw graph::Unsupported("negative steps");
    const auto bound = [&](int64_t v) {
      return std::clamp<int64_t>(v < 0 ? v + size : v, 0, size);
    };
    const int64_t first = bound(starts[i]), end = std::max(first, bound(ends[i]));
    if (first == 0 && end == size && steps[i] == 1) continue;
    const bool last = i + 1 == starts.size() && no_steps;
    operand =
        cut(context, node, operand, axis, first, end - first, last ? "" : fmt::format("/cut{}", i));
    if (operand.literal != nullptr) break;  // nothing is left
    if (steps[i] > 1)
      operand = sample(context, node, operand, axis, steps[i], fmt::format("/step{}", i));
  }
  context.define(node.output(0), operand);
}

void split(ImportContext& context, const onnx::NodeProto& node) {
  const Operand operand = context.any_activation(node, 0, "input");
  const auto rank = static_cast<int64_t>(operand.dims.size());
  const int64_t axis = values::normalise_axis(values::int_attribute(node, "axis", 0), rank);
  const int64_t size = operand.dims[static_cast<size_t>(axis)];
  const int64_t parts = values::int_attribute(node, "num_outputs", node.output_size());
  if (parts < 1 || parts != node.output_size())
    throw Error(fmt::format("num_outputs is {}, the node has {}", parts, node.output_size()));
  std::vector<int64_t> sizes(static_cast<size_t>(parts), (size + parts - 1) / parts);
  sizes.back() = std::max<int64_t>(0, size - (parts - 1) * sizes[0]);
  const bool stated =
      context.has_operand(node, 1) || values::find_attribute(node, "split") != nullptr;
  if (!stated && context.opset() < 18 && size % parts != 0)
    throw Error(fmt::format("{} elements cannot be split into {} equal parts", size, parts));
  sizes = ints_operand(context, node, 1, "split", sizes);
  int64_t total = 0;
  for (int64_t s : sizes) total += s < 0 ? size + 1 : s;
  if (static_cast<int64_t>(sizes.size()) != parts || total != size) {
    throw Error(fmt::format("split {} does not fit {} elements in {} parts",
                            values::dims_text(sizes), size, parts));
  }
  int64_t first = 0;
  for (int i = 0; i < node.output_size(); first += sizes[static_cast<size_t>(i++)]) {
    if (node.output(i).empty()) continue;
    const Operand part = cut(context, node, operand, axis, first, sizes[static_cast<size_t>(i)],
                             fmt::format("/{}", i));
    if (part.literal == nullptr && part.value != operand.value)
      context.graph.values[static_cast<size_t>(part.value)].name = node.output(i);
    context.define(node.output(i), part);
  }
}

}  // namespace

void add_join_translators(Translators& table) {
  table["Concat"] = concat;
  table["Slice"] = slice;
  table["Split"] = split;
}

}  // namespace systole::importer
