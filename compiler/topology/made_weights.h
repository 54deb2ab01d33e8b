// SPDX-License-Identifier: Apache-2.0
// Weights of layers that have none, for timing only.
#pragma once

#include <cstdint>
#include <vector>

namespace systole::topology {

/// Weights [filters][taps], where the input channels of a tap follow one another.
struct WeightShape {
  int64_t filters = 1, taps = 1;
  int64_t channels = 1;      ///< that a filter sees
  int64_t kept = 1, of = 1;  ///< of `of` consecutive channels `kept` have weights
};

/// Weights that no format stores shorter than their sparsity lets it: more values than a codebook
/// has where the width holds them, and zeros for what is pruned only.
std::vector<int8_t> make_weights(const WeightShape& shape, int bits);

}  // namespace systole::topology
