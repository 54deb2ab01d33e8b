// SPDX-License-Identifier: Apache-2.0
// A problem of Timeloop (YAML, docs/topologies.md) as a single layer.
#pragma once

#include <cstdint>
#include <filesystem>

#include "compiler/graph/qgraph.h"
#include "compiler/topology/single_layer.h"

namespace systole::topology {

struct TimeloopProblem {
  SingleLayer layer;
  int64_t batch = 1;  ///< its dimension N
};

/// A convolution (dense, grouped or depthwise) or a matrix product; what else the file holds beside
/// `problem` is not looked at. Throws Error with file and line.
TimeloopProblem read_timeloop_problem(const std::filesystem::path& yaml);

/// The same as a network of its name, `batch` times the problem's N. Throws Error.
graph::QGraph load_timeloop_problem(const std::filesystem::path& yaml, int64_t batch,
                                    quant::LayerWidths widths = {});

}  // namespace systole::topology
