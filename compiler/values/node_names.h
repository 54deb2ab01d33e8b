// SPDX-License-Identifier: Apache-2.0
// What a node is called, and whose operator it is.
#pragma once

#include <onnx/onnx_pb.h>

#include <string>

namespace systole::values {

/// ONNX's own operators, by the domain of a node or of an opset.
inline bool is_standard(const std::string& domain) { return domain.empty() || domain == "ai.onnx"; }
inline bool is_standard(const onnx::NodeProto& node) { return is_standard(node.domain()); }

/// The operator of `node`; of another domain than ONNX's own with the domain before it.
inline std::string qualified_name(const onnx::NodeProto& node) {
  return is_standard(node) ? node.op_type() : node.domain() + "." + node.op_type();
}

/// The first result of `node` that has a name, which tells it from all other nodes; empty: none.
std::string first_output(const onnx::NodeProto& node);

/// "node 'conv1' (Conv)"
std::string node_text(const onnx::NodeProto& node);

}  // namespace systole::values
