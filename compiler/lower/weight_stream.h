// SPDX-License-Identifier: Apache-2.0
// The weights of a matmul as load_weights reads them, in the layer's format, without tiles of
// zeros.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/lower/packing.h"

namespace systole::lower {

inline constexpr int64_t kMaskRows = 8;  ///< rows whose masks stand together

/// The weights of one chunk of a column tile.
struct WeightStream {
  int64_t at = 0;  ///< first byte, from the start of the layer's weights
  int64_t bytes = 0;
  int64_t steps = 0;    ///< words of the weight DMA: prefixes and rows
  int64_t tiles = 0;    ///< of the chunk
  arch::Holes holes{};  ///< of those, zeros that are left out; never the last
  int64_t hole_tiles = 0;
  int64_t hole_weights = 0;  ///< in them
  int64_t empty_tiles = 0;   ///< of hole_tiles: of slices that hold nothing (Plan::sliced)
  bool prefixes = false;

  /// Leaves out tile `index`, which is none of the last.
  void leave_out(int64_t index);
  /// What `load` says of the stream.
  void describe(isa::LoadWeights& load) const;
};

/// What the weights of a layer take in DRAM.
struct StoredWeights {
  uint16_t tag = 0;  ///< of the layer
  int64_t bytes = 0;
  int64_t hole_tiles = 0;    ///< tiles of zeros that are left out
  int64_t hole_weights = 0;  ///< in them
};

/// Appends the weights of `chunk` for the tile `columns` to `bytes`.
WeightStream append_weight_stream(const Layer& layer, const Plan& plan, const Chunk& chunk,
                                  Range columns, const arch::Geometry& geometry,
                                  std::vector<uint8_t>& bytes);

/// The same without its bytes (expected_weights.cpp): with the mean size of masks, and no tiles of
/// zeros but those of rows that the kernel has not and of other groups.
WeightStream expected_weight_stream(const Layer& layer, const Plan& plan, const Chunk& chunk,
                                    Range columns, const arch::Geometry& geometry);

}  // namespace systole::lower
