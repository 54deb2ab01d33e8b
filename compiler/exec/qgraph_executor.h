// SPDX-License-Identifier: Apache-2.0
// The quantised graph, run as it is.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/graph/qgraph.h"

namespace systole::exec {

/// Runs the quantised graph directly on int8 tensors (bit-exact with the hardware; for accuracy).
/// `inputs`: stored bytes NHWC of each of graph.inputs, whole batch; returns the stored bytes of
/// each output.
std::vector<std::vector<int8_t>> run_qgraph(const graph::QGraph& graph,
                                            const std::vector<std::vector<int8_t>>& inputs);
inline std::vector<std::vector<int8_t>> run_qgraph(const graph::QGraph& graph,
                                                   const std::vector<int8_t>& input) {
  return run_qgraph(graph, std::vector<std::vector<int8_t>>{input});
}

}  // namespace systole::exec
