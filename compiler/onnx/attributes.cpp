// SPDX-License-Identifier: Apache-2.0
// Typed access to a node's attributes.
#include "compiler/onnx/attributes.h"

#include <fmt/format.h>

#include "compiler/onnx/attribute_watch.h"
#include "model/arch/error.h"

namespace systole {

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

}  // namespace systole
