// SPDX-License-Identifier: Apache-2.0
// The names of the attributes of all operators that exist.
#pragma once

#include <set>
#include <string_view>

namespace systole::values {

/// Of ONNX up to opset 25, of ONNX Runtime and of QONNX. A list of its own, as libonnx takes longer
/// to build its schemas than a small network to compile, and ends at opset 17; a test holds it
/// against those.
const std::set<std::string_view>& attribute_names();

}  // namespace systole::values
