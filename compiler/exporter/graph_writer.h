// SPDX-License-Identifier: Apache-2.0
// The operators of a graph as ONNX nodes.
#pragma once

#include <vector>

#include "compiler/exporter/value_writer.h"
#include "compiler/graph/graph.h"

namespace systole::exporter {

/// Adds all nodes of `graph` to `model`. `weight_bits`: by node. Throws Error naming the first node
/// that ONNX, or Systole's reader, has no form for.
void write_nodes(ModelBuilder& model, ValueWriter& values, const graph::Graph& graph,
                 const std::vector<int>& weight_bits);

}  // namespace systole::exporter
