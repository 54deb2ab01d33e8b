// SPDX-License-Identifier: Apache-2.0
// Names of nodes for messages.
#include "compiler/values/node_names.h"

#include <fmt/format.h>

namespace systole::values {

std::string first_output(const onnx::NodeProto& node) {
  for (const std::string& name : node.output())
    if (!name.empty()) return name;
  return "";
}

std::string node_text(const onnx::NodeProto& node) {
  const std::string name = node.name().empty() ? first_output(node) : node.name();
  return fmt::format("node '{}' ({})", name, node.op_type());
}

}  // namespace systole::values
