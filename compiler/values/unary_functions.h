// SPDX-License-Identifier: Apache-2.0
// The ONNX operators that are a function of each element, as Functions.
#pragma once

#include <onnx/onnx_pb.h>

#include <optional>
#include <string>
#include <vector>

#include "compiler/graph/function.h"

namespace systole::values {

/// What `node` computes of each element of its input; nothing if its operator is no such function.
/// Throws Error for attributes that make no function.
std::optional<graph::Function> unary_function(const onnx::NodeProto& node);

/// Those operators, sorted.
std::vector<std::string> unary_function_names();

}  // namespace systole::values
