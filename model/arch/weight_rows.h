// SPDX-License-Identifier: Apache-2.0
// Sizes of weights in DRAM, where they may be narrower than a byte.
#pragma once

#include <cstdint>

#include "model/isa/isa.h"

namespace systole {

/// Bytes of a row of `cols` fields of `bits` bits: 8, 4, 2 or 1. A row starts with a byte.
constexpr int64_t weight_row_bytes(int64_t cols, int bits) { return (cols * bits + 7) / 8; }

/// Bytes that a load_codebook reads: 16 weights.
inline constexpr int kCodebookBytes = 16;

/// Bits in DRAM of what becomes a byte of a tile: 1 << pack weights.
constexpr int tile_byte_bits(const isa::LoadWeights& load) {
  return 8 >> (load.narrow - load.pack);
}

/// Bytes that a load_weights reads, all positions.
constexpr int64_t weight_bytes_of(const isa::LoadWeights& load) {
  const int64_t rows = int64_t{load.positions} * (load.diagonal ? 1 : load.channels);
  return rows * weight_row_bytes(load.cols, tile_byte_bits(load));
}

}  // namespace systole
