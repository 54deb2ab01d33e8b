// SPDX-License-Identifier: Apache-2.0
// Data movement and matrix products of the golden executor; the vector unit has its own file.
#include "model/golden/golden_state.h"

#include <algorithm>
#include <cstring>

#include "model/golden/loops.h"
#include "model/isa/rounding.h"

namespace systole::golden {

bool GoldenMemory::read(uint64_t addr, std::span<uint8_t> bytes) const {
  std::fill(bytes.begin(), bytes.end(), uint8_t{0});
  if (addr < image_.size()) {
    const size_t n = std::min<uint64_t>(bytes.size(), image_.size() - addr);
    std::copy_n(image_.begin() + static_cast<int64_t>(addr), n, bytes.begin());
  }
  return addr + bytes.size() <= size_;
}

bool GoldenMemory::write(uint64_t addr, std::span<const uint8_t> bytes) {
  if (addr < image_.size()) {
    const size_t n = std::min<uint64_t>(bytes.size(), image_.size() - addr);
    std::copy_n(bytes.begin(), n, image_.begin() + static_cast<int64_t>(addr));
  }
  return addr + bytes.size() <= size_;
}

GoldenState::GoldenState(const isa::HwParams& hw, GoldenMemory memory)
    : g_(hw),
      memory_(memory),
      ub_(static_cast<size_t>(g_.ub_words * g_.word_bytes)),
      acc_(static_cast<size_t>(hw.acc_rows) * hw.cols),
      pb_(static_cast<size_t>(hw.pb_rows) * g_.pb_row_bytes) {}

int GoldenState::ub_value(int64_t word, int64_t index, int narrow) const {
  const uint8_t zero = 0;
  if (index >> narrow >= g_.lanes) return narrow_value(&zero, 0, narrow);
  return narrow_value(&ub_[word * g_.word_bytes], index, narrow);
}

void GoldenState::read_channels(int64_t word, std::span<uint8_t> pixel) const {
  for (size_t at = 0; at < pixel.size(); at += g_.lanes, ++word)
    std::memcpy(&pixel[at], &ub_[word * g_.word_bytes],
                std::min<size_t>(g_.lanes, pixel.size() - at));
}

void GoldenState::write_channels(int64_t word, int64_t lane, std::span<const uint8_t> pixel) {
  word += lane / g_.lanes;
  lane %= g_.lanes;
  for (size_t at = 0; at < pixel.size(); ++word, lane = 0) {
    const size_t count = std::min<size_t>(g_.lanes - lane, pixel.size() - at);
    std::memcpy(&ub_[word * g_.word_bytes + lane], &pixel[at], count);
    at += count;
  }
}

namespace {

// Calls move(d, u) for every pixel of a load or store: d its DRAM address, u its first UB word.
template <typename Dma, typename Move>
void for_each_pixel(const Dma& op, const Move& move) {
  for_each_step(op, [&](uint64_t d, uint64_t u, uint64_t) {
    for (uint64_t p = 0; p < op.pixels; ++p)
      move(d + p * op.pixel_bytes, static_cast<int64_t>(u + p * op.ub_pixel_stride));
  });
}

}  // namespace

int GoldenState::narrow_value(const uint8_t* bytes, int64_t index, int narrow) {
  const int bits = 8 >> narrow;
  const int value =
      bytes[index >> narrow] >> (index % (int64_t{1} << narrow)) * bits & ((1 << bits) - 1);
  if (bits == 1) return 2 * value - 1;
  return value >= 1 << (bits - 1) ? value - (1 << bits) : value;
}

bool GoldenState::execute(const isa::Load& op) {
  bool good = true;
  std::vector<uint8_t> pixel(op.pixel_bytes);
  for_each_pixel(op, [&](uint64_t d, int64_t u) {
    good &= memory_.read(d, pixel);
    write_channels(u, 0, pixel);
  });
  return good;
}

bool GoldenState::execute(const isa::Store& op) {
  bool good = true;
  std::vector<uint8_t> pixel(op.pixel_bytes);
  for_each_pixel(op, [&](uint64_t d, int64_t u) {
    read_channels(u, pixel);
    good &= memory_.write(d, pixel);
  });
  return good;
}

bool GoldenState::execute(const isa::LoadWindow& op) {
  bool good = true;
  std::vector<uint8_t> row(op.row_bytes);
  std::vector<uint8_t> window(op.size);
  for_each_step(op, [&](uint64_t d, uint64_t u, uint64_t i2) {
    good &= memory_.read(d, row);
    const int64_t first = op.lane + static_cast<int64_t>(i2) * op.lane_stride;
    for (int64_t k = 0; k < op.windows; ++k) {
      for (int64_t b = 0; b < op.size; ++b) {
        const int64_t x = k * op.step - op.pad_left + b;
        window[b] = 0 <= x && x < op.row_bytes ? row[x] : static_cast<uint8_t>(op.pad_byte);
      }
      write_channels(static_cast<int64_t>(u) + k * op.window_words, first, window);
    }
  });
  return good;
}

bool GoldenState::execute(const isa::LoadParam& op) {
  if (op.target)
    return memory_.read(op.dram_addr,
                        std::span(tables_).subspan(size_t{op.row} * 256, size_t{op.count} * 256));
  return memory_.read(op.dram_addr, std::span(pb_).subspan(size_t{op.row} * g_.pb_row_bytes,
                                                           size_t{op.count} * g_.pb_row_bytes));
}

bool GoldenState::execute(const isa::LoadCodebook& op) {
  return memory_.read(op.dram_addr, codebook_);
}

uint8_t GoldenState::tile_byte(const uint8_t* row, int64_t column,
                               const isa::LoadWeights& op) const {
  if (op.codebook) return codebook_[row[column / 2] >> column % 2 * 4 & 15];
  if (op.narrow == op.pack) return row[column];
  const int64_t each = int64_t{1} << op.pack;
  const int bits = 8 >> op.pack;
  int byte = 0;
  for (int64_t i = each - 1; i >= 0; --i)  // the last weight in the highest bits
    byte = byte << bits | (narrow_value(row, column * each + i, op.narrow) & ((1 << bits) - 1));
  return static_cast<uint8_t>(byte);
}

}  // namespace systole::golden
