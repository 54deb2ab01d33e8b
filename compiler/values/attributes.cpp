// SPDX-License-Identifier: Apache-2.0
// Typed access to a node's attributes.
#include "compiler/values/attributes.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/values/attribute_watch.h"
#include "model/base/error.h"

namespace systole::values {

const onnx::AttributeProto* typed_attribute(const onnx::NodeProto& node, const std::string& name,
                                            onnx::AttributeProto::AttributeType type) {
  const onnx::AttributeProto* attribute = find_attribute(node, name);
  if (attribute == nullptr || attribute->type() == type) return attribute;
  throw Error(fmt::format("attribute '{}' has the wrong type, expected {}", name,
                          onnx::AttributeProto::AttributeType_Name(type)));
}

const onnx::AttributeProto* find_attribute(const onnx::NodeProto& node, const std::string& name) {
  note_attribute(name);
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    if (attribute.name() == name) return &attribute;
  }
  return nullptr;
}

int64_t int_attribute(const onnx::NodeProto& node, const std::string& name, int64_t fallback) {
  const auto* a = typed_attribute(node, name, onnx::AttributeProto::INT);
  return a == nullptr ? fallback : a->i();
}

float float_attribute(const onnx::NodeProto& node, const std::string& name, float fallback) {
  const auto* a = typed_attribute(node, name, onnx::AttributeProto::FLOAT);
  return a == nullptr ? fallback : a->f();
}

std::string string_attribute(const onnx::NodeProto& node, const std::string& name,
                             const std::string& fallback) {
  const auto* a = typed_attribute(node, name, onnx::AttributeProto::STRING);
  return a == nullptr ? fallback : a->s();
}

std::vector<int64_t> ints_attribute(const onnx::NodeProto& node, const std::string& name,
                                    const std::vector<int64_t>& fallback) {
  const auto* a = typed_attribute(node, name, onnx::AttributeProto::INTS);
  return a == nullptr ? fallback : std::vector<int64_t>(a->ints().begin(), a->ints().end());
}

int64_t normalise_axis(int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank) {
    throw Error(fmt::format("axis {} is outside a tensor of {} dimensions", axis, rank));
  }
  return axis < 0 ? axis + rank : axis;
}

bool trains(const onnx::NodeProto& node, int64_t opset) {
  if (opset >= 14) return int_attribute(node, "training_mode", 0) != 0;
  return std::any_of(node.output().begin() + 1, node.output().end(),
                     [](const std::string& name) { return !name.empty(); });
}

}  // namespace systole::values
