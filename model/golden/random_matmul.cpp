// SPDX-License-Identifier: Apache-2.0
// Random matrix instructions and the tiles they use.
#include <algorithm>

#include "model/golden/random_generator.h"

namespace systole::golden {
namespace {

int64_t rows_of(const isa::Matmul& op) { return int64_t{op.n} * op.oh * op.ow; }

int64_t matmul_span(const isa::Matmul& op, const arch::Geometry& g) {
  return reach(op.n, op.ub_stride0, op.height, op.ub_stride1, op.width, op.ub_stride2) +
         g.words(op.channels, op.expand);
}

int64_t tiles_of(const isa::Matmul& op, const arch::Geometry& g) {
  return int64_t{op.kh} * op.kw * slices_of(op, g).groups(op.channels);
}

}  // namespace

void RandomGenerator::draw_matmul() {
  const auto draw = [&](int64_t size) {
    isa::Matmul op;
    op.n = static_cast<uint16_t>(some(size / 8));
    op.oh = static_cast<uint16_t>(some(size / 3));
    op.ow = static_cast<uint16_t>(some(size / 2));
    if (size > 0 && random_.chance(50)) {
      op.kh = static_cast<uint8_t>(random_.range(1, 3));
      op.kw = static_cast<uint8_t>(random_.range(1, random_.chance(10) ? 9 : 3));
    }
    if (size > 0)
      op.channels = static_cast<uint16_t>(
          random_.pick({1, g_.rows, g_.lanes, g_.lanes + 1, random_.range(1, 3 * g_.lanes),
                        random_.range(1, g_.lanes)}));
    op.stride_h = static_cast<uint8_t>(random_.chance(60) ? 1 : random_.range(1, 4));
    op.stride_w = static_cast<uint8_t>(random_.chance(60) ? 1 : random_.range(1, 4));
    op.dil_h = static_cast<uint8_t>(random_.chance(70) ? 1 : random_.range(1, 4));
    op.dil_w = static_cast<uint8_t>(random_.chance(70) ? 1 : random_.range(1, 4));
    op.height = static_cast<uint16_t>(some(size / 3));
    op.width = static_cast<uint16_t>(some(size / 2));
    op.h0 = static_cast<int16_t>(random_.chance(50) ? 0 : random_.range(-3, op.height));
    op.w0 = static_cast<int16_t>(random_.chance(50) ? 0 : random_.range(-3, op.width));
    if (random_.chance(65)) {  // an input that the kernel fits, with a border of padding at most
      op.h0 = static_cast<int16_t>(random_.range(-1, 0));
      op.w0 = static_cast<int16_t>(random_.range(-1, 0));
      op.height = covering(op.oh, op.stride_h, op.kh, op.dil_h);
      op.width = covering(op.ow, op.stride_w, op.kw, op.dil_w);
    }
    if (random_.chance(3)) op.h0 = static_cast<int16_t>(random_.pick({-32768, 32767}));
    op.pad_byte = static_cast<int8_t>(random_.next());
    op.narrow = draw_narrow();
    op.expand = draw_expand(op.narrow);
    if (op.expand > 0 && size > 0 && random_.chance(50))
      op.channels = static_cast<uint16_t>(random_.range(1, 2 * (g_.lanes << op.expand)));
    op.structured = hw_.structured != 0 && op.narrow <= 1 && random_.chance(45);
    const int64_t words = g_.words(op.channels, op.expand);
    op.ub_stride2 = static_cast<uint32_t>(stride(words, 3 * words));
    const int64_t row = op.width * std::max<int64_t>(op.ub_stride2, 1);
    op.ub_stride1 = static_cast<uint32_t>(stride(row, 2 * row));
    op.ub_stride0 = static_cast<uint32_t>(stride(op.height * row, 2 * op.height * row));
    op.accumulate = random_.chance(35);
    op.keep = random_.chance(30);
    return op;
  };
  isa::Matmul op = draw_fitting(draw_size(), draw, [&](const isa::Matmul& o) {
    const int64_t tiles = tiles_of(o, g_);
    return matmul_span(o, g_) <= span_cap_ && rows_of(o) <= hw_.acc_rows && tiles <= max_tiles_ &&
           affordable(tiles * std::max<int64_t>(rows_of(o), g_.rows));
  });
  op.acc_addr = static_cast<uint16_t>(place_acc(rows_of(op)));
  emit_matmul(op);
  sums_.emplace_back(op.acc_addr, op.acc_addr + rows_of(op) - 1);
  if (random_.chance(40)) requantise_sums();
}

// Mostly where sums of late stand, so that they are added to, read and overwritten.
int64_t RandomGenerator::place_acc(int64_t rows) {
  if (!sums_.empty() && random_.chance(60)) {
    const auto late = std::min<int64_t>(3, static_cast<int64_t>(sums_.size()));
    const int64_t first = sums_[sums_.size() - 1 - random_.below(late)].first;
    if (first + rows <= hw_.acc_rows) return first;
  }
  return place(rows, hw_.acc_rows, hw_.acc_rows / 2);
}

// Places the input, brings what is needed, and appends `op`.
void RandomGenerator::emit_matmul(isa::Matmul op) {
  if (op.accumulate) ensure_acc(op.acc_addr, op.acc_addr + rows_of(op) - 1);
  op.ub_addr = static_cast<uint32_t>(place_ub(matmul_span(op, g_)));
  const bool weights_first = random_.chance(50);
  if (weights_first) provide_tiles(op);
  Instruction instruction;
  instruction.op = op;
  int64_t first = g_.ub_words, last = -1;
  for (const Access& access : footprint(instruction, g_, nullptr))
    if (access.storage == Storage::kUb) {
      first = std::min(first, static_cast<int64_t>(access.begin / g_.word_bytes));
      last = std::max(last, static_cast<int64_t>((access.end - 1) / g_.word_bytes));
    }
  ensure_ub(first, last);
  if (!weights_first) provide_tiles(op);
  append(op);
  std::fill_n(acc_written_.begin() + op.acc_addr, rows_of(op), true);
  cycles_left_ -= tiles_of(op, g_) * std::max<int64_t>(rows_of(op), g_.rows) + g_.rows + g_.cols;
}

// Adapts `op` to the tiles that are in the ring and loads those that are missing.
void RandomGenerator::provide_tiles(isa::Matmul& op) {
  const auto& ring = builder_.ring();
  // One group, whose rows every tile has.
  const auto shrink = [&] {
    int rows = op.channels;
    for (const auto& tile : ring) rows = std::min(rows, tile.rows);
    op.channels = static_cast<uint16_t>(std::min(rows, g_.rows));
    op.structured = false;
  };
  // Whether a tile of the ring has too few rows, and what the ring lacks.
  const auto lacks = [&](bool& short_of_rows) {
    const int64_t tiles = tiles_of(op, g_);
    int64_t index = 0;
    short_of_rows = false;
    for (const auto& tile : ring) {
      if (index == tiles) break;
      index = std::min(index + tile.skip, tiles - 1);
      short_of_rows |= tile_rows(op, g_, index) > tile.rows;
      ++index;
    }
    return tiles - index;
  };
  bool short_of_rows = false;
  lacks(short_of_rows);
  if (short_of_rows) shrink();
  if (builder_.ring_overfull() && lacks(short_of_rows) > 0) {
    shrink();
    op.kh = op.kw = 1;
  }
  if (op.keep && tiles_of(op, g_) > hw_.wb_tiles) op.keep = false;
  const int64_t missing = lacks(short_of_rows);
  if (missing <= 0) return;
  const int64_t positions = int64_t{op.kh} * op.kw;
  if (!ring.empty() || random_.chance(30)) {
    // Their holes may let them last longer, so that some are left.
    load_full_tiles(missing + (random_.chance(60) ? 0 : random_.below(max_tiles_)));
    return;
  }
  const int64_t first = random_.chance(30) ? random_.range(1, positions) : positions;
  load_weights(first, op.channels, op.structured);
  if (first < positions) load_weights(positions - first, op.channels, op.structured);
}

// Uses up tiles of any shape, one channel of each.
void RandomGenerator::release_tiles() {
  isa::Matmul op;
  op.kw = static_cast<uint8_t>(
      std::clamp<int64_t>(static_cast<int64_t>(builder_.ring().size()) - random_.below(3), 1, 20));
  op.ow = static_cast<uint16_t>(random_.range(1, std::min(hw_.acc_rows, 4)));
  op.w0 = static_cast<int16_t>(random_.range(-4, 0));
  op.width = static_cast<uint16_t>(random_.range(1, std::min<int64_t>(3, g_.ub_words)));
  op.ub_stride2 = static_cast<uint32_t>(random_.below(2));
  op.acc_addr = static_cast<uint16_t>(place(op.ow, hw_.acc_rows, hw_.acc_rows / 2));
  emit_matmul(op);
}

void RandomGenerator::ensure_acc(int64_t first_row, int64_t last_row) {
  while (first_row <= last_row && acc_written_[first_row]) ++first_row;
  while (first_row <= last_row && acc_written_[last_row]) --last_row;
  if (first_row > last_row) return;
  isa::Matmul op;
  op.acc_addr = static_cast<uint16_t>(first_row);
  op.ow = static_cast<uint16_t>(last_row - first_row + 1);
  op.channels = static_cast<uint16_t>(random_.range(1, g_.rows));
  const int64_t widest = std::min<int64_t>(op.ow, span_cap_);
  op.width = static_cast<uint16_t>(random_.chance(70) ? widest : random_.range(1, widest));
  op.ub_stride2 = static_cast<uint32_t>(random_.chance(80) ? 1 : 0);
  op.pad_byte = static_cast<int8_t>(random_.next());
  emit_matmul(op);
}

}  // namespace systole::golden
