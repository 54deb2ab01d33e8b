// SPDX-License-Identifier: Apache-2.0
// The vector unit of the golden executor.
#include <algorithm>
#include <cstring>
#include <limits>

#include "model/golden/golden_state.h"
#include "model/isa/rounding.h"

namespace systole::golden {

bool GoldenState::execute(const isa::VectorSet& op) {
  scalars_ = op;
  return true;
}

void GoldenState::reduce_window(const isa::Vector& op, int64_t b, int64_t i, int64_t j,
                                std::vector<int32_t>& sums) const {
  const int32_t start = op.reduce_sum ? 0 : std::numeric_limits<int32_t>::min();
  std::fill(sums.begin(), sums.end(), start);
  for (int64_t y = 0; y < op.kh; ++y)
    for (int64_t t = 0; t < op.kw; ++t) {
      const int64_t h = op.h0 + i * op.stride_h + y;
      const int64_t v = op.w0 + j * op.stride_w + t;
      const bool inside = 0 <= h && h < op.height && 0 <= v && v < op.width;
      const int64_t a = op.src_addr + b * op.src_stride0 + h * op.src_stride1 + v * op.src_stride2;
      for (size_t lane = 0; lane < sums.size(); ++lane) {
        int32_t tap = op.reduce_sum ? op.pad_byte : std::numeric_limits<int32_t>::min();
        if (inside && op.src_ub)
          tap = ub_value(a, int64_t{op.src_slice} * g_.cols + static_cast<int64_t>(lane),
                         op.src_narrow);
        else if (inside)
          tap = acc_[a * g_.cols + static_cast<int64_t>(lane)];
        sums[lane] = op.reduce_sum ? isa::wrap_add(sums[lane], tap) : std::max(sums[lane], tap);
      }
    }
}

bool GoldenState::execute(const isa::Vector& op) {
  const int lanes = op.lanes_m1 + 1;
  std::vector<int32_t> bias(lanes), sums(lanes);
  std::vector<float> scale(lanes);
  std::vector<int8_t> results(lanes);
  std::memcpy(bias.data(), &pb_[size_t{op.param_row} * g_.pb_row_bytes], 4 * bias.size());
  std::memcpy(scale.data(), &pb_[(size_t{op.param_row} + 1) * g_.pb_row_bytes], 4 * scale.size());
  const uint8_t* table = &tables_[size_t{scalars_.table_index} * 256];

  for (int64_t b = 0; b < op.n; ++b)
    for (int64_t i = 0; i < op.oh; ++i)
      for (int64_t j = 0; j < op.ow; ++j) {
        reduce_window(op, b, i, j, sums);
        const int64_t r =
            op.res_addr + b * op.res_stride0 + i * op.res_stride1 + j * op.res_stride2;
        const int64_t d =
            op.dst_addr + b * op.dst_stride0 + i * op.dst_stride1 + j * op.dst_stride2;
        for (int lane = 0; lane < lanes; ++lane) {
          const int64_t res_index = int64_t{op.res_slice} * g_.cols + lane;
          const auto residual =
              static_cast<int8_t>(op.residual ? ub_value(r, res_index, op.res_narrow) : 0);
          const int8_t y = isa::requantise(sums[lane], bias[lane], scale[lane],
                                           op.residual ? &residual : nullptr, scalars_);
          results[static_cast<size_t>(lane)] =
              scalars_.use_table ? static_cast<int8_t>(table[y + 128]) : y;
        }
        write_values(d, int64_t{op.dst_slice} * g_.cols, op.dst_narrow, results);
      }
  return true;
}

void GoldenState::write_values(int64_t word, int64_t first, int narrow,
                               const std::vector<int8_t>& values) {
  const int bits = 8 >> narrow;
  uint8_t* byte = &ub_[word * g_.word_bytes + (first >> narrow)];
  for (size_t at = 0; at < values.size(); ++byte) {
    *byte = 0;
    for (int shift = 0; shift < 8 && at < values.size(); shift += bits, ++at) {
      const int field = bits == 1 ? (values[at] < 0 ? 0 : 1) : values[at] & ((1 << bits) - 1);
      *byte = static_cast<uint8_t>(*byte | field << shift);
    }
  }
}

}  // namespace systole::golden
