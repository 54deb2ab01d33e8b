// SPDX-License-Identifier: Apache-2.0
// How one layer is cut into tiles and where its operands are; lowering carries it out.
#pragma once

#include <array>
#include <compare>
#include <string>

#include "compiler/lower/layer.h"

namespace systole::lower {

/// Where the matrix or vector unit finds a layer's input.
enum class InputMode {
  kResident,  ///< the whole tensor lies in the unified buffer
  kPatch,     ///< the part that a tile needs is loaded for it
  kWindow,    ///< as kPatch, by load_window: channels, kernel columns, rows packed into lanes
};

/// Which operands of a layer live in the unified buffer, as a whole or in bands.
struct Residence {
  bool in = false, residual = false, out = false;
  bool store = false;   ///< the output goes to DRAM (always so if it is not resident)
  bool banded = false;  ///< the layer runs a band of rows at a time
  // clang-tidy 14 takes the 0 that it is compared with for a pointer.
  auto operator<=>(const Residence&) const = default;  // NOLINT(modernize-use-nullptr)
};

/// Cycles that each resource is busy for a layer or a part of it, and cycles in which none is
/// because one waits for the other.
struct Work {
  double mxu = 0, vpu = 0, lda = 0, ldw = 0, sto = 0;
  double memory = 0;   ///< the DRAM's data bus
  double exposed = 0;  ///< transfers and passes that nothing overlaps
  double start = 0;    ///< the first load, before anything can be computed
  double tiles = 0;    ///< output tiles, times column tiles
  double cycles() const;
  Work& operator+=(const Work& other);
  Work operator*(double times) const;  ///< repeated, without a pause: `start` counts once
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
/// With `parts` a tile is one pixel, and a block's chunks are outside of its column tiles.
struct Plan {
  LayerShape shape;  ///< as `input` sees it
  InputMode input = InputMode::kResident;
  int64_t packed_rows = 1;  ///< kWindow: kernel rows packed together (row_packing.h)
  int64_t tile_n = 1, tile_h = 1, tile_w = 1;
  /// Output rows that a patch serves (strips.h), more than tile_h; 0: a tile has its own.
  int64_t strip_h = 0;
  int64_t block = 1;  ///< column tiles of a block: 1, one word's, or all
  /// A word of a patch begins where the whole slices of ROWS channels of the word before end: the
  /// array passes over the rest of that. Only the last word's is used.
  bool sliced = false;
  bool columns_outer = false;  ///< blocks outside, output tiles inside
  bool keep = false;  ///< the weights of a column tile stay in the ring for all output tiles
  int64_t chunk_h = 1, chunk_w = 1;  ///< kernel rows and columns of a chunk
  int64_t chunk_c = 1;               ///< channels of a chunk: all or those of whole words
  /// A pooling window is reduced chunk by chunk: a sum's in the accumulators, where the longer side
  /// of a chunk takes a row each; a maximum's to one of `slots` pixels of `maxima`.
  bool parts = false;
  int64_t slots = 0;
  /// Of resident input: the first column tile takes these channels first, in a matmul of their own,
  /// as the others may still be computed; 0: all at once.
  int64_t early_c = 0;
  /// Column tiles that fill a half of the accumulators before the other is used.
  int64_t together = 1;
  Staging in, residual, out, maxima;
  bool in_place = false;  ///< a residual from DRAM is loaded to where the result goes
  Work work;              ///< estimate

  int64_t output_tiles() const;
  /// Strips of all items; without strips the output tiles.
  int64_t strips() const;
  int64_t chunks() const;
  /// Whether parts of sums have a row of the accumulators for each column, not for each row.
  bool rows_of_columns() const { return shape.w.kernel >= shape.h.kernel; }
  /// Accumulator rows of a column tile of parts of sums.
  int64_t part_rows() const { return rows_of_columns() ? chunk_w : chunk_h; }
  /// Weight tiles of a chunk, for each slice of channels.
  int64_t part_taps() const { return rows_of_columns() ? chunk_h : chunk_w; }
  std::array<const Staging*, 4> stagings() const { return {&in, &residual, &out, &maxima}; }
  bool sampled_h() const { return input != InputMode::kResident && chunk_h == 1; }
  bool sampled_w() const { return input == InputMode::kPatch && chunk_w == 1; }
};

/// How `channels` of the input lie in words of the unified buffer under a plan.
class InputWords {
 public:
  InputWords(const Plan& plan, int64_t channels, const arch::Geometry& geometry);
  /// Channels from the first of a word to the first of the next.
  int64_t step() const { return step_; }
  int64_t words() const { return words_; }
  /// Lanes of a word: all of them are loaded, but for the last word.
  int64_t lanes() const { return geometry_.lanes; }
  /// What an instruction calls these channels: with what it passes over.
  int64_t channels() const { return (words_ - 1) * geometry_.lanes + last_; }
  /// Slices that hold something, and the lanes of one of them.
  int64_t slices() const;
  int slice_lanes(int64_t slice) const;
  /// Whether the array passes over slice `index` of those of channels().
  bool passed(int64_t index) const {
    return index / geometry_.row_slices < words_ - 1 && index % geometry_.row_slices >= used_;
  }

 private:
  const arch::Geometry& geometry_;
  int64_t used_;  ///< slices of a word that is not the last
  int64_t step_, words_, last_;
};

/// Whether the sums of the first column tile may be cut by channels (Plan::early_c).
bool can_split_first(const Layer& layer, const Plan& plan);

std::string to_text(const Plan& plan);

}  // namespace systole::lower
