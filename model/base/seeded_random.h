// SPDX-License-Identifier: Apache-2.0
// A small seeded random number generator that gives the same numbers on every platform.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <iterator>

namespace systole {

/// SplitMix64 (Steele, Lea, Flood 2014). The standard library's distributions differ between
/// vendors.
class SeededRandom {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}

  uint64_t next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  /// Uniform in [0, n); 0 if n <= 1.
  int64_t below(int64_t n) {
    return n <= 1 ? 0 : static_cast<int64_t>(next() % static_cast<uint64_t>(n));
  }
  /// Uniform in [lo, hi].
  int64_t range(int64_t lo, int64_t hi) { return lo + below(hi - lo + 1); }
  /// True in `percent` of 100 calls.
  bool chance(int percent) { return below(100) < percent; }
  /// One of the listed values.
  int64_t pick(std::initializer_list<int64_t> values) {
    return *std::next(values.begin(), below(static_cast<int64_t>(values.size())));
  }

 private:
  uint64_t state_;
};

}  // namespace systole
