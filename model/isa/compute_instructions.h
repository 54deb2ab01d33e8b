// SPDX-License-Identifier: Apache-2.0
// Generated from model/isa/isa.toml by generate.py; do not edit.
#pragma once
#include <array>
#include <bit>
#include <cstdint>

#include "model/isa/words.h"

namespace systole::isa {

/// Wait and signal, nothing else.
struct SyncMxu {
  static constexpr Opcode kOpcode = Opcode::kSyncMxu;
  bool operator==(const SyncMxu&) const = default;
  static constexpr SyncMxu decode([[maybe_unused]] const Words& w) {
    SyncMxu r;
    return r;
  }
  /// Writes the fields; leaves the other bits as they are.
  constexpr void encode([[maybe_unused]] Words& w) const {
  }
};

/// One output tile of an implicit-GEMM convolution: one weight tile for each kernel position and channel group.
struct Matmul {
  static constexpr Opcode kOpcode = Opcode::kMatmul;
  uint32_t ub_addr = 0;  ///< UB word of input row 0, column 0, first channel word.
  bool accumulate = false;  ///< 1: the first tile adds to ACC instead of overwriting it.
  bool keep = false;  ///< 1: the tiles stay in the ring for the next instruction.
  uint32_t ub_stride0 = 0;  ///< UB words between batch items.
  uint32_t ub_stride1 = 0;  ///< UB words between input rows.
  uint32_t ub_stride2 = 0;  ///< UB words between input columns.
  int16_t h0 = 0;  ///< Input row of output row 0, kernel row 0.
  int16_t w0 = 0;  ///< Input column of output column 0, kernel column 0.
  uint16_t height = 1;  ///< Input rows held in UB; outside them is padding.
  uint16_t width = 1;  ///< Input columns held in UB; outside them is padding.
  uint16_t n = 1;  ///< Batch items.
  uint16_t oh = 1;  ///< Output rows.
  uint16_t ow = 1;  ///< Output columns.
  uint16_t channels = 1;  ///< Lanes (bytes) of input channels, as expanded, from lane 0 of the first word.
  uint8_t kh = 1;  ///< Kernel rows.
  uint8_t kw = 1;  ///< Kernel columns.
  uint8_t stride_h = 1;  ///< Row stride.
  uint8_t stride_w = 1;  ///< Column stride.
  uint8_t dil_h = 1;  ///< Row dilation.
  uint8_t dil_w = 1;  ///< Column dilation.
  int8_t pad_byte = 0;  ///< Activation byte outside the input, as expanded.
  uint8_t narrow = 0;  ///< The array multiplies activations and weights of 8 >> narrow bits, at least precision.activation_bits.
  bool structured = false;  ///< 1: the tiles select two channels of four; narrow is 1 at most, and sparsity.structured is 1.
  uint8_t expand = 0;  ///< Activations have 8 >> (narrow + expand) bits in UB, at least precision.activation_bits, and are expanded.
  uint16_t acc_addr = 0;  ///< First ACC row.
  bool operator==(const Matmul&) const = default;
  static constexpr Matmul decode([[maybe_unused]] const Words& w) {
    Matmul r;
    r.ub_addr = static_cast<uint32_t>(get_bits(w, 2, 0, 24));
    r.accumulate = get_bits(w, 2, 24, 1) != 0;
    r.keep = get_bits(w, 2, 25, 1) != 0;
    r.ub_stride0 = static_cast<uint32_t>(get_bits(w, 3, 0, 24));
    r.ub_stride1 = static_cast<uint32_t>(get_bits(w, 4, 0, 24));
    r.ub_stride2 = static_cast<uint32_t>(get_bits(w, 5, 0, 24));
    r.h0 = static_cast<int16_t>(sign_extend(get_bits(w, 6, 0, 16), 16));
    r.w0 = static_cast<int16_t>(sign_extend(get_bits(w, 6, 16, 16), 16));
    r.height = static_cast<uint16_t>(get_bits(w, 7, 0, 16));
    r.width = static_cast<uint16_t>(get_bits(w, 7, 16, 16));
    r.n = static_cast<uint16_t>(get_bits(w, 8, 0, 16));
    r.oh = static_cast<uint16_t>(get_bits(w, 8, 16, 16));
    r.ow = static_cast<uint16_t>(get_bits(w, 9, 0, 16));
    r.channels = static_cast<uint16_t>(get_bits(w, 9, 16, 16));
    r.kh = static_cast<uint8_t>(get_bits(w, 10, 0, 8));
    r.kw = static_cast<uint8_t>(get_bits(w, 10, 8, 8));
    r.stride_h = static_cast<uint8_t>(get_bits(w, 10, 16, 8));
    r.stride_w = static_cast<uint8_t>(get_bits(w, 10, 24, 8));
    r.dil_h = static_cast<uint8_t>(get_bits(w, 11, 0, 8));
    r.dil_w = static_cast<uint8_t>(get_bits(w, 11, 8, 8));
    r.pad_byte = static_cast<int8_t>(sign_extend(get_bits(w, 11, 16, 8), 8));
    r.narrow = static_cast<uint8_t>(get_bits(w, 11, 24, 2));
    r.structured = get_bits(w, 11, 26, 1) != 0;
    r.expand = static_cast<uint8_t>(get_bits(w, 11, 27, 2));
    r.acc_addr = static_cast<uint16_t>(get_bits(w, 12, 0, 16));
    return r;
  }
  /// Writes the fields; leaves the other bits as they are.
  constexpr void encode([[maybe_unused]] Words& w) const {
    set_bits(w, 2, 0, 24, static_cast<uint32_t>(ub_addr));
    set_bits(w, 2, 24, 1, static_cast<uint32_t>(accumulate));
    set_bits(w, 2, 25, 1, static_cast<uint32_t>(keep));
    set_bits(w, 3, 0, 24, static_cast<uint32_t>(ub_stride0));
    set_bits(w, 4, 0, 24, static_cast<uint32_t>(ub_stride1));
    set_bits(w, 5, 0, 24, static_cast<uint32_t>(ub_stride2));
    set_bits(w, 6, 0, 16, static_cast<uint32_t>(h0));
    set_bits(w, 6, 16, 16, static_cast<uint32_t>(w0));
    set_bits(w, 7, 0, 16, static_cast<uint32_t>(height));
    set_bits(w, 7, 16, 16, static_cast<uint32_t>(width));
    set_bits(w, 8, 0, 16, static_cast<uint32_t>(n));
    set_bits(w, 8, 16, 16, static_cast<uint32_t>(oh));
    set_bits(w, 9, 0, 16, static_cast<uint32_t>(ow));
    set_bits(w, 9, 16, 16, static_cast<uint32_t>(channels));
    set_bits(w, 10, 0, 8, static_cast<uint32_t>(kh));
    set_bits(w, 10, 8, 8, static_cast<uint32_t>(kw));
    set_bits(w, 10, 16, 8, static_cast<uint32_t>(stride_h));
    set_bits(w, 10, 24, 8, static_cast<uint32_t>(stride_w));
    set_bits(w, 11, 0, 8, static_cast<uint32_t>(dil_h));
    set_bits(w, 11, 8, 8, static_cast<uint32_t>(dil_w));
    set_bits(w, 11, 16, 8, static_cast<uint32_t>(pad_byte));
    set_bits(w, 11, 24, 2, static_cast<uint32_t>(narrow));
    set_bits(w, 11, 26, 1, static_cast<uint32_t>(structured));
    set_bits(w, 11, 27, 2, static_cast<uint32_t>(expand));
    set_bits(w, 12, 0, 16, static_cast<uint32_t>(acc_addr));
  }
};

/// Wait and signal, nothing else.
struct SyncVpu {
  static constexpr Opcode kOpcode = Opcode::kSyncVpu;
  bool operator==(const SyncVpu&) const = default;
  static constexpr SyncVpu decode([[maybe_unused]] const Words& w) {
    SyncVpu r;
    return r;
  }
  /// Writes the fields; leaves the other bits as they are.
  constexpr void encode([[maybe_unused]] Words& w) const {
  }
};

/// One column tile through the vector pipeline: window reduction, bias, scale, residual (added or multiplied), clamp, table, to UB.
struct Vector {
  static constexpr Opcode kOpcode = Opcode::kVector;
  uint32_t src_addr = 0;  ///< Word (UB) or row (ACC) of source row 0, column 0.
  bool src_ub = false;  ///< 0: the source is ACC. 1: the source is UB.
  bool reduce_sum = false;  ///< 0: maximum over the window. 1: sum over it.
  bool residual = false;  ///< 1: a second operand is read from UB.
  uint8_t src_narrow = 0;  ///< A UB source has values of 8 >> src_narrow bits, at least precision.activation_bits.
  uint8_t res_narrow = 0;  ///< The residual has values of 8 >> res_narrow bits, at least precision.activation_bits.
  uint32_t src_stride0 = 0;  ///< Source words between batch items.
  int8_t pad_byte = 0;  ///< Padding value of a sum.
  uint16_t src_stride1 = 0;  ///< Source words between rows.
  uint16_t src_stride2 = 0;  ///< Source words between columns.
  uint32_t dst_addr = 0;  ///< First UB word written.
  uint8_t dst_slice = 0;  ///< Slice of COLS lanes written.
  uint32_t dst_stride0 = 0;  ///< Destination words between batch items.
  uint8_t src_slice = 0;  ///< Slice of COLS lanes read (UB source).
  uint16_t dst_stride1 = 0;  ///< Destination words between rows.
  uint16_t dst_stride2 = 0;  ///< Destination words between columns.
  uint32_t res_addr = 0;  ///< First UB word of the residual.
  uint8_t res_slice = 0;  ///< Slice of COLS lanes of the residual.
  uint32_t res_stride0 = 0;  ///< Residual words between batch items.
  uint8_t lanes_m1 = 0;  ///< Lanes written, less one.
  uint16_t res_stride1 = 0;  ///< Residual words between rows.
  uint16_t res_stride2 = 0;  ///< Residual words between columns.
  int16_t h0 = 0;  ///< Source row of output row 0, window row 0.
  int16_t w0 = 0;  ///< Source column of output column 0, window column 0.
  uint16_t height = 1;  ///< Source rows; outside them is padding.
  uint16_t width = 1;  ///< Source columns; outside them is padding.
  uint16_t n = 1;  ///< Batch items.
  uint16_t oh = 1;  ///< Output rows.
  uint16_t ow = 1;  ///< Output columns.
  uint16_t param_row = 0;  ///< Parameter row of the bias; the scale is in the next.
  uint8_t dst_narrow = 0;  ///< Results are written with 8 >> dst_narrow bits, at least precision.activation_bits.
  uint8_t kh = 1;  ///< Window rows.
  uint8_t kw = 1;  ///< Window columns.
  uint8_t stride_h = 1;  ///< Row stride.
  uint8_t stride_w = 1;  ///< Column stride.
  bool operator==(const Vector&) const = default;
  static constexpr Vector decode([[maybe_unused]] const Words& w) {
    Vector r;
    r.src_addr = static_cast<uint32_t>(get_bits(w, 2, 0, 24));
    r.src_ub = get_bits(w, 2, 24, 1) != 0;
    r.reduce_sum = get_bits(w, 2, 25, 1) != 0;
    r.residual = get_bits(w, 2, 26, 1) != 0;
    r.src_narrow = static_cast<uint8_t>(get_bits(w, 2, 27, 2));
    r.res_narrow = static_cast<uint8_t>(get_bits(w, 2, 29, 2));
    r.src_stride0 = static_cast<uint32_t>(get_bits(w, 3, 0, 24));
    r.pad_byte = static_cast<int8_t>(sign_extend(get_bits(w, 3, 24, 8), 8));
    r.src_stride1 = static_cast<uint16_t>(get_bits(w, 4, 0, 16));
    r.src_stride2 = static_cast<uint16_t>(get_bits(w, 4, 16, 16));
    r.dst_addr = static_cast<uint32_t>(get_bits(w, 5, 0, 24));
    r.dst_slice = static_cast<uint8_t>(get_bits(w, 5, 24, 8));
    r.dst_stride0 = static_cast<uint32_t>(get_bits(w, 6, 0, 24));
    r.src_slice = static_cast<uint8_t>(get_bits(w, 6, 24, 8));
    r.dst_stride1 = static_cast<uint16_t>(get_bits(w, 7, 0, 16));
    r.dst_stride2 = static_cast<uint16_t>(get_bits(w, 7, 16, 16));
    r.res_addr = static_cast<uint32_t>(get_bits(w, 8, 0, 24));
    r.res_slice = static_cast<uint8_t>(get_bits(w, 8, 24, 8));
    r.res_stride0 = static_cast<uint32_t>(get_bits(w, 9, 0, 24));
    r.lanes_m1 = static_cast<uint8_t>(get_bits(w, 9, 24, 8));
    r.res_stride1 = static_cast<uint16_t>(get_bits(w, 10, 0, 16));
    r.res_stride2 = static_cast<uint16_t>(get_bits(w, 10, 16, 16));
    r.h0 = static_cast<int16_t>(sign_extend(get_bits(w, 11, 0, 16), 16));
    r.w0 = static_cast<int16_t>(sign_extend(get_bits(w, 11, 16, 16), 16));
    r.height = static_cast<uint16_t>(get_bits(w, 12, 0, 16));
    r.width = static_cast<uint16_t>(get_bits(w, 12, 16, 16));
    r.n = static_cast<uint16_t>(get_bits(w, 13, 0, 16));
    r.oh = static_cast<uint16_t>(get_bits(w, 13, 16, 16));
    r.ow = static_cast<uint16_t>(get_bits(w, 14, 0, 16));
    r.param_row = static_cast<uint16_t>(get_bits(w, 14, 16, 14));
    r.dst_narrow = static_cast<uint8_t>(get_bits(w, 14, 30, 2));
    r.kh = static_cast<uint8_t>(get_bits(w, 15, 0, 8));
    r.kw = static_cast<uint8_t>(get_bits(w, 15, 8, 8));
    r.stride_h = static_cast<uint8_t>(get_bits(w, 15, 16, 8));
    r.stride_w = static_cast<uint8_t>(get_bits(w, 15, 24, 8));
    return r;
  }
  /// Writes the fields; leaves the other bits as they are.
  constexpr void encode([[maybe_unused]] Words& w) const {
    set_bits(w, 2, 0, 24, static_cast<uint32_t>(src_addr));
    set_bits(w, 2, 24, 1, static_cast<uint32_t>(src_ub));
    set_bits(w, 2, 25, 1, static_cast<uint32_t>(reduce_sum));
    set_bits(w, 2, 26, 1, static_cast<uint32_t>(residual));
    set_bits(w, 2, 27, 2, static_cast<uint32_t>(src_narrow));
    set_bits(w, 2, 29, 2, static_cast<uint32_t>(res_narrow));
    set_bits(w, 3, 0, 24, static_cast<uint32_t>(src_stride0));
    set_bits(w, 3, 24, 8, static_cast<uint32_t>(pad_byte));
    set_bits(w, 4, 0, 16, static_cast<uint32_t>(src_stride1));
    set_bits(w, 4, 16, 16, static_cast<uint32_t>(src_stride2));
    set_bits(w, 5, 0, 24, static_cast<uint32_t>(dst_addr));
    set_bits(w, 5, 24, 8, static_cast<uint32_t>(dst_slice));
    set_bits(w, 6, 0, 24, static_cast<uint32_t>(dst_stride0));
    set_bits(w, 6, 24, 8, static_cast<uint32_t>(src_slice));
    set_bits(w, 7, 0, 16, static_cast<uint32_t>(dst_stride1));
    set_bits(w, 7, 16, 16, static_cast<uint32_t>(dst_stride2));
    set_bits(w, 8, 0, 24, static_cast<uint32_t>(res_addr));
    set_bits(w, 8, 24, 8, static_cast<uint32_t>(res_slice));
    set_bits(w, 9, 0, 24, static_cast<uint32_t>(res_stride0));
    set_bits(w, 9, 24, 8, static_cast<uint32_t>(lanes_m1));
    set_bits(w, 10, 0, 16, static_cast<uint32_t>(res_stride1));
    set_bits(w, 10, 16, 16, static_cast<uint32_t>(res_stride2));
    set_bits(w, 11, 0, 16, static_cast<uint32_t>(h0));
    set_bits(w, 11, 16, 16, static_cast<uint32_t>(w0));
    set_bits(w, 12, 0, 16, static_cast<uint32_t>(height));
    set_bits(w, 12, 16, 16, static_cast<uint32_t>(width));
    set_bits(w, 13, 0, 16, static_cast<uint32_t>(n));
    set_bits(w, 13, 16, 16, static_cast<uint32_t>(oh));
    set_bits(w, 14, 0, 16, static_cast<uint32_t>(ow));
    set_bits(w, 14, 16, 14, static_cast<uint32_t>(param_row));
    set_bits(w, 14, 30, 2, static_cast<uint32_t>(dst_narrow));
    set_bits(w, 15, 0, 8, static_cast<uint32_t>(kh));
    set_bits(w, 15, 8, 8, static_cast<uint32_t>(kw));
    set_bits(w, 15, 16, 8, static_cast<uint32_t>(stride_h));
    set_bits(w, 15, 24, 8, static_cast<uint32_t>(stride_w));
  }
};

/// Set the scalars of the vector pipeline for the instructions that follow. They start undefined.
struct VectorSet {
  static constexpr Opcode kOpcode = Opcode::kVectorSet;
  bool two_roundings = false;  ///< Residual form. 0: one rounding. 1: two.
  bool use_table = false;  ///< 1: the result goes through a table.
  uint8_t table_index = 0;  ///< Which of the four tables.
  bool multiply = false;  ///< How a residual enters. 0: it is added. 1: it multiplies.
  bool one_byte = false;  ///< What is scaled. 0: the sum. 1: one of its four bytes, so that four passes store it whole.
  uint8_t byte_index = 0;  ///< Which byte of the sum, from the lowest.
  int8_t out_zero = 0;  ///< Zero point of the result.
  int8_t clamp_lo = 0;  ///< Least result.
  int8_t clamp_hi = 0;  ///< Greatest result.
  int8_t mid_zero = 0;  ///< Zero point after the first rounding.
  int8_t mid_lo = 0;  ///< Least value after the first rounding.
  int8_t mid_hi = 0;  ///< Greatest value after the first rounding.
  int8_t res_zero = 0;  ///< Zero point of the residual.
  float mid_scale = 1.0f;  ///< mid_scale: scale after the first rounding over the result's.
  float res_scale = 1.0f;  ///< res_scale: residual's scale over the result's.
  bool operator==(const VectorSet&) const = default;
  static constexpr VectorSet decode([[maybe_unused]] const Words& w) {
    VectorSet r;
    r.two_roundings = get_bits(w, 2, 0, 1) != 0;
    r.use_table = get_bits(w, 2, 1, 1) != 0;
    r.table_index = static_cast<uint8_t>(get_bits(w, 2, 2, 2));
    r.multiply = get_bits(w, 2, 4, 1) != 0;
    r.one_byte = get_bits(w, 2, 5, 1) != 0;
    r.byte_index = static_cast<uint8_t>(get_bits(w, 2, 6, 2));
    r.out_zero = static_cast<int8_t>(sign_extend(get_bits(w, 3, 0, 8), 8));
    r.clamp_lo = static_cast<int8_t>(sign_extend(get_bits(w, 3, 8, 8), 8));
    r.clamp_hi = static_cast<int8_t>(sign_extend(get_bits(w, 3, 16, 8), 8));
    r.mid_zero = static_cast<int8_t>(sign_extend(get_bits(w, 4, 0, 8), 8));
    r.mid_lo = static_cast<int8_t>(sign_extend(get_bits(w, 4, 8, 8), 8));
    r.mid_hi = static_cast<int8_t>(sign_extend(get_bits(w, 4, 16, 8), 8));
    r.res_zero = static_cast<int8_t>(sign_extend(get_bits(w, 4, 24, 8), 8));
    r.mid_scale = std::bit_cast<float>(get_bits(w, 5, 0, 32));
    r.res_scale = std::bit_cast<float>(get_bits(w, 6, 0, 32));
    return r;
  }
  /// Writes the fields; leaves the other bits as they are.
  constexpr void encode([[maybe_unused]] Words& w) const {
    set_bits(w, 2, 0, 1, static_cast<uint32_t>(two_roundings));
    set_bits(w, 2, 1, 1, static_cast<uint32_t>(use_table));
    set_bits(w, 2, 2, 2, static_cast<uint32_t>(table_index));
    set_bits(w, 2, 4, 1, static_cast<uint32_t>(multiply));
    set_bits(w, 2, 5, 1, static_cast<uint32_t>(one_byte));
    set_bits(w, 2, 6, 2, static_cast<uint32_t>(byte_index));
    set_bits(w, 3, 0, 8, static_cast<uint32_t>(out_zero));
    set_bits(w, 3, 8, 8, static_cast<uint32_t>(clamp_lo));
    set_bits(w, 3, 16, 8, static_cast<uint32_t>(clamp_hi));
    set_bits(w, 4, 0, 8, static_cast<uint32_t>(mid_zero));
    set_bits(w, 4, 8, 8, static_cast<uint32_t>(mid_lo));
    set_bits(w, 4, 16, 8, static_cast<uint32_t>(mid_hi));
    set_bits(w, 4, 24, 8, static_cast<uint32_t>(res_zero));
    set_bits(w, 5, 0, 32, std::bit_cast<uint32_t>(mid_scale));
    set_bits(w, 6, 0, 32, std::bit_cast<uint32_t>(res_scale));
  }
};

}  // namespace systole::isa
