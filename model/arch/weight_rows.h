// SPDX-License-Identifier: Apache-2.0
// Sizes of weights in DRAM, where they may be narrower than a byte, have prefixes, or be left out.
#pragma once

#include <array>
#include <cstdint>
#include <tuple>

#include "model/arch/geometry.h"
#include "model/isa/isa.h"

namespace systole::arch {

/// Bytes of a row of `cols` fields of `bits` bits: one or several weights of an element type. A row
/// starts with a byte.
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

/// The tiles that a load_weights leaves out, as its field has them, and how many it can name.
using Holes = decltype(isa::LoadWeights::holes);
inline constexpr int64_t kHoleTiles = 32 * std::tuple_size_v<Holes>;

constexpr bool is_hole(const Holes& holes, int64_t tile) {
  return tile < kHoleTiles && (holes[static_cast<size_t>(tile / 32)] >> tile % 32 & 1) != 0;
}
/// The first tile at `tile` or after it that is not a hole.
constexpr int64_t next_stored(const Holes& holes, int64_t tile) {
  while (is_hole(holes, tile)) ++tile;
  return tile;
}
/// Whether the stream of a load_weights has holes or prefixes: it must say its bytes.
constexpr bool needs_stream_bytes(const isa::LoadWeights& load) {
  return prefix_bits(load) != 0 || load.holes != Holes{};
}

/// A tile that a load_weights appends to the ring.
struct StoredTile {
  int64_t index = 0;  ///< among all tiles of the shape
  int64_t group = 0;  ///< of channels
  int lanes = 0;      ///< of the group
  int rows = 0;       ///< of weights
};

/// Calls visit(tile) for each tile of `load` that is not a hole; returns the tiles of its shape.
template <typename Visit>
int64_t for_each_stored_tile(const isa::LoadWeights& load, const Geometry& geometry,
                             const Visit& visit) {
  const Geometry slices = geometry.grouped(load.structured);
  const int64_t groups = slices.groups(load.channels), tiles = load.positions * groups;
  for (int64_t i = next_stored(load.holes, 0); i < tiles; i = next_stored(load.holes, i + 1)) {
    const int lanes = slices.group_lanes(i % groups, load.channels);
    visit(StoredTile{i, i % groups, lanes, Geometry::tile_rows(lanes, load.structured)});
  }
  return tiles;
}

}  // namespace systole::arch
