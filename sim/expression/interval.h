// SPDX-License-Identifier: Apache-2.0
// Values of which only bounds are known.
#pragma once

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>

namespace systole::expression {

/// All numbers from low to high.
struct Interval {
  Interval() = default;
  explicit Interval(double value) : low(value), high(value) {}
  Interval(double from, double to) : low(from), high(to) {}

  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();

  Interval operator-() const { return {-high, -low}; }
  Interval operator+(const Interval& o) const { return around({low + o.low, high + o.high}); }
  Interval operator-(const Interval& o) const { return *this + -o; }
  Interval operator*(const Interval& o) const {
    return around({low * o.low, low * o.high, high * o.low, high * o.high});
  }
  Interval operator/(const Interval& o) const {
    if (o.low <= 0 && o.high >= 0) return {};
    return around({low / o.low, low / o.high, high / o.low, high / o.high});
  }

 private:
  /// From the least to the greatest of `ends`; anything if one is no number.
  static Interval around(std::initializer_list<double> ends) {
    if (std::any_of(ends.begin(), ends.end(), [](double end) { return std::isnan(end); }))
      return {};
    return {std::min(ends), std::max(ends)};
  }
};

}  // namespace systole::expression
