// SPDX-License-Identifier: Apache-2.0
// A graph that states its codes as an ONNX model that says so, too.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "compiler/graph/graph.h"

namespace systole::exporter {

/// The newest opset that is written unless an older one is asked for.
inline constexpr int64_t kNewestOpset = 21;

/// `graph` in standard ONNX: QuantizeLinear and DequantizeLinear around its operators, integers of
/// its weights (of `weight_bits`, by node) and biases; QONNX's operators for what is narrower than
/// opset `most_opset` has; `metadata` beside. Reads back as `graph`. Throws Error (cannot compile)
/// naming the first tensor or node that has no form.
onnx::ModelProto write_model(const graph::Graph& graph, const std::vector<int>& weight_bits,
                             const std::map<std::string, std::string>& metadata,
                             int64_t most_opset = kNewestOpset);

}  // namespace systole::exporter
