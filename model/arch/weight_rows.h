// SPDX-License-Identifier: Apache-2.0
// Sizes of weights in DRAM, where they may be narrower than a byte, have prefixes, or be left out.
#pragma once

#include <algorithm>
#include <array>
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
  if (load.stream_bytes != 0) return load.stream_bytes;
  const int64_t rows = int64_t{load.positions} * (load.diagonal ? 1 : load.channels);
  return rows * weight_row_bytes(load.cols, tile_byte_bits(load));
}

/// Bits that a prefix has for each byte of a row of a tile; 0: there is no prefix.
constexpr int prefix_bits(const isa::LoadWeights& load) {
  return load.bitmask ? 1 : load.structured ? 2 << load.pack : 0;
}

/// Tiles of a load_weights that its holes can name.
inline constexpr int64_t kHoleTiles = 256;

/// The words of the hole fields: bit t % 32 of word t / 32 is tile t.
using Holes = std::array<uint32_t, kHoleTiles / 32>;

constexpr Holes holes_of(const isa::LoadWeights& load) {
  return {load.holes0, load.holes1, load.holes2, load.holes3,
          load.holes4, load.holes5, load.holes6, load.holes7};
}
constexpr void set_holes(isa::LoadWeights& load, const Holes& holes) {
  load.holes0 = holes[0], load.holes1 = holes[1], load.holes2 = holes[2], load.holes3 = holes[3];
  load.holes4 = holes[4], load.holes5 = holes[5], load.holes6 = holes[6], load.holes7 = holes[7];
}
constexpr bool is_hole(const Holes& holes, int64_t tile) {
  return tile < kHoleTiles && (holes[static_cast<size_t>(tile / 32)] >> tile % 32 & 1) != 0;
}
/// The first tile at `tile` or after it that is not a hole.
constexpr int64_t next_stored(const Holes& holes, int64_t tile) {
  while (is_hole(holes, tile)) ++tile;
  return tile;
}
constexpr bool has_holes(const Holes& holes) {
  return std::any_of(holes.begin(), holes.end(), [](uint32_t word) { return word != 0; });
}

}  // namespace systole
