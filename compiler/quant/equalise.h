// SPDX-License-Identifier: Apache-2.0
// Scales channels of a float graph so that int8 loses less of them: what a layer gives is divided
// by a factor a channel, the weights that read it are multiplied by it, and the network computes
// what it did before.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "compiler/exec/float_executor.h"
#include "compiler/graph/graph.h"
#include "compiler/quant/precision.h"

namespace systole::quant {

/// The largest magnitude of each channel of each value (by ValueId) that was seen; empty: none was.
using ChannelMaxima = std::vector<std::vector<float>>;

/// Adds what `executor` makes of one item.
void observe_maxima(const exec::FloatExecutor& executor,
                    const std::vector<std::vector<float>>& inputs, ChannelMaxima& maxima);

/// How many layers were scaled, and how many might have been if data had said that nothing reaches
/// the upper end of their clamps (ReLU6).
struct ScaledLayers {
  size_t scaled = 0, clamped = 0;
};

/// Cross-layer equalisation (Nagel et al., "Data-Free Quantization through Weight Equalization and
/// Bias Correction", ICCV 2019): the weights that give a channel and those that read it get the
/// same largest magnitude, over and over until nothing moves. `maxima`: empty, or what data
/// reaches, which no clamp of `graph` then cuts. `widths`: by node.
ScaledLayers equalise_weights(graph::Graph& graph, const std::vector<LayerWidths>& widths,
                              const ChannelMaxima& maxima);

/// Ranges by channel (Xiao et al., "SmoothQuant: Accurate and Efficient Post-Training Quantization
/// for Large Language Models", ICML 2023, with alpha 0.5): what a channel reaches and the weights
/// that read it get the same largest magnitude, so that narrow channels have more of the codes.
ScaledLayers equalise_ranges(graph::Graph& graph, const std::vector<LayerWidths>& widths,
                             const ChannelMaxima& maxima);

/// What to tell of layers of 8-bit weights some of whose channels hold weights so different that
/// more than half of them are rounded to 0; empty: there is none.
std::string lost_weights_warning(const graph::Graph& graph, const std::vector<int>& weight_bits);

}  // namespace systole::quant
