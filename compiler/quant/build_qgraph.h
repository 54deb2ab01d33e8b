// SPDX-License-Identifier: Apache-2.0
// Float graph and ranges to quantised graph.
#pragma once

#include <vector>

#include "compiler/graph/graph.h"
#include "compiler/graph/qgraph.h"
#include "compiler/quant/calibrate.h"
#include "compiler/quant/layer_data.h"
#include "compiler/quant/precision.h"
#include "compiler/quant/widths.h"

namespace systole::quant {

/// Whether any scale of `graph` has to come from calibration: false for networks that state them
/// all.
bool needs_ranges(const graph::Graph& graph);
/// Quantises `graph`, which has been through run_passes, for `batch` items, to the widths of
/// `precision`. Throws Error (cannot compile).
graph::QGraph build_qgraph(const graph::Graph& graph, const std::vector<ValueRange>& ranges,
                           int64_t batch, const PrecisionPolicy& precision = {});
/// The same for given widths. `data`: null, or what weights are rounded and biases corrected with.
graph::QGraph build_qgraph(const graph::Graph& graph, const std::vector<ValueRange>& ranges,
                           int64_t batch, const Widths& widths, const LayerData* data = nullptr);

}  // namespace systole::quant
