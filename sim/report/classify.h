// SPDX-License-Identifier: Apache-2.0
// The class that a network's output names, and how often it is the label.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "compiler/exec/qgraph_executor.h"
#include "compiler/quant/tensor_io.h"

namespace systole {

/// Index of the largest value, the first of equals.
inline int64_t argmax(const std::vector<float>& values) {
  return std::max_element(values.begin(), values.end()) - values.begin();
}

/// Whether `output` names the class that the label of `item` does.
inline bool is_right(const Dataset& data, size_t item, const std::vector<float>& output) {
  return argmax(output) == data.labels[item];
}

/// Runs `graph` (of batch 1) on each item and hands its first output to `see`.
template <typename See>
void classify(const QGraph& graph, const Dataset& data, See see) {
  const TensorInfo output = tensor_info(graph.tensors[static_cast<size_t>(graph.outputs.at(0))]);
  for (size_t i = 0; i < data.items.size(); ++i) {
    const auto bytes = run_qgraph(graph, quantise_item(graph, data.items[i]));
    see(i, dequantise_output(output, bytes.at(0).data(), 0));
  }
}

}  // namespace systole
