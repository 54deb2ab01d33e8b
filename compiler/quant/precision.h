// SPDX-License-Identifier: Apache-2.0
// Which layer has weights of how many bits.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "compiler/graph/graph.h"

namespace systole {

/// Layers whose name matches `pattern` (*, ? and [...] as in a shell).
struct PrecisionRule {
  std::string pattern;
  int weights = 8;
  std::string where;  ///< "file:line"
};

/// Widths by layer: that of the last rule that matches; without one, the first and the last
/// convolution or gemm of the network have 8 bits and all others `weights`.
struct PrecisionPolicy {
  int weights = 8;
  std::vector<PrecisionRule> rules;
};

/// Reads a policy file (docs/precision.md). Throws Error "file:line: key: reason".
PrecisionPolicy load_precision(const std::filesystem::path& file);

/// Bits of the weights of each node of `graph`; 8 for those that have none. Throws Error for a rule
/// that matches no layer.
std::vector<int> weight_bits_of(const Graph& graph, const PrecisionPolicy& policy);

}  // namespace systole
