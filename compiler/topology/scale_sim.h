// SPDX-License-Identifier: Apache-2.0
// Topologies of SCALE-Sim (CSV, convolution and GEMM forms; docs/topologies.md) as quantised
// graphs.
#pragma once

#include <cstdint>
#include <filesystem>

#include "compiler/graph/qgraph.h"
#include "compiler/quant/precision.h"
#include "compiler/topology/topology_layer.h"

namespace systole::topology {

/// How the lines of depthwise layers are taken.
enum class Depthwise {
  kNative,    ///< one layer on diagonal tiles
  kScaleSim,  ///< as SCALE-Sim does: each channel a dense layer of its own
};

/// The layers of `csv` as operators that each have their own input and output: SCALE-Sim's layers
/// are not connected. `widths` are those of all layers but the first and the last. Weights are made
/// up, for timing only: zero where the layer's N:M sparsity says so, else many values. Throws Error
/// naming file, line and column.
graph::QGraph load_topology(const std::filesystem::path& csv, int64_t batch,
                            quant::LayerWidths widths = {},
                            Depthwise depthwise = Depthwise::kNative);

/// One layer alone: `widths` are its own, and its result has the activations'. Throws Error naming
/// its place.
graph::QGraph lone_layer(const TopologyLayer& layer, int64_t batch, quant::LayerWidths widths = {});

}  // namespace systole::topology
