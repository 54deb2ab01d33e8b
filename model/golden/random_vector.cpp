// SPDX-License-Identifier: Apache-2.0
// Random vector instructions.
#include <algorithm>

#include "model/golden/random_generator.h"

namespace systole::golden {
namespace {

int64_t source_reach(const isa::Vector& op) {
  return reach(op.n, op.src_stride0, op.height, op.src_stride1, op.width, op.src_stride2);
}

int64_t result_reach(const isa::Vector& op) {
  return reach(op.n, op.dst_stride0, op.oh, op.dst_stride1, op.ow, op.dst_stride2);
}

int64_t residual_reach(const isa::Vector& op) {
  return reach(op.n, op.res_stride0, op.oh, op.res_stride1, op.ow, op.res_stride2);
}

int64_t vector_cycles(const isa::Vector& op) {
  return int64_t{op.n} * op.oh * op.ow * (op.kh * op.kw + 1) + 20;
}

}  // namespace

// The rows of the last matmul as they are, to UB.
void RandomGenerator::requantise_sums() {
  const auto& [first, last] = sums_.back();
  isa::Vector op;
  op.src_addr = static_cast<uint32_t>(first);
  op.ow = op.width = static_cast<uint16_t>(std::min(last - first + 1, span_cap_));
  op.src_stride2 = op.dst_stride2 = op.res_stride2 = 1;
  op.residual = random_.chance(25);
  emit_vector(op);
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
  op.multiply = random_.chance(35);
  // A factor near 1 keeps products in range.
  if (op.multiply && random_.chance(60))
    op.res_scale = static_cast<float>(random_.range(1, 4000)) / 65536.0f;
  op.one_byte = random_.chance(15);
  op.byte_index = static_cast<uint8_t>(random_.below(4));
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
    if (random_.chance(50)) {
      op.height = covering(op.oh, op.stride_h, op.kh, 1);
      op.width = covering(op.ow, op.stride_w, op.kw, 1);
    }
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

// Chooses slices and addresses of result and residual until no output reads what an earlier one
// wrote.
bool RandomGenerator::place_vector(isa::Vector& op) {
  const int64_t results = result_reach(op) + 1, residuals = residual_reach(op) + 1;
  for (int attempt = 0; attempt < 12; ++attempt) {
    op.src_narrow = draw_narrow();
    op.res_narrow = draw_narrow();
    op.dst_narrow = draw_narrow();
    int lanes = g_.cols;
    const auto slice = [&](int narrow) {
      const int64_t drawn = random_.below(g_.col_slices_of(narrow));
      lanes = std::min<int>(lanes, static_cast<int>((g_.lanes << narrow) - drawn * g_.cols));
      return static_cast<uint8_t>(drawn);
    };
    op.dst_slice = slice(op.dst_narrow);
    op.src_slice = op.src_ub ? slice(op.src_narrow) : uint8_t{0};
    op.res_slice = op.residual ? slice(op.res_narrow) : uint8_t{0};
    op.lanes_m1 = static_cast<uint8_t>((random_.chance(60) ? lanes : random_.range(1, lanes)) - 1);
    op.dst_addr = static_cast<uint32_t>(place_ub(results));
    op.res_addr = static_cast<uint32_t>(op.residual ? place_ub(residuals) : 0);
    if (random_.chance(15) && op.src_ub && op.src_addr + results <= g_.ub_words)
      op.dst_addr = op.src_addr;  // in place
    if (!reads_own_result(op, g_)) return true;
  }
  return false;
}

void RandomGenerator::draw_vector(bool from_acc) {
  isa::Vector op = draw_fitting(
      draw_size(), [&](int64_t size) { return draw_window(from_acc, size); },
      [&](const isa::Vector& o) {
        const int64_t source_cap = from_acc ? std::min<int64_t>(hw_.acc_rows, 200) : span_cap_;
        return source_reach(o) < source_cap && result_reach(o) < span_cap_ &&
               residual_reach(o) < span_cap_ && affordable(vector_cycles(o));
      });
  op.src_addr = static_cast<uint32_t>(from_acc ? place_acc(source_reach(op) + 1)
                                               : place_ub(source_reach(op) + 1));
  emit_vector(op);
}

// Brings what is needed and appends `op`, whose source is placed.
void RandomGenerator::emit_vector(isa::Vector op) {
  if (!place_vector(op)) return;
  if (!scalars_set_ || random_.chance(25)) draw_vector_set();
  if (scalars_.use_table) ensure_table(scalars_.table_index);
  op.param_row = static_cast<uint16_t>(ensure_params());
  if (op.src_ub)
    ensure_ub(op.src_addr, op.src_addr + source_reach(op));
  else
    ensure_acc(op.src_addr, op.src_addr + source_reach(op));
  if (op.residual) ensure_ub(op.res_addr, op.res_addr + residual_reach(op));
  const std::pair<int64_t, int64_t> result{op.dst_addr, op.dst_addr + result_reach(op)};
  if (random_.chance(80))
    ensure_ub(result.first, result.second);  // so that all of it can be stored
  append(op);
  results_.push_back(result);
  cycles_left_ -= vector_cycles(op);
}

}  // namespace systole::golden
