// SPDX-License-Identifier: Apache-2.0
// Broadcasts constants, and makes activations of them.
#include "compiler/onnx/constant_operand.h"

#include <fmt/format.h>

#include "compiler/onnx/views.h"
#include "compiler/passes/stated_codes.h"

namespace systole::importer {

namespace {

/// For each element of an item of `dims`, as stated, that of a constant of `shape`, whose
/// dimensions are those of `dims` or 1.
std::vector<float> broadcast(const std::vector<float>& values, const values::Dims& shape,
                             const values::Dims& dims) {
  std::vector<float> result;
  values::Dims at(dims.size(), 0);
  int64_t elements = 1;
  for (size_t d = 1; d < dims.size(); ++d) elements *= dims[d];
  for (int64_t i = 0; i < elements; ++i) {
    int64_t from = 0;
    for (size_t d = 1; d < dims.size(); ++d) from = from * shape[d] + (shape[d] == 1 ? 0 : at[d]);
    result.push_back(values[static_cast<size_t>(from)]);
    for (size_t d = dims.size(); d-- > 1;) {
      if (++at[d] < dims[d]) break;
      at[d] = 0;
    }
  }
  return result;
}

}  // namespace

bool numbers_channels(const Operand& operand, size_t axis) {
  const bool shared = operand.dims.size() == 5 && (axis == 1 || axis == 2);
  return shared || axis_of(operand, static_cast<int64_t>(axis)) == graph::Axis::kChannel;
}

ConstantOperand constant_operand(ImportContext& context, const onnx::NodeProto& node, int i,
                                 const Operand& to) {
  values::Dims shape = context.constant(node, i, "operand").dims;
  ConstantOperand found{context.numbers(node, i, "operand")};
  const auto refuse = [&](const std::string& why) {
    throw graph::Unsupported(
        fmt::format("constant of shape {} with a tensor {}: {}",
                    values::dims_text(context.constant(node, i, "operand").dims),
                    values::dims_text(to.dims), why));
  };
  const size_t rank = to.dims.size();
  if (shape.size() > rank) refuse("it has more dimensions than the tensor");
  shape.insert(shape.begin(), rank - shape.size(), 1);
  bool differs = false;
  for (size_t axis = 0; axis < rank; ++axis) {
    if (shape[axis] == 1) continue;
    if (to.dims[axis] == 1) refuse("the tensor would be broadcast");
    if (axis == 0) refuse("one value for each item of the batch");
    differs = true;
    found.varies |= !numbers_channels(to, axis);
  }
  if (!differs) return found;
  const graph::Chw& of = context.graph.shape(to.value);
  if (found.varies && of.elements() > kMaxConstantElements)
    refuse(fmt::format("it differs from place to place, expected {} elements at most",
                       kMaxConstantElements));
  if (found.varies && passes::stated_codes(context.graph, to.value))
    refuse("it differs from place to place, and the network states its scales");
  const std::vector<float> stated = broadcast(found.values, shape, to.dims);
  const graph::ElementOrder order = order_of(context, to);
  std::vector<float> nchw(stated.size());
  for (size_t e = 0; e < stated.size(); ++e) nchw[static_cast<size_t>(order[e])] = stated[e];
  if (found.varies) {
    found.values = std::move(nchw);
    return found;
  }
  found.values.clear();
  for (int64_t c = 0; c < of.c; ++c)
    found.values.push_back(nchw[static_cast<size_t>(c * of.h * of.w)]);
  return found;
}

namespace {

/// The first element of `of`, cut dimension by dimension as a Slice is.
graph::ValueId one_element(ImportContext& context, const onnx::NodeProto& node, graph::ValueId of,
                           const std::string& step) {
  graph::Chw left = context.graph.shape(of);
  const auto cut = [&](int64_t graph::Chw::*axis) {
    if (left.*axis == 1) return;
    left.*axis = 1;
    of = context
             .make(node, graph::make_node(graph::Slice{}, {of}),
                   {context.batch(), left.c, left.h, left.w}, false, step)
             .value;
  };
  for (const auto axis : {&graph::Chw::c, &graph::Chw::h, &graph::Chw::w}) cut(axis);
  return of;
}

}  // namespace

Operand constant_activation(ImportContext& context, const onnx::NodeProto& node,
                            graph::ValueId beside, const values::Dims& dims, bool channels_last,
                            const std::vector<float>& values, const std::string& step) {
  const graph::Chw shape = context.item_shape(dims, channels_last);
  const int64_t batch = context.batch();
  const graph::ValueId one = one_element(context, node, beside, step + "/one");
  const graph::ElementOrder stored = graph::stored_order(shape);
  graph::Conv conv;
  conv.weights.assign(values.size(), 0.0f);
  for (int32_t from : stored) conv.bias.push_back(values[static_cast<size_t>(from)]);
  const graph::ValueId list = context
                                  .make(node, graph::make_node(std::move(conv), {one}),
                                        {batch, shape.elements()}, false, step + "/list")
                                  .value;
  Operand made =
      context.make(node, graph::make_node(graph::Reshape{}, {list}), dims, channels_last, step);
  graph::set_order(context.graph, context.graph.nodes.back(), graph::inverse(stored));
  return made;
}

Operand joined_constant(ImportContext& context, const onnx::NodeProto& node,
                        const values::Literal& literal, const Operand& beside,
                        const std::string& step) {
  const auto refuse = [&](const char* why) {
    throw graph::Unsupported(fmt::format("of a constant and an activation{}", why));
  };
  if (passes::stated_codes(context.graph, beside.value))
    refuse(", in a network that states its scales");
  if (!literal.is_float) refuse(": it holds integers");
  if (literal.dims.size() != beside.dims.size() || literal.dims[0] != context.batch())
    refuse(": it has other dimensions");
  if (context.batch() != 1) refuse(": it has values for each item of the batch");
  if (literal.size() > kMaxConstantElements)
    throw graph::Unsupported(
        fmt::format("of a constant and an activation: it has {} elements, expected {} at most",
                    literal.size(), kMaxConstantElements));
  const graph::Chw shape = context.item_shape(literal.dims, beside.channels_last);
  std::vector<float> nchw = literal.floats;
  if (beside.channels_last) {
    const graph::ElementOrder stored = graph::stored_order(shape);
    for (size_t i = 0; i < nchw.size(); ++i)
      nchw[static_cast<size_t>(stored[i])] = literal.floats[i];
  }
  return constant_activation(context, node, beside.value, literal.dims, beside.channels_last, nchw,
                             step);
}

}  // namespace systole::importer
