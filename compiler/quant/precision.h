// SPDX-License-Identifier: Apache-2.0
// Which layer has weights and activations of how many bits, and how they are rounded.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "compiler/graph/graph.h"

namespace systole::quant {

/// Bits of what a layer multiplies: its weights and its input.
struct LayerWidths {
  int weights = 8, activations = 8;
  bool operator==(const LayerWidths&) const = default;
};

/// Layers whose name matches `pattern` (*, ? and [...] as in a shell).
struct PrecisionRule {
  std::string pattern;
  std::optional<int> weights, activations;  ///< none: as before this rule
  std::string where;                        ///< "file:line"
};

/// Widths by layer: that of the last rule that matches; without one, the first and the last
/// convolution or gemm of the network have 8 bits and all others `widths`.
struct PrecisionPolicy {
  LayerWidths widths;
  std::vector<PrecisionRule> rules;
  bool bias_correction = false;  ///< as compiler/quant/bias_correction.h
};

/// Reads a policy file (docs/precision.md). Throws Error "file:line: key: reason".
PrecisionPolicy load_precision(const std::filesystem::path& file);

/// What the policy wants of each node of `graph`; 8 bits for those that have no weights. Throws
/// Error for a rule that matches no layer.
std::vector<LayerWidths> layer_widths(const graph::Graph& graph, const PrecisionPolicy& policy);
/// The same for a network in `parts`, which run in their order.
std::vector<std::vector<LayerWidths>> layer_widths(const std::vector<const graph::Graph*>& parts,
                                                   const PrecisionPolicy& policy);

}  // namespace systole::quant
