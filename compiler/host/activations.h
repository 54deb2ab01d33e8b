// SPDX-License-Identifier: Apache-2.0
// Activation functions that operators name in their attributes (recurrent cells, fused ones).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "compiler/host/host_call.h"

namespace systole::host {

using Activation = std::function<float(float)>;

/// By ONNX's name, upper and lower case alike; without `alpha` and `beta` ONNX's defaults. Throws
/// Unsupported for names that ONNX does not have.
Activation activation(const std::string& name, std::optional<float> alpha = {},
                      std::optional<float> beta = {});

/// Empty if the node has no such attribute.
std::vector<float> floats_attribute(const onnx::NodeProto& node, const std::string& name);
std::vector<std::string> strings_attribute(const onnx::NodeProto& node, const std::string& name);

}  // namespace systole::host
