// SPDX-License-Identifier: Apache-2.0
// Values of which only bounds are known.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace systole::expression {

/// All numbers from low to high.
struct Interval {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();

  /// What is between the least and the greatest of `ends`; anything if one is no number.
  static Interval of(const std::array<double, 4>& ends) {
    if (std::any_of(ends.begin(), ends.end(), [](double end) { return std::isnan(end); }))
      return {};
    const auto [low, high] = std::minmax_element(ends.begin(), ends.end());
    return {*low, *high};
  }

  Interval operator-() const { return {-high, -low}; }
  Interval operator+(const Interval& o) const {
    return of({low + o.low, high + o.high, low + o.low, high + o.high});
  }
  Interval operator*(const Interval& o) const {
    return of({low * o.low, low * o.high, high * o.low, high * o.high});
  }
  Interval operator/(const Interval& o) const {
    if (o.low <= 0 && o.high >= 0) return {};
    return of({low / o.low, low / o.high, high / o.low, high / o.high});
  }
};

}  // namespace systole::expression
