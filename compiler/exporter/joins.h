// SPDX-License-Identifier: Apache-2.0
// Parts that take turns as ONNX nodes: a Concat of them, and a Gather that puts rows or columns in
// their order.
#pragma once

#include <string>
#include <vector>

#include "compiler/exporter/model_builder.h"
#include "compiler/graph/graph.h"

namespace systole::exporter {

/// Adds what makes the interleave `node` of `parts`, tensors [n, c, h, w] of its inputs: columns
/// first, then rows. The last node has its name and gives `result`. Throws Unsupported for parts
/// that are no grid.
std::string write_interleave(ModelBuilder& model, const graph::Graph& graph,
                             const graph::Node& node, const std::vector<std::string>& parts,
                             const std::string& result);

}  // namespace systole::exporter
