// SPDX-License-Identifier: Apache-2.0
// Storage, and the copies of the DMA units.
#include "model/core/datapath.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

#include "model/arch/weight_rows.h"
#include "model/arch/window_rows.h"
#include "model/core/packed_values.h"

namespace systole::core {
namespace {

/// Lanes are computed in whole vector registers; the lanes beyond the array hold garbage.
constexpr size_t kVectorLanes = 16;
constexpr size_t kLineBytes = 4096;
constexpr size_t kTableBytes = 4 * 256;

/// Values that the bytes of a row of activations may hold.
size_t most_values(const isa::HwParams& hw, const arch::Geometry& geo) {
  return static_cast<size_t>(geo.grouped(hw.structured != 0).rows) * 8 /
         static_cast<size_t>(geo.act_bits);
}

size_t round_up(size_t value, size_t unit) { return (value + unit - 1) / unit * unit; }

}  // namespace

template <typename T>
Datapath::Buffer<T> Datapath::make_buffer(size_t count) {
  // The slack lets a vector register be read from any element.
  T* memory = static_cast<T*>(std::calloc(count + 64, sizeof(T)));
  if (memory == nullptr) throw std::bad_alloc();
  return Buffer<T>(memory);
}

Datapath::Datapath(const isa::HwParams& hw, MacsByTag* switching)
    : hw_(hw),
      geo_(hw),
      word_bytes_(static_cast<size_t>(geo_.word_bytes)),
      acc_stride_(round_up(static_cast<size_t>(hw.cols), kVectorLanes)),
      ub_(make_buffer<int8_t>(static_cast<size_t>(geo_.ub_words) * word_bytes_)),
      acc_(make_buffer<int32_t>(static_cast<size_t>(hw.acc_rows) * acc_stride_)),
      params_(make_buffer<uint8_t>(static_cast<size_t>(hw.pb_rows) *
                                   static_cast<size_t>(geo_.pb_row_bytes))),
      tables_(make_buffer<int8_t>(kTableBytes)),
      switching_(switching),
      weights_(make_buffer<int8_t>(std::bit_ceil(static_cast<size_t>(hw.wb_tiles)) *
                                   static_cast<size_t>(hw.rows) * static_cast<size_t>(hw.cols))),
      selects_(make_buffer<uint8_t>(
          hw.structured != 0 ? tile_at(std::bit_ceil(static_cast<size_t>(hw.wb_tiles))) : 0)),
      line_(kLineBytes),
      packed_weights_(round_up(most_values(hw, geo_), 2) * acc_stride_),
      values_(geo_.act_bits < 8 || switching != nullptr ? most_values(hw, geo_) : 0),
      pad_word_(word_bytes_ + kVectorLanes),
      lanes_(acc_stride_),
      residual_(acc_stride_),
      sums_(acc_stride_),
      bias_(acc_stride_),
      scale_(acc_stride_) {}

void Datapath::load(const isa::Load& load, uint32_t ub, uint64_t offset, const uint8_t* bytes,
                    uint32_t count) {
  const uint32_t lanes = static_cast<uint32_t>(geo_.lanes);
  uint64_t pixel = offset / load.pixel_bytes;
  uint32_t byte = static_cast<uint32_t>(offset % load.pixel_bytes);
  while (count > 0) {
    const uint32_t lane = byte % lanes;
    const uint32_t piece = std::min({count, load.pixel_bytes - byte, lanes - lane});
    std::memcpy(word_at(ub + pixel * load.ub_pixel_stride + byte / lanes) + lane, bytes, piece);
    bytes += piece;
    count -= piece;
    byte += piece;
    if (byte < load.pixel_bytes) continue;
    byte = 0;
    ++pixel;
  }
}

void Datapath::store(const isa::Store& store, uint32_t ub, uint64_t offset, uint8_t* bytes,
                     uint32_t count) const {
  const uint32_t lanes = static_cast<uint32_t>(geo_.lanes);
  uint64_t pixel = offset / store.pixel_bytes;
  uint32_t byte = static_cast<uint32_t>(offset % store.pixel_bytes);
  while (count > 0) {
    const uint32_t lane = byte % lanes;
    const uint32_t piece = std::min({count, store.pixel_bytes - byte, lanes - lane});
    std::memcpy(bytes, word(ub + pixel * store.ub_pixel_stride + byte / lanes) + lane, piece);
    bytes += piece;
    count -= piece;
    byte += piece;
    if (byte < store.pixel_bytes) continue;
    byte = 0;
    ++pixel;
  }
}

void Datapath::fill_line(uint64_t offset, const uint8_t* bytes, uint32_t count) {
  std::memcpy(line_.data() + offset, bytes, count);
}

void Datapath::emit_windows(const isa::LoadWindow& load, uint32_t ub, uint32_t step2) {
  const arch::WindowPlace place = arch::window_place(load, step2, geo_);
  const int64_t lanes = geo_.lanes, words = arch::window_emissions(load, step2, geo_);
  // From lane 0 of a window's first word.
  const int64_t end = place.lane + load.size;
  for (int64_t k = 0; k < load.windows; ++k) {
    const int64_t first = k * load.step - load.pad_left - place.lane;  // the line's byte in lane 0
    for (int64_t w = 0; w < words; ++w) {
      int8_t* word = word_at(static_cast<uint64_t>(ub + place.word + k * load.window_words + w));
      const int64_t count = std::min(lanes, end - w * lanes);
      for (int64_t lane = w == 0 ? place.lane : 0; lane < count; ++lane) {
        const int64_t x = first + w * lanes + lane;
        word[lane] = x >= 0 && x < load.row_bytes
                         ? static_cast<int8_t>(line_[static_cast<size_t>(x)])
                         : load.pad_byte;
      }
    }
  }
}

void Datapath::load_param(const isa::LoadParam& load, uint64_t offset, const uint8_t* bytes,
                          uint32_t count) {
  if (load.target)
    std::memcpy(tables_.get() + load.row * size_t{256} + offset, bytes, count);
  else
    std::memcpy(params_.get() + load.row * static_cast<size_t>(geo_.pb_row_bytes) + offset, bytes,
                count);
}

/// The tile's byte of column `column` of a row in DRAM: its weights, each expanded.
int8_t Datapath::expand_byte(const uint8_t* row, uint32_t column,
                             const isa::LoadWeights& load) const {
  if (load.codebook) return static_cast<int8_t>(codebook_[row[column / 2] >> column % 2 * 4 & 15]);
  if (load.narrow == load.pack) return static_cast<int8_t>(row[column]);
  const uint32_t first = column << load.pack, weights = 8u >> (3 - load.narrow);
  unsigned byte = 0;
  for (uint32_t i = 0; i < 1u << load.pack; ++i) {
    const int8_t weight = value_in(row[(first + i) / weights], (first + i) % weights, load.narrow);
    byte |= static_cast<unsigned>(weight & ((1 << (8 >> load.pack)) - 1)) << i * (8u >> load.pack);
  }
  return static_cast<int8_t>(byte);
}

void Datapath::load_codebook(uint32_t offset, const uint8_t* bytes, uint32_t count) {
  std::memcpy(codebook_.data() + offset, bytes, count);
}

void Datapath::load_weights(size_t slot, const isa::LoadWeights& load, uint32_t offset,
                            const uint8_t* bytes, uint32_t count) {
  const uint32_t cols = load.cols;
  const int bits = arch::tile_byte_bits(load);
  const size_t row_bytes = static_cast<size_t>(hw_.cols);
  int8_t* tile = weights_.get() + tile_at(slot);
  clear_selects(slot);
  if (bits < 8) {
    const auto packed = static_cast<uint32_t>(arch::weight_row_bytes(cols, bits));
    const uint32_t per_byte = 8 / static_cast<uint32_t>(bits);
    for (uint32_t i = 0; i < count; ++i, ++offset) {
      int8_t* row = tile + offset / packed * row_bytes;
      const uint32_t first = offset % packed * per_byte, end = std::min(cols, first + per_byte);
      for (uint32_t c = first; c < end; ++c) row[c] = expand_byte(bytes + i, c - first, load);
      if (end == cols) std::memset(row + cols, 0, row_bytes - cols);
    }
    return;
  }
  if (cols == row_bytes) {
    std::memcpy(tile + offset, bytes, count);
    return;
  }
  // A row is narrower than the array: the columns beyond are 0.
  while (count > 0) {
    const uint32_t row = offset / cols, column = offset % cols;
    const uint32_t piece = std::min(count, cols - column);
    std::memcpy(tile + row * row_bytes + column, bytes, piece);
    std::memset(tile + row * row_bytes + cols, 0, row_bytes - cols);
    bytes += piece;
    count -= piece;
    offset += piece;
  }
}

/// The tile meets channels as they come.
void Datapath::clear_selects(size_t slot) {
  if (hw_.structured != 0) std::memset(selects_.get() + tile_at(slot), 0, tile_at(1));
}

void Datapath::load_row(size_t slot, const isa::LoadWeights& load, int row, const uint8_t* prefix,
                        int block_row, const uint8_t* bytes) {
  const size_t at = tile_at(slot) + static_cast<size_t>(row) * static_cast<size_t>(hw_.cols);
  int8_t* weights = weights_.get() + at;
  const int bits = arch::prefix_bits(load);
  const auto field = [&](uint32_t column) {
    const uint32_t bit =
        (static_cast<uint32_t>(block_row) * load.cols + column) * static_cast<uint32_t>(bits);
    return prefix[bit / 8] >> bit % 8 & ((1 << bits) - 1);
  };
  std::memset(weights, 0, static_cast<size_t>(hw_.cols));
  for (uint32_t c = 0; c < load.cols; ++c) {
    if (!load.bitmask)
      weights[c] = expand_byte(bytes, c, load);
    else if (field(c) != 0)
      weights[c] = static_cast<int8_t>(*bytes++);
  }
  if (hw_.structured == 0) return;
  std::memset(selects_.get() + at, 0, static_cast<size_t>(hw_.cols));
  for (uint32_t c = 0; c < load.cols && load.structured; ++c)
    selects_[at + c] = static_cast<uint8_t>(field(c));
}

void Datapath::load_diagonal(size_t slot, const isa::LoadWeights& load, int64_t group,
                             const uint8_t* bytes) {
  const int row_bytes = hw_.cols, first_channel = static_cast<int>(group) * geo_.rows;
  int8_t* tile = weights_.get() + tile_at(slot);
  clear_selects(slot);
  const int lanes = geo_.group_lanes(group, load.channels);
  std::memset(tile, 0, static_cast<size_t>(lanes) * static_cast<size_t>(row_bytes));
  const int from = std::max(first_channel, int{load.first});
  const int to = std::min(first_channel + lanes, load.first + load.cols);
  for (int channel = from; channel < to; ++channel) {
    const int column = channel - load.first;
    tile[(channel - first_channel) * row_bytes + column] =
        expand_byte(bytes, static_cast<uint32_t>(column), load);
  }
}

}  // namespace systole::core
