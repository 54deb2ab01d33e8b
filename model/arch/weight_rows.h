// SPDX-License-Identifier: Apache-2.0
// Sizes of weights in DRAM, where they may be narrower than a byte.
#pragma once

#include <cstdint>

#include "model/isa/isa.h"

namespace systole {

/// Bytes of a row of `cols` weights of `bits` bits: 8, 4, 2 or 1. A row starts with a byte.
constexpr int64_t weight_row_bytes(int64_t cols, int bits) { return (cols * bits + 7) / 8; }

/// Bits of each weight that a load_weights reads.
constexpr int weight_bits(const isa::LoadWeights& load) { return 8 >> load.narrow; }

/// Bytes that a load_weights reads, all positions.
constexpr int64_t weight_bytes_of(const isa::LoadWeights& load) {
  const int64_t rows = int64_t{load.positions} * (load.diagonal ? 1 : load.channels);
  return rows * weight_row_bytes(load.cols, weight_bits(load));
}

}  // namespace systole
