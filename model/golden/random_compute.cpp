// SPDX-License-Identifier: Apache-2.0
// Random matrix and vector instructions.
#include <algorithm>

#include "model/golden/random_generator.h"

namespace systole {
namespace {

int64_t reach(int64_t n, int64_t s0, int64_t h, int64_t s1, int64_t w, int64_t s2) {
  return (n - 1) * s0 + (h - 1) * s1 + (w - 1) * s2;
}

int64_t source_reach(const isa::Vector& op) {
  return reach(op.n, op.src_stride0, op.height, op.src_stride1, op.width, op.src_stride2);
}

int64_t result_reach(const isa::Vector& op) {
  return reach(op.n, op.dst_stride0, op.oh, op.dst_stride1, op.ow, op.dst_stride2);
}

int64_t residual_reach(const isa::Vector& op) {
  return reach(op.n, op.res_stride0, op.oh, op.res_stride1, op.ow, op.res_stride2);
}

int64_t rows_of(const isa::Matmul& op) { return int64_t{op.n} * op.oh * op.ow; }

int64_t matmul_span(const isa::Matmul& op, const Geometry& g) {
  return reach(op.n, op.ub_stride0, op.height, op.ub_stride1, op.width, op.ub_stride2) +
         g.words(op.channels);
}

int64_t tiles_of(const isa::Matmul& op, const Geometry& g) {
  return int64_t{op.kh} * op.kw * g.groups(op.channels);
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
    // Mostly some padding; seldom nothing but padding.
    op.h0 = static_cast<int16_t>(random_.chance(50) ? 0 : random_.range(-3, op.height));
    op.w0 = static_cast<int16_t>(random_.chance(50) ? 0 : random_.range(-3, op.width));
    if (random_.chance(3)) op.h0 = static_cast<int16_t>(random_.pick({-32768, 32767}));
    op.pad_byte = static_cast<int8_t>(random_.next());
    const int64_t words = g_.words(op.channels);
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
  op.acc_addr = static_cast<uint16_t>(place(rows_of(op), hw_.acc_rows, hw_.acc_rows / 2));
  emit_matmul(op);
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
  cycles_left_ -=
      tiles_of(op, g_) * std::max<int64_t>(rows_of(op), g_.rows) + g_.rows + g_.cols;
}

// Adapts `op` to the tiles that are in the ring and loads those that are missing.
void RandomGenerator::provide_tiles(isa::Matmul& op) {
  const auto& ring = builder_.ring();
  const auto shrink = [&] {
    int lanes = op.channels;
    for (const auto& tile : ring) lanes = std::min(lanes, tile.lanes);
    op.channels = static_cast<uint16_t>(std::min(lanes, g_.rows));
  };
  const int64_t groups = g_.groups(op.channels);
  const int64_t usable = std::min<int64_t>(tiles_of(op, g_), static_cast<int64_t>(ring.size()));
  for (int64_t i = 0; i < usable; ++i)
    if (g_.group_lanes(i % groups, op.channels) > ring[i].lanes) {
      shrink();
      break;
    }
  if (builder_.ring_overfull() && tiles_of(op, g_) > static_cast<int64_t>(ring.size())) {
    shrink();
    op.kh = op.kw = 1;
  }
  if (op.keep && tiles_of(op, g_) > hw_.wb_tiles) op.keep = false;
  const int64_t missing = tiles_of(op, g_) - static_cast<int64_t>(ring.size());
  if (missing <= 0) return;
  const int64_t positions = int64_t{op.kh} * op.kw;
  if (!ring.empty() || random_.chance(30))
    return load_full_tiles(missing + (random_.chance(60) ? 0 : random_.below(max_tiles_)));
  const int64_t first = random_.chance(30) ? random_.range(1, positions) : positions;
  load_weights(first, op.channels);
  if (first < positions) load_weights(positions - first, op.channels);
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
  op.width = static_cast<uint16_t>(random_.range(1, std::min<int64_t>(op.ow, span_cap_)));
  op.ub_stride2 = static_cast<uint32_t>(random_.chance(80) ? 1 : 0);
  op.pad_byte = static_cast<int8_t>(random_.next());
  emit_matmul(op);
}

void RandomGenerator::draw_vector_set() {
  isa::VectorSet& op = scalars_;
  op.two_roundings = random_.chance(50);
  op.use_table = random_.chance(30);
  op.table_index = static_cast<uint8_t>(random_.below(4));
  const auto byte = [&] { return static_cast<int8_t>(random_.next()); };
  const auto zero = [&] { return random_.chance(30) ? int8_t{0} : byte(); };
  const auto bounds = [&](int8_t& lo, int8_t& hi) {
    lo = random_.chance(60) ? int8_t{-128} : byte();
    hi = random_.chance(60) ? int8_t{127} : byte();
    if (lo > hi) std::swap(lo, hi);
  };
  op.out_zero = zero();
  op.mid_zero = zero();
  op.res_zero = zero();
  bounds(op.clamp_lo, op.clamp_hi);
  bounds(op.mid_lo, op.mid_hi);
  const auto scale = [&] {
    return random_.chance(70) ? static_cast<float>(random_.range(1, 4000)) / 1024.0f : draw_scale();
  };
  op.mid_scale = scale();
  op.res_scale = scale();
  append(op);
  scalars_set_ = true;
}

// The window and the source of a vector, not yet placed.
isa::Vector RandomGenerator::draw_window(bool from_acc, int64_t size) {
  isa::Vector op;
  op.src_ub = !from_acc;
  op.n = static_cast<uint16_t>(some(size / 8));
  op.oh = static_cast<uint16_t>(some(size / 3));
  op.ow = static_cast<uint16_t>(some(size / 2));
  op.height = static_cast<uint16_t>(some(size / 3));
  op.width = static_cast<uint16_t>(some(size / 2));
  if (size > 0 && random_.chance(from_acc ? 20 : 50)) {
    op.kh = static_cast<uint8_t>(random_.range(1, 4));
    op.kw = static_cast<uint8_t>(random_.range(1, 4));
    op.stride_h = static_cast<uint8_t>(random_.range(1, 3));
    op.stride_w = static_cast<uint8_t>(random_.range(1, 3));
    op.h0 = static_cast<int16_t>(random_.range(-2, 1));
    op.w0 = static_cast<int16_t>(random_.range(-2, 1));
  } else if (random_.chance(80)) {
    op.height = op.oh;  // each output has its own source
    op.width = op.ow;
  }
  op.reduce_sum = random_.chance(50);
  op.pad_byte = static_cast<int8_t>(random_.next());
  const auto s2 = static_cast<uint16_t>(stride(1, 5));
  op.src_stride2 = s2;
  const int64_t row = op.width * std::max<int64_t>(s2, 1);
  op.src_stride1 = static_cast<uint16_t>(stride(row, std::min<int64_t>(2 * row, 65535)));
  op.src_stride0 = static_cast<uint32_t>(stride(op.height * row, 2 * op.height * row));
  op.residual = random_.chance(45);
  op.dst_stride2 = static_cast<uint16_t>(stride(1, 4));
  const int64_t dst_row = op.ow * std::max<int64_t>(op.dst_stride2, 1);
  op.dst_stride1 = static_cast<uint16_t>(stride(dst_row, std::min<int64_t>(2 * dst_row, 65535)));
  op.dst_stride0 = static_cast<uint32_t>(stride(op.oh * dst_row, 2 * op.oh * dst_row));
  op.res_stride2 = static_cast<uint16_t>(stride(1, 4));
  op.res_stride1 = static_cast<uint16_t>(stride(op.ow, std::min<int64_t>(2 * op.ow, 65535)));
  op.res_stride0 = static_cast<uint32_t>(stride(op.oh * op.ow, 2 * op.oh * op.ow));
  return op;
}

// Chooses addresses and slices until no output reads what an earlier one wrote.
bool RandomGenerator::place_vector(isa::Vector& op) {
  const int64_t sources = source_reach(op) + 1;
  const int64_t results = result_reach(op) + 1, residuals = residual_reach(op) + 1;
  op.src_addr = static_cast<uint32_t>(
      op.src_ub ? place_ub(sources) : place(sources, hw_.acc_rows, hw_.acc_rows / 2));
  for (int attempt = 0; attempt < 12; ++attempt) {
    op.dst_slice = static_cast<uint8_t>(random_.below(g_.col_slices));
    op.src_slice = static_cast<uint8_t>(op.src_ub ? random_.below(g_.col_slices) : 0);
    op.res_slice = static_cast<uint8_t>(op.residual ? random_.below(g_.col_slices) : 0);
    const int widest = std::max({op.dst_slice, op.src_slice, op.res_slice});
    const int lanes = std::min(g_.cols, g_.lanes - widest * g_.cols);
    op.lanes_m1 =
        static_cast<uint8_t>((random_.chance(60) ? lanes : random_.range(1, lanes)) - 1);
    op.dst_addr = static_cast<uint32_t>(place_ub(results));
    op.res_addr = static_cast<uint32_t>(op.residual ? place_ub(residuals) : 0);
    if (random_.chance(15) && op.src_ub && op.src_addr + results <= g_.ub_words)
      op.dst_addr = op.src_addr;  // in place
    if (!reads_own_result(op, g_)) return true;
  }
  return false;
}

void RandomGenerator::draw_vector(bool from_acc) {
  const auto cycles = [](const isa::Vector& op) {
    return int64_t{op.n} * op.oh * op.ow * (op.kh * op.kw + 1) + 20;
  };
  isa::Vector op = draw_fitting(
      draw_size(), [&](int64_t size) { return draw_window(from_acc, size); },
      [&](const isa::Vector& o) {
        const int64_t source_cap = from_acc ? std::min<int64_t>(hw_.acc_rows, 200) : span_cap_;
        return source_reach(o) < source_cap && result_reach(o) < span_cap_ &&
               residual_reach(o) < span_cap_ && affordable(cycles(o));
      });
  if (!place_vector(op)) return;
  if (!scalars_set_ || random_.chance(25)) draw_vector_set();
  if (scalars_.use_table) ensure_table(scalars_.table_index);
  op.param_row = static_cast<uint16_t>(ensure_params());
  if (from_acc)
    ensure_acc(op.src_addr, op.src_addr + source_reach(op));
  else
    ensure_ub(op.src_addr, op.src_addr + source_reach(op));
  if (op.residual) ensure_ub(op.res_addr, op.res_addr + residual_reach(op));
  const std::pair<int64_t, int64_t> result{op.dst_addr, op.dst_addr + result_reach(op)};
  if (random_.chance(80)) ensure_ub(result.first, result.second);  // so that all of it can be stored
  append(op);
  results_.push_back(result);
  cycles_left_ -= cycles(op);
}

}  // namespace systole
