// SPDX-License-Identifier: Apache-2.0
// Whose operator a node is.
#pragma once

#include <onnx/onnx_pb.h>

#include <string>

namespace systole {

/// ONNX's own operators, by the domain of a node or of an opset.
inline bool is_standard(const std::string& domain) { return domain.empty() || domain == "ai.onnx"; }
inline bool is_standard(const onnx::NodeProto& node) { return is_standard(node.domain()); }

/// The operator of `node`; of another domain than ONNX's own with the domain before it.
inline std::string qualified_name(const onnx::NodeProto& node) {
  return is_standard(node) ? node.op_type() : node.domain() + "." + node.op_type();
}

}  // namespace systole
