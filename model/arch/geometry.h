// SPDX-License-Identifier: Apache-2.0
// Sizes that follow from the hardware parameters: lanes, words, slices, groups, banks, bursts.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>

#include "model/base/ceil_div.h"
#include "model/isa/isa.h"

namespace systole::arch {

/// The derived sizes of docs/timing.md ("Conventions"). Words, rows and lanes are counts; *_bytes
/// are bytes.
struct Geometry {
  explicit Geometry(const isa::HwParams& hw);

  int rows;            ///< ROWS
  int cols;            ///< COLS
  int act_bits;        ///< of the narrowest activations built: COLS of them fill bytes
  int lanes;           ///< L: byte lanes of a UB word
  int word_bytes;      ///< W: stored bytes of a UB word
  int64_t ub_words;    ///< words of the unified buffer
  int64_t bank_words;  ///< words of one bank
  int row_slices;      ///< slices of ROWS lanes in a word
  int col_slices;      ///< slices of COLS lanes in a word
  int pb_word_bytes;   ///< bytes that one load step writes to the parameter buffer
  int pb_row_bytes;    ///< bytes of a parameter row
  int axi_bytes;       ///< B
  int burst_bytes;     ///< BURST

  /// The same with what matmul and load_weights cut words into: structured slices have 2*ROWS
  /// lanes. `rows` is then that, not ROWS.
  Geometry grouped(bool structured) const;
  /// Rows of the weight tile that `slice_lanes` lanes meet: four of a structured slice meet two.
  static int tile_rows(int slice_lanes, bool structured) {
    return structured ? (slice_lanes + 3) / 4 * 2 : slice_lanes;
  }
  /// Whether slices of COLS values divide words of any width evenly.
  bool whole_slices() const { return lanes % cols == 0; }
  /// Slices of COLS values in a word of values of 8 >> narrow bits.
  int col_slices_of(int narrow) const {
    return static_cast<int>(ceil_div(int64_t{lanes} << narrow, cols));
  }
  /// The same for words that hold values of 8 >> narrow bits: lanes and slices are those of values.
  Geometry packed(int narrow) const;
  /// Words that hold `channels` channels of a pixel.
  int64_t words(int64_t channels) const { return ceil_div(channels, lanes); }
  /// Words that hold what a matmul expands to `channels` lanes: a word holds 1 << expand times as
  /// many, cut into groups as that many words of lanes are.
  int64_t words(int64_t channels, int expand) const {
    return ceil_div(channels, int64_t{lanes} << expand);
  }
  /// Channel groups (weight tiles of one kernel position) of `channels` input channels.
  int64_t groups(int64_t channels) const {
    return channels / lanes * row_slices + ceil_div(channels % lanes, rows);
  }
  /// Lanes of group `g` of `channels` channels.
  int group_lanes(int64_t g, int64_t channels) const {
    const int64_t word = g / row_slices, slice = g % row_slices;
    const int64_t first = word * lanes + slice * rows;
    return static_cast<int>(std::min<int64_t>({rows, lanes - slice * rows, channels - first}));
  }
  /// Column tiles of `channels` output channels (slices of COLS lanes, never across words).
  int64_t col_tiles(int64_t channels) const {
    return channels / lanes * col_slices + ceil_div(channels % lanes, cols);
  }
  /// First output channel of column tile `t`.
  int64_t col_tile_first(int64_t t) const { return t / col_slices * lanes + t % col_slices * cols; }
  /// Output channels of column tile `t` of `channels`.
  int col_tile_lanes(int64_t t, int64_t channels) const {
    const int64_t slice = t % col_slices;
    return static_cast<int>(
        std::min<int64_t>({cols, lanes - slice * cols, channels - col_tile_first(t)}));
  }
};

/// Why `hw` is not a legal set of parameters: "key: reason, legal range"; empty if it is legal.
std::string check_params(const isa::HwParams& hw);

}  // namespace systole::arch
