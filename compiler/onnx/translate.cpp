// SPDX-License-Identifier: Apache-2.0
// Operands and results of the nodes being translated.
#include "compiler/onnx/translate.h"

#include <fmt/format.h>

#include <cmath>

#include "compiler/onnx/attributes.h"
#include "model/arch/error.h"

namespace systole {

ImportContext::ImportContext(const onnx::GraphProto& proto, std::filesystem::path folder,
                             int64_t opset)
    : folder_(std::move(folder)), opset_(opset) {
  graph.name = proto.name();
  for (const auto& tensor : proto.initializer()) initializers_[tensor.name()] = &tensor;
  for (const auto& output : proto.output()) outputs_.insert(output.name());
  for (const auto& node : proto.node()) read_.insert(node.input().begin(), node.input().end());
}

const Operand& ImportContext::operand(const std::string& name) {
  if (is_refused(name)) throw DependsOnRefused();
  auto found = operands_.find(name);
  if (found != operands_.end()) return found->second;
  const auto initializer = initializers_.find(name);
  if (initializer == initializers_.end())
    throw Unsupported(fmt::format("reads '{}', which is not supported", name));
  Operand operand;
  operand.literal = std::make_shared<Literal>(read_literal(*initializer->second, folder_));
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

const Operand& ImportContext::activation(const onnx::NodeProto& node, int i,
                                         const std::string& role) {
  const Operand& found = operand(node, i);
  if (found.literal != nullptr)
    throw Unsupported(fmt::format("{} '{}' is constant", role, node.input(i)));
  return found;
}

const Literal& ImportContext::constant(const onnx::NodeProto& node, int i,
                                       const std::string& role) {
  const Operand& found = operand(node, i);
  if (found.literal == nullptr)
    throw Unsupported(fmt::format("{} '{}' is not constant", role, node.input(i)));
  return *found.literal;
}

const std::vector<float>& ImportContext::weights(const onnx::NodeProto& node, int i,
                                                 const std::string& role) {
  const Literal& literal = constant(node, i, role);
  if (!literal.is_float)
    throw Error(fmt::format("{} '{}' holds integers, expected floats", role, node.input(i)));
  for (size_t at = 0; at < literal.floats.size(); ++at) {
    if (std::isfinite(literal.floats[at])) continue;
    throw Error(fmt::format("{} '{}' holds {} at element {}, expected finite numbers", role,
                            node.input(i), literal.floats[at], at));
  }
  return literal.floats;
}

Chw ImportContext::item_shape(const Dims& dims) const {
  const size_t rank = dims.size();
  if (rank < 2 || rank > 4) {
    throw Unsupported(
        fmt::format("tensor of shape {}, expected 2 to 4 dimensions", dims_text(dims)));
  }
  if (dims[0] != batch_) {
    throw Unsupported(fmt::format("tensor of shape {}: the leading dimension is not the batch {}",
                                  dims_text(dims), batch_));
  }
  element_count({dims.begin() + 1, dims.end()}, "one item of a tensor", kMaxItem);
  return {dims[1], rank == 4 ? dims[2] : 1, rank == 2 ? 1 : dims[rank - 1]};
}

void ImportContext::emit(const onnx::NodeProto& proto, Node node, const Dims& dims) {
  const Chw shape = item_shape(dims);
  if (shape.elements() < 1) throw Error(fmt::format("result is empty: {}", dims_text(dims)));
  node.name = proto.name().empty() ? proto.output(0) : proto.name();
  node.op_type = proto.op_type();
  node.output = static_cast<ValueId>(graph.values.size());
  graph.values.push_back({proto.output(0), shape, dims});
  operands_[proto.output(0)] = {dims, nullptr, node.output};
  graph.nodes.push_back(std::move(node));
}

void ImportContext::alias(const onnx::NodeProto& proto, const Operand& operand, const Dims& dims) {
  if (operand.literal != nullptr || item_shape(dims) == graph.shape(operand.value)) {
    operands_[proto.output(0)] = {dims, operand.literal, operand.value};
    return;
  }
  Node node;
  node.op = Op::kReshape;
  node.inputs = {operand.value};
  emit(proto, std::move(node), dims);
}

void ImportContext::define(const std::string& name, Operand operand) {
  operands_[name] = std::move(operand);
}

void ImportContext::refuse(const onnx::NodeProto& proto) {
  refused_.insert(proto.output().begin(), proto.output().end());
}

int64_t normalise_axis(int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank) {
    throw Error(fmt::format("axis {} is outside a tensor of {} dimensions", axis, rank));
  }
  return axis < 0 ? axis + rank : axis;
}

std::vector<int64_t> ints_operand(ImportContext& context, const onnx::NodeProto& node, int i,
                                  const std::string& name, const std::vector<int64_t>& fallback) {
  if (!context.has_operand(node, i)) return ints_attribute(node, name, fallback);
  const Literal& literal = context.constant(node, i, name);
  if (literal.is_float)
    throw Error(fmt::format("{} '{}' holds floats, expected integers", name, node.input(i)));
  return literal.ints;
}

}  // namespace systole
