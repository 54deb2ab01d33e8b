// SPDX-License-Identifier: Apache-2.0
// Sums and products with constants between two roundings: every byte as the network defines it.
#include "compiler/quant/exact_line.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "model/isa/rounding.h"

namespace systole {
namespace {

/// rint(((stored - in_zero) * x_scale * factor + shift) / y_scale) + out_zero in binary32.
quant::LineTarget make_target(float x_scale, int in_zero, float factor, float shift, float y_scale,
                              int out_zero) {
  quant::LineTarget target;
  target.in_zero = in_zero;
  target.out_zero = out_zero;
  target.slope = double{x_scale} * factor / y_scale;
  target.offset = double{shift} / y_scale;
  for (int stored = -128; stored <= 127; ++stored) {
    const float real = static_cast<float>(stored - in_zero) * x_scale * factor + shift;
    target.expected[static_cast<size_t>(stored + 128)] =
        isa::round_clamp(real / y_scale, out_zero, -128, 127);
  }
  return target;
}

/// Bytes that the vector unit gives otherwise than `target` says.
int missed(const quant::LineTarget& target, const quant::Line& line) {
  isa::VectorSet set;
  set.out_zero = static_cast<int8_t>(target.out_zero);
  set.clamp_lo = -128;
  set.clamp_hi = 127;
  int result = 0;
  for (int stored = -128; stored <= 127; ++stored)
    result += isa::requantise(line.weight * stored, line.bias, line.scale, nullptr, set) !=
              target.expected[static_cast<size_t>(stored + 128)];
  return result;
}

}  // namespace

TEST_CASE("a constant added between two roundings gives every byte") {
  std::mt19937 rng(1);
  std::uniform_real_distribution<float> scale(0.01f, 0.05f), shift(-1.0f, 1.0f);
  int bytes = 0, coarse = 0;
  for (int i = 0; i < 2000; ++i) {
    const int in_zero = static_cast<int>(rng() % 256) - 128;
    const int out_zero = static_cast<int>(rng() % 256) - 128;
    const float x = scale(rng), y = scale(rng), b = shift(rng);
    const quant::LineTarget target = make_target(x, in_zero, 1.0f, b, y, out_zero);
    const auto line = quant::fit_line(target, 127);
    REQUIRE(line);
    bytes += missed(target, *line);
    // A bias in steps of a 127th of the input's alone moves bytes: the search is not idle.
    const float step = x / 127 / y;
    const auto bias = static_cast<int32_t>(std::lround(b / y / step)) - 127 * in_zero;
    coarse += missed(target, {127, bias, step});
  }
  CHECK(bytes == 0);
  CHECK(coarse > 500);
}

TEST_CASE("a factor between two roundings gives every byte, a negative one too") {
  std::mt19937 rng(2);
  std::uniform_real_distribution<float> scale(0.01f, 0.05f), factor(-2.0f, 2.0f);
  int with_shift = 0;
  for (int i = 0; i < 2000; ++i) {
    const float x = scale(rng), f = factor(rng), y = scale(rng);
    const quant::LineTarget shifted = make_target(x, 7, f, 0.25f, y, -9);
    const quant::Line both = quant::fit_line(shifted, 127).value();
    CHECK(missed(shifted, both) == both.missed);
    with_shift += both.missed;
    const quant::LineTarget scaled = make_target(x, 7, f, 0.0f, y, -9);
    const quant::Line line = quant::fit_line(scaled, 127).value();
    CHECK(line.missed == 0);
    CHECK(missed(scaled, line) == 0);
    if (f <= 0) continue;
    CHECK(missed(scaled, quant::fit_scale(scaled).value()) == 0);
  }
  CHECK(with_shift == 3);  // of 512,000: no weight, bias and scale are near enough to two ties
}

TEST_CASE("a factor of 0 leaves the constant") {
  const quant::LineTarget target = make_target(0.1f, 3, 0.0f, 2.0f, 0.5f, 10);
  const auto line = quant::fit_line(target, 127);
  REQUIRE(line);
  CHECK(line->weight == 0);
  CHECK(missed(target, *line) == 0);  // 2 / 0.5 + 10 = 14
}

TEST_CASE("narrow weights still fit what they can, and no scale is one beyond the hardware's") {
  const quant::LineTarget target = make_target(0.02f, 0, 1.0f, 0.5f, 0.02f, 0);  // 25 steps up
  const auto line = quant::fit_line(target, 1);
  REQUIRE(line);
  CHECK(line->weight == 1);
  CHECK(line->bias == 25);
  CHECK(missed(target, *line) == 0);
  CHECK_FALSE(quant::fit_scale(make_target(1.0f, 0, 0x1p-70f, 0.0f, 1.0f, 0)));
}

}  // namespace systole
