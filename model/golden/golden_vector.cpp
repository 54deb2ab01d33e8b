// SPDX-License-Identifier: Apache-2.0
// The vector unit of the golden executor.
#include <algorithm>
#include <cstring>
#include <limits>

#include "model/golden/golden_state.h"
#include "model/isa/rounding.h"

namespace systole {

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
          tap = ub_lane(a, int64_t{op.src_slice} * g_.cols + static_cast<int64_t>(lane));
        else if (inside)
          tap = acc_[a * g_.cols + static_cast<int64_t>(lane)];
        sums[lane] = op.reduce_sum ? wrap_add(sums[lane], tap) : std::max(sums[lane], tap);
      }
    }
}

bool GoldenState::execute(const isa::Vector& op) {
  const int lanes = op.lanes_m1 + 1;
  std::vector<int32_t> bias(lanes), sums(lanes);
  std::vector<float> scale(lanes);
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
          const int8_t residual =
              op.residual ? ub_lane(r, int64_t{op.res_slice} * g_.cols + lane) : int8_t{0};
          const int8_t y = requantise(sums[lane], bias[lane], scale[lane],
                                      op.residual ? &residual : nullptr, scalars_);
          ub_[d * g_.word_bytes + int64_t{op.dst_slice} * g_.cols + lane] =
              scalars_.use_table ? table[y + 128] : static_cast<uint8_t>(y);
        }
      }
  return true;
}

}  // namespace systole
