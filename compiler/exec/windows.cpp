// SPDX-License-Identifier: Apache-2.0
// Copies runs of pixels, and fills in the padding beside them.
#include "compiler/exec/windows.h"

#include <algorithm>
#include <cstring>

namespace systole::exec {

namespace {

/// `count` values and those behind them up to a whole chunk: a few at a time, without a call.
int16_t* copy_chunks(const int16_t* from, int64_t count, int16_t* to) {
  for (int64_t k = 0; k < count; k += WideMatrix::kChunk)
    std::memcpy(to + k, from + k, WideMatrix::kChunk * sizeof(int16_t));
  return to + count;
}

}  // namespace

void Windows::load(const std::vector<int8_t>& bytes, int64_t item) {
  const int64_t count = in_.h * in_.w * in_.c;
  widen(bytes.data() + item * count, count, values_.data());
}

void Windows::unfold(int64_t i, int64_t j, int16_t* row) const {
  for (int64_t y = 0; y < conv_.kh; ++y)
    row = unfold_row(i * conv_.stride_h - conv_.pad_top + y * conv_.dil_h,
                     j * conv_.stride_w - conv_.pad_left, row);
}

int16_t* Windows::unfold_row(int64_t h, int64_t first, int16_t* row) const {
  const auto padding = static_cast<int16_t>(in_.zero_point);
  const int64_t c = in_.c, taps = conv_.kw;
  if (h < 0 || h >= in_.h) return std::fill_n(row, taps * c, padding);
  const int16_t* pixels = values_.data() + h * in_.w * c;
  if (conv_.dil_w == 1 && first >= 0 && first + taps <= in_.w)
    return copy_chunks(pixels + first * c, taps * c, row);
  if (conv_.dil_w == 1) {  // the taps inside follow one another
    const int64_t begin = std::clamp<int64_t>(-first, 0, taps);
    const int64_t end = std::clamp<int64_t>(in_.w - first, begin, taps);
    row = std::fill_n(row, begin * c, padding);
    row = std::copy_n(pixels + (first + begin) * c, (end - begin) * c, row);
    return std::fill_n(row, (taps - end) * c, padding);
  }
  for (int64_t x = 0; x < taps; ++x) {
    const int64_t w = first + x * conv_.dil_w;
    row = w < 0 || w >= in_.w ? std::fill_n(row, c, padding) : std::copy_n(pixels + w * c, c, row);
  }
  return row;
}

}  // namespace systole::exec
