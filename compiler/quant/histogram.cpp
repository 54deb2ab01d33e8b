// SPDX-License-Identifier: Apache-2.0
// Bins, and how they are merged.
#include "compiler/quant/histogram.h"

#include <algorithm>
#include <cmath>

namespace systole::quant {

void Histogram::add(float element) {
  ++count_;
  least_ = std::min(least_, element);
  greatest_ = std::max(greatest_, element);
  const double magnitude = std::fabs(element);
  if (width_ == 0) {
    if (magnitude == 0) {
      ++zeros_;
      return;
    }
    // A power of two: widths that different orders of elements lead to are the same.
    width_ = std::exp2(std::ceil(std::log2(magnitude / kHalf)));
    bins_[kHalf] = zeros_;
  }
  while (magnitude >= width_ * kHalf) widen();
  ++bins_[static_cast<size_t>(kHalf + static_cast<int>(std::floor(element / width_)))];
}

void Histogram::widen() {
  width_ *= 2;
  std::vector<uint64_t> wider(bins_.size());
  for (int i = 0; i < 2 * kHalf; ++i) {
    const int bin = i - kHalf;  // of [bin, bin + 1) old widths
    const int half = bin >= 0 ? bin / 2 : -((1 - bin) / 2);
    wider[static_cast<size_t>(kHalf + half)] += bins_[static_cast<size_t>(i)];
  }
  bins_ = std::move(wider);
}

}  // namespace systole::quant
