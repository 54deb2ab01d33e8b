// SPDX-License-Identifier: Apache-2.0
// Each byte wants its sum times the scale to lie between two ties: of one weight and bias, the
// scales that suit all bytes are an interval. Weights are tried until one is not empty.
#include "compiler/quant/exact_line.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/isa/rounding.h"

namespace systole::quant {

namespace {

/// The scales that give every byte of `target`; empty: lo > hi.
struct Scales {
  double lo = 0x1p-64, hi = 0x1p64;
};

/// Leaves of `scales` those with which `sum` rounds to `want`; at a clamp any code beyond it does.
void narrow(Scales& scales, double sum, int want, const LineTarget& target) {
  double least = want - 0.5 - target.out_zero, greatest = want + 0.5 - target.out_zero;
  if (want == target.clamp_lo) least = -std::numeric_limits<double>::infinity();
  if (want == target.clamp_hi) greatest = std::numeric_limits<double>::infinity();
  if (sum == 0) {
    if (least > 0 || greatest < 0) scales.hi = -1;
    return;
  }
  if (sum < 0) std::swap(least, greatest);
  scales.lo = std::max(scales.lo, least / sum);
  scales.hi = std::min(scales.hi, greatest / sum);
}

/// How many bytes `line` misses.
int misses(const LineTarget& target, const Line& line) {
  int result = 0;
  for (int stored = target.least; stored <= target.greatest; ++stored) {
    const float f = static_cast<float>(line.weight * stored + line.bias) * line.scale;
    const int8_t byte = isa::round_clamp(f, target.out_zero, target.clamp_lo, target.clamp_hi);
    result += byte != target.expected[static_cast<size_t>(stored + 128)];
  }
  return result;
}

class Search {
 public:
  explicit Search(const LineTarget& target) : target_(target) {}

  /// Tries the weight with the biases `around` steps about the nearest; whether all bytes came out.
  bool try_weight(int weight, int around) {
    const double nominal = target_.slope / weight, bias = std::nearbyint(target_.offset / nominal);
    if (!(std::fabs(bias) < kMostBias) || !isa::legal_scale(static_cast<float>(nominal)))
      return false;
    for (int step = -around; step <= around; ++step) {
      const auto shift = static_cast<int32_t>(bias) + step - weight * target_.in_zero;
      if (try_line(weight, shift, nominal)) return true;
    }
    return false;
  }

  const std::optional<Line>& best() const { return best_; }

 private:
  bool try_line(int weight, int32_t bias, double nominal) {
    Scales scales;
    for (int stored = target_.least; stored <= target_.greatest && scales.lo <= scales.hi; ++stored)
      narrow(scales, static_cast<double>(weight) * stored + bias,
             target_.expected[static_cast<size_t>(stored + 128)], target_);
    if (take({weight, bias, static_cast<float>(nominal)})) return true;
    if (scales.lo > scales.hi || scales.lo <= 0 || !std::isfinite(scales.hi)) return false;
    return take({weight, bias, static_cast<float>((scales.lo + scales.hi) / 2)});
  }

  /// Keeps the line that misses the fewest bytes; whether it misses none.
  bool take(Line line) {
    line.missed = misses(target_, line);
    if (!best_ || line.missed < best_->missed) best_ = line;
    return line.missed == 0;
  }

  const LineTarget& target_;
  std::optional<Line> best_;
};

}  // namespace

LineTarget line_target(const Affine& x, std::pair<int, int> stored, float factor, float shift,
                       const Affine& y, const graph::QPost& post) {
  LineTarget target;
  target.least = stored.first;
  target.greatest = stored.second;
  target.in_zero = x.zero;
  target.out_zero = y.zero;
  target.clamp_lo = post.clamp_lo;
  target.clamp_hi = post.clamp_hi;
  target.slope = double{x.scale} * factor / y.scale;
  target.offset = double{shift} / y.scale;
  for (int byte = -128; byte <= 127; ++byte) {
    const float real = static_cast<float>(byte - x.zero) * x.scale * factor + shift;
    target.expected[static_cast<size_t>(byte + 128)] =
        isa::round_clamp(real / y.scale, y.zero, post.clamp_lo, post.clamp_hi);
  }
  return target;
}

std::optional<Line> fit_line(const LineTarget& target, int most_weight) {
  if (target.slope == 0) {
    const int code = target.expected[static_cast<size_t>(target.least + 128)];
    return Line{0, code - target.out_zero, 1.0f, 0};
  }
  Search search(target);
  for (int weight = most_weight; weight >= 1; --weight) {
    if (search.try_weight(target.slope < 0 ? -weight : weight, 1)) break;
  }
  return search.best();
}

std::optional<Line> fit_scale(const LineTarget& target) {
  Search search(target);
  search.try_weight(1, 0);
  return search.best();
}

}  // namespace systole::quant
