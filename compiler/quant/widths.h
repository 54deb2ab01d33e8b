// SPDX-License-Identifier: Apache-2.0
// In how many bits each weight and each activation is stored.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/graph/graph.h"
#include "compiler/quant/precision.h"
#include "model/isa/hw_params.h"

namespace systole::quant {

/// The fewest bits that an array takes: rows that are no multiple of the columns, and more, take no
/// narrow activations.
LayerWidths narrowest_widths(const isa::HwParams& hw);

/// The bits of the weights of each node, and of each value. 8, 4, 2 or 1.
struct Widths {
  std::vector<int> weights;      ///< by node
  std::vector<int> activations;  ///< by ValueId
};

/// What `layers` (by node) wants, as far as it can be had:
/// - an input of a convolution is as wide as the widest of its readers wants;
/// - values that share a scale share a width; what the network takes and gives, what lies in other
///   values, and what depthwise and grouped convolutions read have 8 bits;
/// - integers that the network states itself are stored in the fewest bits that hold them, but no
///   fewer than `narrowest` (8: as they arrive).
Widths choose_widths(const graph::Graph& graph, const std::vector<LayerWidths>& layers,
                     const LayerWidths& narrowest);

/// The fewest bits, no fewer than `least`, that hold the integers of a convolution that states its
/// weights' scales.
int bits_of_own_weights(const graph::Conv& conv, int least);

/// What to tell if narrow activations are asked for in vain; none: they are not, or some are
/// narrow.
std::optional<std::string> wide_activations_warning(const std::vector<LayerWidths>& layers,
                                                    const Widths& widths);

}  // namespace systole::quant
