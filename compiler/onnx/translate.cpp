// SPDX-License-Identifier: Apache-2.0
// Operands and results of the nodes being translated.
#include "compiler/onnx/translate.h"

#include <fmt/format.h>

#include <cmath>

#include "compiler/onnx/graph_reads.h"
#include "compiler/values/attributes.h"
#include "model/base/error.h"

namespace systole::importer {

ImportContext::ImportContext(const onnx::GraphProto& proto, std::filesystem::path folder,
                             int64_t opset)
    : folder_(std::move(folder)), opset_(opset) {
  graph.name = proto.name();
  for (const auto& tensor : proto.initializer()) initializers_[tensor.name()] = &tensor;
  for (const auto& output : proto.output()) outputs_.insert(output.name());
  for (const auto& node : proto.node()) add_reads(node, read_);
}

const Operand& ImportContext::operand(const std::string& name) {
  if (is_refused(name)) throw graph::DependsOnRefused();
  auto found = operands_.find(name);
  if (found != operands_.end()) return found->second;
  const auto initializer = initializers_.find(name);
  if (initializer == initializers_.end())
    throw graph::Unsupported(fmt::format("reads '{}', which is not supported", name));
  Operand operand;
  operand.literal =
      std::make_shared<values::Literal>(values::read_literal(*initializer->second, folder_));
  operand.dims = operand.literal->dims;
  return operands_.emplace(name, std::move(operand)).first->second;
}

const Operand& ImportContext::operand(const onnx::NodeProto& node, int i) {
  if (!has_operand(node, i)) throw Error(fmt::format("input {} is missing", i));
  return operand(node.input(i));
}

bool ImportContext::is_defined(const std::string& name) const {
  return operands_.count(name) != 0 || initializers_.count(name) != 0;
}

bool ImportContext::has_operand(const onnx::NodeProto& node, int i) const {
  return i < node.input_size() && !node.input(i).empty();
}

const Operand& ImportContext::any_activation(const onnx::NodeProto& node, int i,
                                             const std::string& role) {
  const Operand& found = operand(node, i);
  if (found.literal != nullptr)
    throw graph::Unsupported(fmt::format("{} '{}' is constant", role, node.input(i)));
  if (found.only_on_host())
    throw graph::Unsupported(fmt::format("{} '{}' is not on the accelerator", role, node.input(i)));
  return found;
}

const Operand& ImportContext::activation(const onnx::NodeProto& node, int i,
                                         const std::string& role) {
  const Operand& found = any_activation(node, i, role);
  if (found.channels_last) {
    throw graph::Unsupported(fmt::format("{} '{}' has its channels last ({}), expected [n, c, ...]",
                                         role, node.input(i), values::dims_text(found.dims)));
  }
  return found;
}

const values::Literal& ImportContext::constant(const onnx::NodeProto& node, int i,
                                               const std::string& role) {
  const Operand& found = operand(node, i);
  if (found.literal == nullptr)
    throw graph::Unsupported(fmt::format("{} '{}' is not constant", role, node.input(i)));
  return *found.literal;
}

const std::vector<float>& ImportContext::weights(const onnx::NodeProto& node, int i,
                                                 const std::string& role) {
  const values::Literal& literal = constant(node, i, role);
  if (!literal.is_float)
    throw Error(fmt::format("{} '{}' holds integers, expected floats", role, node.input(i)));
  for (size_t at = 0; at < literal.floats.size(); ++at) {
    if (std::isfinite(literal.floats[at])) continue;
    throw Error(fmt::format("{} '{}' holds {} at element {}, expected finite numbers", role,
                            node.input(i), literal.floats[at], at));
  }
  return literal.floats;
}

std::vector<float> ImportContext::numbers(const onnx::NodeProto& node, int i,
                                          const std::string& role) {
  const values::Literal& literal = constant(node, i, role);
  if (literal.is_float) return weights(node, i, role);
  return {literal.ints.begin(), literal.ints.end()};
}

graph::Chw ImportContext::item_shape(const values::Dims& dims, bool channels_last) const {
  const size_t rank = dims.size();
  if (rank < 2 || rank > 5) {
    throw graph::Unsupported(
        fmt::format("tensor of shape {}, expected 2 to 5 dimensions", values::dims_text(dims)));
  }
  if (dims[0] != batch_) {
    throw graph::Unsupported(
        fmt::format("tensor of shape {}: the leading dimension is not the batch {}",
                    values::dims_text(dims), batch_));
  }
  values::element_count({dims.begin() + 1, dims.end()}, "one item of a tensor", values::kMaxItem);
  if (rank == 5) return {dims[1] * dims[2], dims[3], dims[4]};
  if (channels_last && rank > 2) return {dims[rank - 1], rank == 4 ? dims[1] : 1, dims[rank - 2]};
  return {dims[1], rank == 4 ? dims[2] : 1, rank == 2 ? 1 : dims[rank - 1]};
}

namespace {

/// The codes of the result of operators that only move elements: those of what they move.
std::optional<graph::Codes> kept_codes(const graph::Graph& graph, const graph::Node& node) {
  const auto* conv = node.if_is<graph::Conv>();
  const bool moves =
      node.is<graph::MaxPool, graph::Reshape, graph::Slice, graph::Concat, graph::Interleave>() ||
      (conv != nullptr && conv->keeps_scale);
  if (!moves) return std::nullopt;
  const auto& codes = graph.codes(node.inputs[0]);
  for (graph::ValueId in : node.inputs)
    if (graph.codes(in) != codes) return std::nullopt;
  return codes;
}

}  // namespace

Operand ImportContext::make(const onnx::NodeProto& proto, graph::Node node,
                            const values::Dims& dims, bool channels_last, const std::string& step) {
  const graph::Chw shape = item_shape(dims, channels_last);
  if (shape.elements() < 1)
    throw graph::Unsupported(fmt::format("result is empty: {}", values::dims_text(dims)));
  node.name = (proto.name().empty() ? proto.output(0) : proto.name()) + step;
  node.op_type = proto.op_type();
  node.origin = proto.output(0);
  node.output = static_cast<graph::ValueId>(graph.values.size());
  graph.values.push_back(
      {proto.output(0) + step, shape, dims, channels_last, kept_codes(graph, node)});
  graph.nodes.push_back(std::move(node));
  return {dims, nullptr, graph.nodes.back().output, channels_last};
}

void ImportContext::define(const std::string& name, Operand operand) {
  operands_[name] = std::move(operand);
}

void ImportContext::mark_integers(const std::string& name, const IntegerType& type) {
  const auto found = operands_.find(name);
  if (found != operands_.end()) found->second.integers = type;
}

void ImportContext::refuse(const onnx::NodeProto& proto) {
  refused_.insert(proto.output().begin(), proto.output().end());
}

std::optional<graph::Axis> axis_of(const Operand& operand, int64_t axis) {
  const auto rank = static_cast<int64_t>(operand.dims.size());
  if (axis == 0 || (rank == 5 && axis < 3)) return std::nullopt;
  if (rank > 2 && axis == rank - 1)
    return operand.channels_last ? graph::Axis::kChannel : graph::Axis::kColumn;
  if (rank > 2 && axis == rank - 2 && operand.channels_last) return graph::Axis::kColumn;
  if (rank == 4 && axis == 1 && operand.channels_last) return graph::Axis::kRow;
  return axis == 1 ? graph::Axis::kChannel : graph::Axis::kRow;
}

std::vector<int64_t> ints_operand(ImportContext& context, const onnx::NodeProto& node, int i,
                                  const std::string& name, const std::vector<int64_t>& fallback) {
  if (!context.has_operand(node, i)) return values::ints_attribute(node, name, fallback);
  const values::Literal& literal = context.constant(node, i, name);
  if (literal.is_float)
    throw Error(fmt::format("{} '{}' holds floats, expected integers", name, node.input(i)));
  return literal.ints;
}

}  // namespace systole::importer
