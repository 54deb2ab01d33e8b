// SPDX-License-Identifier: Apache-2.0
// Tables of functions, and the part of a range that is worth tabulating.
#include "compiler/quant/table.h"

#include <algorithm>
#include <cmath>

namespace systole::quant {

namespace {
constexpr int kWidenings = 4;  // by a step each
constexpr int kSamples = 1024;
}  // namespace

std::array<int8_t, 256> make_table(const graph::Function& f, const Affine& x, const Affine& y) {
  std::array<int8_t, 256> table;
  for (int stored = -128; stored <= 127; ++stored) {
    // A byte stands for a float32, which may be a whole number where the product is not quite.
    const double real = f(double{static_cast<float>(stored - x.zero) * x.scale});
    table[static_cast<size_t>(stored + 128)] =
        static_cast<int8_t>(std::isnan(real) ? y.zero : quantise(static_cast<float>(real), y));
  }
  return table;
}

ValueRange domain(const graph::Function& f, ValueRange range, float y_scale, bool same_codes) {
  const double width = double{range.hi} - range.lo;
  const auto at = [&](int i) { return range.lo + width * i / kSamples; };
  const auto flat = [&](int i, int end) {
    const double a = f(at(i)), b = f(at(end));
    const bool same = !same_codes || std::nearbyint(a / y_scale) == std::nearbyint(b / y_scale);
    return same && std::fabs(a - b) < y_scale / 4;
  };
  int first = 0, last = kSamples;
  while (first < kSamples && flat(first + 1, 0)) ++first;
  if (first == kSamples) return range;  // constant
  while (last > first && flat(last - 1, kSamples)) --last;
  ValueRange found = {static_cast<float>(at(first)), static_cast<float>(at(last))};
  // The zero point is rounded: the first and the last code lie up to half a step beside the ends,
  // and all that is beyond takes their entries. A jump at an end has to stay inside, and where
  // codes are stated, an end's code.
  for (int round = 0; round < kWidenings; ++round) {
    const Affine codes = affine_of(found);
    const auto differs = [&](int code, int end) {
      const double a = f(double{codes.scale} * (code - codes.zero)), b = f(at(end));
      return std::fabs(a - b) > y_scale / 2 ||
             (same_codes && std::nearbyint(a / y_scale) != std::nearbyint(b / y_scale));
    };
    const bool below = found.lo > range.lo && differs(-128, 0),
               above = found.hi < range.hi && differs(127, kSamples);
    if (below) found.lo = std::max(range.lo, found.lo - codes.scale);
    if (above) found.hi = std::min(range.hi, found.hi + codes.scale);
    if (!below && !above) break;
  }
  return found;
}

}  // namespace systole::quant
