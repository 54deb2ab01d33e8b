// SPDX-License-Identifier: Apache-2.0
// How one layer is cut into tiles and where its operands are; lowering carries it out.
#pragma once

#include <string>

#include "compiler/lower/layer.h"

namespace systole {

/// Where the matrix or vector unit finds a layer's input.
enum class InputMode {
  kResident,  ///< the whole tensor lies in the unified buffer
  kPatch,     ///< the part that a tile needs is loaded for it
  kWindow,    ///< as kPatch, by load_window: kernel columns and channels packed into lanes
};

/// Which operands of a layer live in the unified buffer as a whole.
struct Residence {
  bool in = false, residual = false, out = false;
  bool store = false;  ///< the output goes to DRAM (always so if it is not resident)
};

/// Rotating buffers of one operand; no buffers if the operand needs none.
struct Staging {
  int64_t words = 0;  ///< of one buffer
  int buffers = 0;
};

/// Loops of a layer, from outside in (columns_outer exchanges the first two):
///   output tiles of tile_n x tile_h x tile_w pixels
///     blocks of column tiles
///       column tiles of the block
///         chunks of channels, kernel rows, kernel columns: one matmul each
struct Plan {
  LayerShape shape;  ///< as `input` sees it
  InputMode input = InputMode::kResident;
  int64_t tile_n = 1, tile_h = 1, tile_w = 1;
  int64_t block = 1;           ///< column tiles of a block: 1, one word's, or all
  bool columns_outer = false;  ///< blocks outside, output tiles inside
  bool keep = false;  ///< the weights of a column tile stay in the ring for all output tiles
  int64_t chunk_h = 1, chunk_w = 1;  ///< kernel rows and columns of a chunk: all or 1
  int64_t chunk_c = 1;               ///< channels of a chunk: all or a multiple of the lanes
  Staging in, residual, out;
  double cycles = 0;  ///< estimate

  int64_t output_tiles() const;
  int64_t chunks() const;
  bool sampled_h() const { return input != InputMode::kResident && chunk_h == 1; }
  bool sampled_w() const { return input == InputMode::kPatch && chunk_w == 1; }
};

std::string to_text(const Plan& plan);

}  // namespace systole
