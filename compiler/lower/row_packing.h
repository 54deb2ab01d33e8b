// SPDX-License-Identifier: Apache-2.0
// Kernel rows of a first layer packed into lanes, beside kernel columns and channels.
#pragma once

#include <vector>

#include "compiler/lower/layer.h"
#include "compiler/lower/plan.h"

namespace systole::lower {

/// With `packed` > 1 rows packed together the unified buffer holds *packs*: pack j has the input
/// rows [j*stride - pad - missing, ... + packed), rows of padding included, one behind the other.
/// An output row i sees the packs i, i + packed/stride, ...: a kernel of ceil(kernel/packed) packs,
/// without stride or padding. The first pack of a kernel has `missing` rows that the kernel has
/// not; their weights are zero.
WindowDim packed_rows(const WindowDim& rows, int64_t packed);
int64_t missing_rows(const WindowDim& rows, int64_t packed);

/// The first input row of pack `pack`, negative above the image.
int64_t first_row_of_pack(const WindowDim& rows, int64_t packed, int64_t pack);

/// The ways to pack the rows of `layer` that may pay, 1 (each row alone) first: each takes fewer
/// weight tiles than those before it.
std::vector<int64_t> row_packings(const Layer& layer, const arch::Geometry& slices);

/// Whether weights of rows that the kernel has not, and those between groups, can be zero.
bool has_zero(const Layer& layer);

/// Weight tiles of a column tile that windows of `packed` rows take.
int64_t window_tiles(const Layer& layer, int64_t packed, const arch::Geometry& slices);

/// The tiles of kernel position 0 that hold nothing but missing rows, and their lanes.
struct MissingTiles {
  int64_t tiles = 0, lanes = 0;
};
MissingTiles missing_tiles(const Layer& layer, const Plan& plan, const arch::Geometry& slices);

/// Words that load_window writes for one window of each of the rows packed together.
int64_t pack_emissions(int64_t row_bytes, int64_t packed, const arch::Geometry& geometry);

}  // namespace systole::lower
