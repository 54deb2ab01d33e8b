// SPDX-License-Identifier: Apache-2.0
// Typed access to a node's attributes: a value of the wrong type is an error, not a default.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <string>
#include <vector>

namespace systole::values {

/// Each returns `fallback` if the node has no such attribute and throws Error naming it if its type
/// differs.
int64_t int_attribute(const onnx::NodeProto& node, const std::string& name, int64_t fallback);
float float_attribute(const onnx::NodeProto& node, const std::string& name, float fallback);
std::string string_attribute(const onnx::NodeProto& node, const std::string& name,
                             const std::string& fallback);
std::vector<int64_t> ints_attribute(const onnx::NodeProto& node, const std::string& name,
                                    const std::vector<int64_t>& fallback);
/// The attribute itself; null if absent. Throws Error if its type differs.
const onnx::AttributeProto* typed_attribute(const onnx::NodeProto& node, const std::string& name,
                                            onnx::AttributeProto::AttributeType type);
/// The same of any type.
const onnx::AttributeProto* find_attribute(const onnx::NodeProto& node, const std::string& name);

/// `axis` of a tensor of `rank` dimensions, negative ones counted from the end. Throws Error if
/// outside.
int64_t normalise_axis(int64_t axis, int64_t rank);
/// Whether a BatchNormalization normalises by the statistics of the batch it is given: by its
/// attribute from opset 14 on, before by its outputs beside the result.
bool trains(const onnx::NodeProto& node, int64_t opset);

}  // namespace systole::values
