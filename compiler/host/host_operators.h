// SPDX-License-Identifier: Apache-2.0
// ONNX operators on the host: float32 and integer tensors, whole tensors at once, any rank.
#pragma once

#include <onnx/onnx_pb.h>

#include <filesystem>
#include <string>
#include <vector>

#include "compiler/values/literal.h"

namespace systole::host {

/// Operands of a node; null: an optional one that is absent.
using HostInputs = std::vector<const values::Literal*>;

/// What a node's meaning depends on besides its inputs and attributes.
struct HostContext {
  int64_t opset = 0;
  std::filesystem::path folder;  ///< where external data of constants lies
};

/// Whether the host computes the operator of `node`: by itself, or through the function that ONNX
/// defines it by.
bool host_computes(const onnx::NodeProto& node, int64_t opset);

/// The results of `node`, one for each of its outputs (empty ones for outputs without a name).
/// Throws Error for operands that do not fit, Unsupported (translate.h) for a form of the operator
/// that the host does not have.
std::vector<values::Literal> compute_on_host(const onnx::NodeProto& node, const HostInputs& inputs,
                                             const HostContext& context);

/// The operators that the host computes by itself, sorted (docs/operators.md).
std::vector<std::string> host_operators();

/// Multiply-accumulates of a matrix product `node`; 0 for other operators.
int64_t host_macs(const onnx::NodeProto& node, const HostInputs& inputs,
                  const std::vector<values::Literal>& results);

}  // namespace systole::host
