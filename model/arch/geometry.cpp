// SPDX-License-Identifier: Apache-2.0
// Derives sizes from hardware parameters and checks that the parameters fit together.
#include "model/arch/geometry.h"

#include <fmt/format.h>

namespace systole::arch {

namespace {

int narrowest_activations(const isa::HwParams& hw) {
  int bits = hw.act_bits;
  while (hw.cols % (8 / bits) != 0) bits *= 2;
  return bits;
}

}  // namespace

Geometry::Geometry(const isa::HwParams& hw)
    : rows(hw.rows),
      cols(hw.cols),
      act_bits(narrowest_activations(hw)),
      lanes(std::max(hw.structured != 0 ? 2 * hw.rows : hw.rows, hw.cols)),
      word_bytes(static_cast<int>(std::bit_ceil(static_cast<unsigned>(lanes)))),
      ub_words(int64_t{hw.ub_kib} * 1024 / word_bytes),
      bank_words(ub_words / hw.ub_banks),
      row_slices(static_cast<int>(ceil_div(lanes, rows))),
      col_slices(static_cast<int>(ceil_div(lanes, cols))),
      pb_word_bytes(std::max(4, word_bytes)),
      pb_row_bytes(std::max(4 * static_cast<int>(std::bit_ceil(static_cast<unsigned>(cols))),
                            pb_word_bytes)),
      axi_bytes(hw.axi_bits / 8),
      burst_bytes(axi_bytes * hw.burst_beats) {}

Geometry Geometry::grouped(bool structured) const {
  Geometry slices = *this;
  if (structured) slices.rows *= 2;
  slices.row_slices = static_cast<int>(ceil_div(lanes, slices.rows));
  return slices;
}

Geometry Geometry::packed(int narrow) const {
  Geometry values = *this;
  values.col_slices = col_slices_of(narrow);
  values.lanes <<= narrow;
  return values;
}

std::string check_params(const isa::HwParams& hw) {
  for (const auto& param : isa::kHwParams) {
    const int value = hw.*param.member;
    if (value < param.min || value > param.max)
      return fmt::format("{}: {} is outside {}..{}", param.key, value, param.min, param.max);
    if (param.pow2 && !std::has_single_bit(static_cast<unsigned>(value)))
      return fmt::format("{}: {} is not a power of two in {}..{}", param.key, value, param.min,
                         param.max);
  }
  if (hw.structured != 0 && (hw.rows % 2 != 0 || hw.rows > 128))
    return fmt::format(
        "sparsity.structured: {} rows, array.rows must be even and at most 128 beside it", hw.rows);
  const Geometry g(hw);
  if (hw.acc_rows % 2 != 0)
    return fmt::format("acc.rows: {} is odd, expected two equal banks", hw.acc_rows);
  if (g.burst_bytes > 4096)
    return fmt::format(
        "axi.burst_beats: {} beats of {} bytes exceed the 4096 bytes of an AXI burst",
        hw.burst_beats, g.axi_bytes);
  if (g.ub_words % hw.ub_banks != 0)
    return fmt::format("ub.kib: {} KiB are not {} equal banks of {}-byte words", hw.ub_kib,
                       hw.ub_banks, g.word_bytes);
  if (g.ub_words > (int64_t{1} << 24))
    return fmt::format(
        "ub.kib: {} KiB are {} words of {} bytes, more than the 2^24 that an address names",
        hw.ub_kib, g.ub_words, g.word_bytes);
  return {};
}

}  // namespace systole::arch
