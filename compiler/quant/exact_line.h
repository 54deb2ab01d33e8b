// SPDX-License-Identifier: Apache-2.0
// Products with a constant and sums with one, between two roundings that the network states: a
// weight, a bias and a scale that give its byte for each of the 256 that may come.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "compiler/graph/qgraph.h"
#include "compiler/quant/quantise.h"

namespace systole::quant {

/// What a channel's byte becomes: clamp(rint(float(weight * stored + bias) * scale) + zero, lo,
/// hi).
struct Line {
  int weight = 1;
  int32_t bias = 0;
  float scale = 1.0f;
  int missed = 0;  ///< bytes that come out otherwise
};

/// The bytes that a channel must give, and how the vector unit rounds.
struct LineTarget {
  std::array<int8_t, 256> expected{};  ///< by stored byte + 128
  int least = -128, greatest = 127;    ///< the stored bytes that may come
  int in_zero = 0, out_zero = 0;
  int clamp_lo = -128, clamp_hi = 127;  ///< `expected` stays within them
  double slope = 1.0, offset = 0.0;     ///< code - out_zero = slope * (stored - in_zero) + offset
};

/// What a product with `factor` and a sum with `shift` in binary32 make of the bytes of `x` from
/// stored.first to stored.second, rounded to `y` and clamped as `post` says.
LineTarget line_target(const Affine& x, std::pair<int, int> stored, float factor, float shift,
                       const Affine& y, const graph::QPost& post);

/// A line through all of `target`, with a weight of at most `most_weight` in magnitude; the one
/// that misses the fewest bytes if there is none. Nothing if the hardware has no scale for the
/// slope.
std::optional<Line> fit_line(const LineTarget& target, int most_weight);

/// As fit_line, of weight 1 and a bias that takes the input's zero point away.
std::optional<Line> fit_scale(const LineTarget& target);

}  // namespace systole::quant
