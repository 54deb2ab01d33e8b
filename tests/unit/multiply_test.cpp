// SPDX-License-Identifier: Apache-2.0
// Products of matrices of the bit-exact executor: every kernel that this processor runs gives the
// sums modulo 2^32, whatever the sizes.
#include <catch2/catch.hpp>
#include <random>

#include "compiler/exec/kernels.h"

namespace systole {
namespace {

constexpr int64_t kLanes = exec::LaneMatrix::kLanes;

std::vector<int8_t> random_bytes(int64_t count, std::mt19937& rng) {
  std::vector<int8_t> bytes(static_cast<size_t>(count));
  for (int8_t& byte : bytes) byte = static_cast<int8_t>(static_cast<int>(rng() % 256) - 128);
  return bytes;
}

struct Matrices {
  Matrices(int64_t rows, int64_t channels, int64_t terms, std::mt19937& rng)
      : values(random_bytes(rows * terms, rng)),
        weights(random_bytes(channels * terms, rng)),
        windows(rows, terms),
        lanes(weights.data(), channels, terms) {
    for (int64_t r = 0; r < rows; ++r) {
      exec::widen(values.data() + r * terms, terms, windows.row(r));
      if (terms % 2 != 0) windows.row(r)[terms] = 12345;  // what stands behind counts for nothing
    }
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t c = 0; c < channels; ++c) {
        uint32_t sum = 0;
        for (int64_t k = 0; k < terms; ++k)
          sum += static_cast<uint32_t>(values[static_cast<size_t>(r * terms + k)] *
                                       weights[static_cast<size_t>(c * terms + k)]);
        expected.push_back(static_cast<int32_t>(sum));
      }
    }
  }

  std::vector<int8_t> values, weights;
  exec::WideMatrix windows;
  exec::LaneMatrix lanes;
  std::vector<int32_t> expected;
};

}  // namespace

TEST_CASE("products are exact for any number of rows, channels and terms") {
  std::mt19937 rng(7);
  for (const int64_t rows : {1, 2, 3, 4, 5, 7, 8, 9, 13, 64, 65, 131}) {
    for (const int64_t channels : {1, 6, 15, 16, 17, 40}) {
      for (const int64_t terms : {1, 2, 9, 25, 32, 147}) {
        const Matrices m(rows, channels, terms, rng);
        std::vector<int32_t> sums(m.expected.size() + 1, 77);
        exec::multiply(m.windows, rows, m.lanes, sums.data());
        INFO(rows << " rows, " << channels << " channels, " << terms << " terms");
        CHECK(sums.back() == 77);
        sums.pop_back();
        CHECK(sums == m.expected);
      }
    }
  }
}

TEST_CASE("all kernels of this processor give the same sums") {
  std::mt19937 rng(8);
  const auto kernels = exec::multiply_kernels();
  for (size_t k = 0; k < kernels.size(); ++k) {
    for (const int64_t rows : {1, 4, 8, 15}) {
      const Matrices m(rows, kLanes, 75, rng);
      std::vector<int32_t> sums(m.expected.size());
      kernels[k](m.windows.row(0), rows, m.lanes.block(0), m.lanes.terms(), kLanes, sums.data());
      INFO("kernel " << k << ", " << rows << " rows");
      CHECK(sums == m.expected);
    }
  }
}

TEST_CASE("sums wrap around") {
  constexpr int64_t kTerms = 200'000;  // of -128 * -128
  exec::WideMatrix windows(1, kTerms);
  const std::vector<int8_t> least(static_cast<size_t>(kTerms), -128);
  exec::widen(least.data(), kTerms, windows.row(0));
  const exec::LaneMatrix lanes(least.data(), 1, kTerms);
  int32_t sum = 0;
  exec::multiply(windows, 1, lanes, &sum);
  CHECK(sum == static_cast<int32_t>(static_cast<uint32_t>(kTerms) * 16384u));
}

}  // namespace systole
