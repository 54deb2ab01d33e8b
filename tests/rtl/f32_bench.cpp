// SPDX-License-Identifier: Apache-2.0
// The float cells against the host's binary32, bit for bit: corners, then millions of random
// values.
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>

#include "Vf32_cells.h"
#include "model/isa/rounding.h"
#include "tests/rtl/bench.h"

namespace systole {
namespace {

uint32_t bits(float f) { return std::bit_cast<uint32_t>(f); }
float number(uint32_t b) { return std::bit_cast<float>(b); }

/// A float of either sign whose exponent is in [lo, hi], with ties and edges more often than chance
/// gives.
float random_float(std::mt19937_64& random, int lo, int hi) {
  const uint64_t r = random();
  const int exponent = lo + static_cast<int>((r >> 32) % static_cast<uint64_t>(hi - lo + 1));
  uint32_t fraction = r & 0x7fffff;
  switch ((r >> 24) & 7) {
    case 0:
      fraction = 0;
      break;
    case 1:
      fraction = 0x7fffff;
      break;
    case 2:
      fraction &= 0x7ff000;
      break;  // few bits: exact results and ties
    case 3:
      fraction &= 0x780000;
      break;
    default:
      break;
  }
  return number(static_cast<uint32_t>(r >> 63) << 31 | static_cast<uint32_t>(exponent + 127) << 23 |
                fraction);
}

}  // namespace

TEST_CASE("converting an integer to binary32 rounds half to even") {
  bench::Bench<Vf32_cells> b(1);
  b->en_i = 1;
  const auto check = [&](int32_t x) {
    b->x_i = static_cast<uint32_t>(x);
    b.tick();
    if (b->from_int_o != bits(static_cast<float>(x))) {
      INFO("x = " << x);
      REQUIRE(b->from_int_o == bits(static_cast<float>(x)));
    }
  };
  for (int32_t x : {0, 1, -1, INT32_MAX, INT32_MIN, 16777217, -16777217, 16777219, 33554434 + 1})
    check(x);
  for (int shift = 0; shift < 32; ++shift)
    for (int32_t d = -2; d <= 2; ++d)
      check(static_cast<int32_t>((1u << shift) + static_cast<uint32_t>(d)));
  for (int i = 0; i < 1000000; ++i) check(static_cast<int32_t>(b.random()) >> (b.random() % 32));
}

TEST_CASE("the product of two binary32 numbers is the host's") {
  bench::Bench<Vf32_cells> b(2);
  b->en_i = 1;
  const auto check = [&](float x, float y) {
    b->a_i = bits(x);
    b->b_i = bits(y);
    b.tick();
    if (b->mul_o != bits(x * y)) {
      INFO(std::hexfloat << x << " * " << y);
      REQUIRE(b->mul_o == bits(x * y));
    }
  };
  for (float zero : {0.0f, -0.0f}) check(zero, 0x1p-64f), check(3.0f, zero), check(-3.0f, zero);
  // Integers of 1..2^31 times scales of [2^-64, 2^64), as the vector unit multiplies them, and
  // beyond.
  check(-0x1p31f, 0x1.fffffep63f);
  check(1.0f, 0x1p-64f);
  for (int i = 0; i < 2000000; ++i)
    check(random_float(b.random, -40, 31), random_float(b.random, -64, 63));
}

TEST_CASE("a product beyond the normal numbers is zero or infinite") {
  bench::Bench<Vf32_cells> b(7);
  b->en_i = 1;
  // Two scaled values of the vector unit: exponents of -64..95 and -64..71, and products around
  // both limits.
  int zeros = 0, infinities = 0;
  for (int i = 0; i < 2000000; ++i) {
    const float x = random_float(b.random, i % 2 == 0 ? -64 : 55, i % 2 == 0 ? -60 : 95);
    const float y = random_float(b.random, i % 2 == 0 ? -66 : 60, i % 2 == 0 ? -58 : 71);
    b->a_i = bits(x);
    b->b_i = bits(y);
    b.tick();
    const float product = x * y;
    INFO(std::hexfloat << x << " * " << y);
    if (std::fabs(product) < 0x1p-126f) {
      ++zeros;
      REQUIRE((b->mul_o & 0x7fffffff) == 0);
    } else if (std::fabs(product) == 0x1p-126f) {
      // The host may have rounded to it from a subnormal.
      REQUIRE(((b->mul_o & 0x7fffffff) == 0 || b->mul_o == bits(product)));
    } else {
      infinities += std::isinf(product);
      REQUIRE(b->mul_o == bits(product));
    }
  }
  CHECK(zeros > 1000);
  CHECK(infinities > 1000);
}

TEST_CASE("an integer of nine bits times a scale is the host's product") {
  bench::Bench<Vf32_cells> b(3);
  b->en_i = 1;
  for (int i = 0; i < 4000; ++i) {
    const float scale = std::fabs(random_float(b.random, -64, 63));
    b->b_i = bits(scale);
    for (int k = -255; k <= 255; ++k) {
      b->k_i = static_cast<uint32_t>(k) & 0x1ff;
      b.tick();
      if (b->mul_int_o != bits(static_cast<float>(k) * scale)) {
        INFO(k << " * " << std::hexfloat << scale);
        REQUIRE(b->mul_int_o == bits(static_cast<float>(k) * scale));
      }
    }
  }
}

TEST_CASE("the sum of two binary32 numbers is the host's") {
  bench::Bench<Vf32_cells> b(4);
  b->en_i = 1;
  const auto check = [&](float x, float y) {
    b->a_i = bits(x);
    b->b_i = bits(y);
    b.tick();
    // The unit has no negative zero among its operands; the cell makes none.
    const float sum = x + y == 0.0f ? 0.0f : x + y;
    if (b->add_o != bits(sum)) {
      INFO(std::hexfloat << x << " + " << y);
      REQUIRE(b->add_o == bits(sum));
    }
  };
  check(0.0f, 0.0f), check(0.0f, -1.5f), check(1.5f, 0.0f), check(1.5f, -1.5f);
  check(0x1p95f, 0x1p-64f), check(0x1p95f, -0x1p-64f), check(0x1p-64f, -0x1.000002p-64f);
  for (int i = 0; i < 3000000; ++i) {
    const float x = random_float(b.random, -64, 95);
    // Mostly operands that meet: the same exponent or up to 30 places apart.
    const int e = std::ilogb(x);
    const float y = i % 4 == 0 ? random_float(b.random, -64, 95)
                               : random_float(b.random, std::max(-64, e - 30), std::min(95, e + 2));
    check(x, y);
  }
}

TEST_CASE("rounding adds the zero point and saturates as the model does") {
  bench::Bench<Vf32_cells> b(5);
  b->en_i = 1;
  const auto check = [&](float f, int zero, int lo, int hi) {
    b->a_i = bits(f);
    b->zero_i = static_cast<uint8_t>(zero);
    b->lo_i = static_cast<uint8_t>(lo);
    b->hi_i = static_cast<uint8_t>(hi);
    b.tick();
    const int8_t expected = isa::round_clamp(f, zero, lo, hi);
    if (static_cast<int8_t>(b->round_o) != expected) {
      INFO(std::hexfloat << f << std::dec << " zero " << zero << " in " << lo << ".." << hi);
      REQUIRE(int{static_cast<int8_t>(b->round_o)} == int{expected});
    }
  };
  // Every half and its neighbours between -600 and 600: 1200 * 2 * 3 cases at three zero points.
  for (int twice = -1200; twice <= 1200; ++twice)
    for (int zero : {-128, 0, 127})
      for (float toward : {-1e9f, 0.0f, 1e9f}) {
        const float f = static_cast<float>(twice) / 2;
        check(toward == 0.0f ? f : std::nextafter(f, toward), zero, -128, 127);
      }
  for (int i = 0; i < 2000000; ++i) {
    const int lo = static_cast<int>(b.pick(-128, 127));
    const int hi = static_cast<int>(b.pick(lo, 127));
    const int zero = static_cast<int>(b.pick(-128, 127));
    check(random_float(b.random, i % 4 == 0 ? -64 : -3, i % 4 == 0 ? 96 : 10), zero, lo, hi);
  }
}

TEST_CASE("a float cell holds its result while it is not enabled") {
  bench::Bench<Vf32_cells> b(6);
  b->en_i = 1;
  b->a_i = bits(3.0f);
  b->b_i = bits(4.0f);
  b.tick();
  b->en_i = 0;
  b->a_i = bits(5.0f);
  b.tick();
  REQUIRE(b->mul_o == bits(12.0f));
  REQUIRE(b->add_o == bits(7.0f));
}

}  // namespace systole
