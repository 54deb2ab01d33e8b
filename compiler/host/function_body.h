// SPDX-License-Identifier: Apache-2.0
// Operators that ONNX defines as a function of simpler ones.
#pragma once

#include "compiler/host/host_operators.h"

namespace systole::host {

/// Whether ONNX (as libonnx knows it) defines the operator of `node` by a function.
bool has_function_body(const onnx::NodeProto& node, int64_t opset);

/// Computes `node` by that function, node after node.
std::vector<values::Literal> compute_function_body(const onnx::NodeProto& node,
                                                   const HostInputs& inputs,
                                                   const HostContext& context);

}  // namespace systole::host
