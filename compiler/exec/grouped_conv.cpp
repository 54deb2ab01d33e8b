// SPDX-License-Identifier: Apache-2.0
// Plain loops: groups are too small for matrix products to pay.
#include "compiler/exec/grouped_conv.h"

#include <algorithm>

#include "model/isa/rounding.h"

namespace systole::exec {

void grouped_sums(const graph::QConv& conv, const graph::QTensor& in,
                  const std::vector<int8_t>& bytes, int64_t b, int64_t i, int64_t j,
                  std::vector<int32_t>& sums) {
  const auto outputs = static_cast<int64_t>(sums.size());
  const int64_t inputs_of_group = in.c / conv.group, outputs_of_group = outputs / conv.group;
  std::fill(sums.begin(), sums.end(), 0);
  for (int64_t y = 0; y < conv.kh; ++y) {
    const int64_t h = i * conv.stride_h - conv.pad_top + y * conv.dil_h;
    for (int64_t x = 0; x < conv.kw; ++x) {
      const int64_t v = j * conv.stride_w - conv.pad_left + x * conv.dil_w;
      const bool inside = h >= 0 && h < in.h && v >= 0 && v < in.w;
      const int8_t* pixel = inside ? bytes.data() + ((b * in.h + h) * in.w + v) * in.c : nullptr;
      for (int64_t o = 0; o < outputs; ++o) {
        const int64_t first = o / outputs_of_group * inputs_of_group;
        const int8_t* weights =
            conv.weights.data() + ((o * conv.kh + y) * conv.kw + x) * inputs_of_group;
        int32_t sum = 0;  // at most 65535 products of 2^14: no overflow
        for (int64_t c = 0; c < inputs_of_group; ++c)
          sum += weights[c] * (inside ? pixel[first + c] : in.zero_point);
        int32_t& to = sums[static_cast<size_t>(o)];
        to = isa::wrap_add(to, sum);
      }
    }
  }
}

}  // namespace systole::exec
