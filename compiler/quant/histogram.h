// SPDX-License-Identifier: Apache-2.0
// A histogram that grows with what it sees, for methods of calibration that need the distribution.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace systole::quant {

/// Counts elements in bins of equal width around 0. When an element lies outside, bins are merged
/// in pairs until it lies inside, so the result depends on the elements and not on their order.
class Histogram {
 public:
  void add(float element);

  float least() const { return least_; }        ///< of all elements and 0
  float greatest() const { return greatest_; }  ///< likewise
  uint64_t count() const { return count_; }
  /// Calls f(centre of the bin, elements) for every bin that holds some, in ascending order.
  template <typename F>
  void for_each(F f) const {
    for (int i = 0; i < 2 * kHalf; ++i)
      if (bins_[static_cast<size_t>(i)] > 0)
        f((i - kHalf + 0.5) * width_, bins_[static_cast<size_t>(i)]);
  }
  /// The same, but the bin that holds zeros counts as many as the one beyond it.
  template <typename F>
  void for_each_but_zeros(F f) const {
    for_each([&](double centre, uint64_t elements) {
      const bool at_zero = centre > 0 && centre < width_;
      if (at_zero) elements = bins_[kHalf + 1];
      if (elements > 0) f(centre, static_cast<double>(elements));
    });
  }
  /// Half the distance of two centres: how far an element may be from the centre of its bin.
  double reach() const { return width_ / 2; }

 private:
  static constexpr int kHalf = 2048;  ///< bins on each side of 0
  void widen();

  double width_ = 0;  ///< of a bin; 0: only zeros so far
  std::vector<uint64_t> bins_ = std::vector<uint64_t>(2 * kHalf);
  uint64_t zeros_ = 0;  ///< before the first other element
  float least_ = 0, greatest_ = 0;
  uint64_t count_ = 0;
};

}  // namespace systole::quant
