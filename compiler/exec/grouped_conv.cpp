// SPDX-License-Identifier: Apache-2.0
// Plain loops: groups are too small for matrix products to pay. Depthwise ones go over channels.
#include "compiler/exec/grouped_conv.h"

#include <algorithm>

#include "compiler/exec/kernels.h"
#include "model/isa/rounding.h"

namespace systole::exec {

GroupedConv::GroupedConv(const graph::QConv& conv, const graph::QTensor& in, int64_t outputs)
    : conv_(conv),
      in_(in),
      padding_(static_cast<size_t>(in.c), static_cast<int8_t>(in.zero_point)) {
  if (conv.group != in.c || outputs != in.c) return;
  const int64_t taps = conv.kh * conv.kw;
  by_taps_.resize(static_cast<size_t>(taps * in.c));
  for (int64_t c = 0; c < in.c; ++c)
    for (int64_t tap = 0; tap < taps; ++tap)
      by_taps_[static_cast<size_t>(tap * in.c + c)] =
          conv.weights[static_cast<size_t>(c * taps + tap)];
}

void GroupedConv::sums(const std::vector<int8_t>& bytes, int64_t b, int64_t i, int64_t j,
                       Taps& taps, std::vector<int32_t>& sums) const {
  taps.clear();
  for (int64_t y = 0; y < conv_.kh; ++y) {
    const int64_t h = i * conv_.stride_h - conv_.pad_top + y * conv_.dil_h;
    for (int64_t x = 0; x < conv_.kw; ++x) {
      const int64_t v = j * conv_.stride_w - conv_.pad_left + x * conv_.dil_w;
      const bool inside = h >= 0 && h < in_.h && v >= 0 && v < in_.w;
      const int8_t* pixel =
          inside ? bytes.data() + ((b * in_.h + h) * in_.w + v) * in_.c : padding_.data();
      taps.push_back(pixel);
    }
  }
  const auto count = static_cast<int64_t>(taps.size());
  if (!by_taps_.empty()) return sum_taps(by_taps_.data(), taps.data(), count, in_.c, sums.data());
  std::fill(sums.begin(), sums.end(), 0);
  for (int64_t tap = 0; tap < count; ++tap) add_tap(tap, taps[static_cast<size_t>(tap)], sums);
}

void GroupedConv::add_tap(int64_t tap, const int8_t* pixel, std::vector<int32_t>& sums) const {
  const auto outputs = static_cast<int64_t>(sums.size());
  const int64_t inputs = in_.c / conv_.group, each = outputs / conv_.group;  // of a group
  for (int64_t o = 0; o < outputs; ++o) {
    const int8_t* values = pixel + o / each * inputs;
    const int8_t* weights = conv_.weights.data() + (o * conv_.kh * conv_.kw + tap) * inputs;
    int32_t sum = 0;  // at most 65535 products of 2^14: no overflow
    for (int64_t c = 0; c < inputs; ++c) sum += weights[c] * values[c];
    int32_t& to = sums[static_cast<size_t>(o)];
    to = isa::wrap_add(to, sum);
  }
}

}  // namespace systole::exec
