// SPDX-License-Identifier: Apache-2.0
// Compares what was not read with the defaults: libonnx's schemas, and what is newer than they.
#include "compiler/values/attribute_watch.h"

#include <fmt/format.h>
#include <onnx/defs/schema.h>

#include <algorithm>
#include <map>

#include "compiler/graph/refusal.h"
#include "compiler/values/attribute_names.h"
#include "compiler/values/node_names.h"

namespace systole::values {

namespace {

/// The outermost watch of this thread; null outside of one.
thread_local AttributeWatch* outermost = nullptr;

using OperatorAttribute = std::pair<std::string, std::string>;

/// Attributes that change nothing in what is computed here: of training, of outputs that are
/// refused, of conversions to types that are refused.
bool without_effect(const OperatorAttribute& which) {
  static const std::set<OperatorAttribute> table = {
      {"BatchNormalization", "momentum"}, {"Dropout", "ratio"},   {"Dropout", "seed"},
      {"MaxPool", "storage_order"},       {"Cast", "saturate"},   {"CastLike", "saturate"},
      {"QuantizeLinear", "saturate"},     {"Cast", "round_mode"}, {"TopK", "sorted"},
  };
  return table.count(which) != 0;
}

/// Defaults of attributes that libonnx 1.12 (opset 17) does not know.
const std::map<OperatorAttribute, int64_t>& newer_integers() {
  static const std::map<OperatorAttribute, int64_t> table = {
      {{"QuantizeLinear", "block_size"}, 0},        {{"QuantizeLinear", "output_dtype"}, 0},
      {{"QuantizeLinear", "precision"}, 0},         {{"DequantizeLinear", "block_size"}, 0},
      {{"DequantizeLinear", "output_dtype"}, 0},    {{"GroupNormalization", "stash_type"}, 1},
      {{"LayerNormalization", "stash_type"}, 1},    {{"RMSNormalization", "stash_type"}, 1},
      {{"QLinearAveragePool", "channels_last"}, 0},
  };
  return table;
}

/// Whether no operator of ONNX has an attribute of that name: one that is given to another operator
/// than its own was meant to say something.
bool foreign(const onnx::NodeProto& node, const std::string& name) {
  return is_standard(node) && attribute_names().count(name) == 0;
}

bool equal(const onnx::AttributeProto& a, const onnx::AttributeProto& b) {
  return a.type() == b.type() && a.i() == b.i() && a.f() == b.f() && a.s() == b.s() &&
         std::equal(a.ints().begin(), a.ints().end(), b.ints().begin(), b.ints().end()) &&
         std::equal(a.floats().begin(), a.floats().end(), b.floats().begin(), b.floats().end()) &&
         !a.has_t() && !a.has_g();
}

bool is_default(const onnx::NodeProto& node, const onnx::AttributeProto& attribute, int64_t opset) {
  const OperatorAttribute which = {node.op_type(), attribute.name()};
  const auto newer = newer_integers().find(which);
  if (newer != newer_integers().end())
    return attribute.type() == onnx::AttributeProto::INT && attribute.i() == newer->second;
  if (!is_standard(node)) return false;
  const onnx::OpSchema* schema =
      onnx::OpSchemaRegistry::Schema(node.op_type(), static_cast<int>(opset), "");
  if (schema == nullptr) return false;
  const auto declared = schema->attributes().find(attribute.name());
  return declared != schema->attributes().end() && declared->second.default_value.has_name() &&
         equal(declared->second.default_value, attribute);
}

std::string value_text(const onnx::AttributeProto& attribute) {
  switch (attribute.type()) {
    case onnx::AttributeProto::INT:
      return fmt::format(" = {}", attribute.i());
    case onnx::AttributeProto::FLOAT:
      return fmt::format(" = {}", attribute.f());
    case onnx::AttributeProto::STRING:
      return fmt::format(" = '{}'", attribute.s());
    default:
      return "";
  }
}

}  // namespace

AttributeWatch::AttributeWatch(const onnx::NodeProto& node, int64_t opset)
    : node_(node), opset_(opset), outer_(outermost) {
  if (outer_ == nullptr) outermost = this;
}

AttributeWatch::~AttributeWatch() { outermost = outer_; }

void AttributeWatch::check() const {
  if (outer_ != nullptr) return;
  for (const onnx::AttributeProto& attribute : node_.attribute()) {
    const std::string& name = attribute.name();
    if (read_.count(name) != 0 || without_effect({node_.op_type(), name}) ||
        is_default(node_, attribute, opset_) || foreign(node_, name))
      continue;
    throw graph::Unsupported(
        fmt::format("attribute '{}'{} is not supported", name, value_text(attribute)));
  }
}

std::vector<std::string> foreign_attribute_warnings(const onnx::ModelProto& model) {
  std::map<OperatorAttribute, std::pair<std::string, int>> found;  // its first node, and how many
  for (const onnx::NodeProto& node : model.graph().node()) {
    for (const onnx::AttributeProto& attribute : node.attribute()) {
      if (!foreign(node, attribute.name())) continue;
      auto& [first, count] = found[{node.op_type(), attribute.name()}];
      if (++count == 1) first = node_text(node);
    }
  }
  std::vector<std::string> warnings;
  for (const auto& [which, nodes] : found) {
    const auto& [first, count] = nodes;
    const std::string more = count > 1 ? fmt::format(" (as in {} others)", count - 1) : "";
    warnings.push_back(fmt::format("{}{}: no operator of ONNX has an attribute '{}': ignored",
                                   first, more, which.second));
  }
  return warnings;
}

void note_attribute(const std::string& name) {
  if (outermost != nullptr) outermost->read_.insert(name);
}

}  // namespace systole::values
