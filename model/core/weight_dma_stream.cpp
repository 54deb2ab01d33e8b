// SPDX-License-Identifier: Apache-2.0
// Streams with holes or prefixes: a step a word or a part of one, a cycle a hole.
#include <bit>
#include <cstring>

#include "model/core/datapath.h"
#include "model/core/weight_dma.h"

namespace systole::core {

/// Moves what is left of `burst` from `t` on, up to a tile that lacks a credit.
void WeightDma::drain_stream(const ReadBurst& burst, Cycle t) {
  drain_to_ = t;
  while (burst_done_ < burst.bytes) {
    const bool tile_first = tile_row_ == 0 && word_done_ == 0 && block_row_ == 0 &&
                            in_prefix_ == (arch::prefix_bits(load_) != 0);
    if (tile_first) {
      wants_credit_ = !core_.ring.has_credit();
      if (wants_credit_) return;
      core_.ring.take_credit(drain_to_ + 1);
    }
    const uint32_t count =
        std::min({word_bytes_ - word_done_, burst.bytes - burst_done_, stream_left_});
    if (core_.data || load_.bitmask)
      std::memcpy(word_.data() + word_done_, burst.data() + burst_done_, count);
    word_done_ += count;
    burst_done_ += count;
    stream_left_ -= count;
    burst_to_ = ++drain_to_;
    if (word_done_ == word_bytes_ || stream_left_ == 0) end_word();
  }
  draining_ = true;
}

/// The word is complete: a prefix, or a row.
void WeightDma::end_word() {
  if (in_prefix_) {
    prefix_ = word_;
    in_prefix_ = false;
    next_word();
    return;
  }
  if (core_.data)
    core_.data->load_row(core_.ring.slot(core_.ring.appended()), load_, tile_row_, prefix_.data(),
                         block_row_, word_.data());
  if (++tile_row_ == tile_rows_) {
    core_.ring.append(drain_to_ + 1, skip_);  // ready two cycles after the last step
    skip_ = 0;
    next_stream_tile();
    return;
  }
  const int bits = arch::prefix_bits(load_);
  if (bits != 0 && ++block_row_ == 8 / bits) {
    block_row_ = 0;
    in_prefix_ = true;
  }
  next_word();
}

/// The size of the word that is read next.
void WeightDma::next_word() {
  word_done_ = 0;
  word_bytes_ = row_bytes_;
  const int bits = arch::prefix_bits(load_);
  if (in_prefix_) {
    const int rows = std::min(8 / bits, tile_rows_ - tile_row_);
    word_bytes_ = static_cast<uint32_t>((rows * load_.cols * bits + 7) / 8);
  } else if (load_.bitmask) {
    uint32_t named = 0;
    const uint32_t first = static_cast<uint32_t>(block_row_) * load_.cols;
    for (uint32_t bit = first; bit < first + load_.cols; ++bit)
      named += prefix_[bit / 8] >> bit % 8 & 1;
    word_bytes_ = std::max(1u, named);
  }
}

/// Goes to the next tile of the stream. Holes before it take a cycle each; behind the stream's last
/// byte there are none.
void WeightDma::next_stream_tile() {
  do {
    group_ = group_ + 1 < groups_ ? group_ + 1 : 0;
    ++tile_index_;
    if (stream_left_ == 0 || !arch::is_hole(load_.holes, tile_index_)) break;
    ++skip_;
    ++drain_to_;
  } while (true);
  tile_rows_ =
      arch::Geometry::tile_rows(slices_.group_lanes(group_, load_.channels), load_.structured);
  tile_row_ = 0;
  block_row_ = 0;
  in_prefix_ = arch::prefix_bits(load_) != 0;
  next_word();
}

}  // namespace systole::core
