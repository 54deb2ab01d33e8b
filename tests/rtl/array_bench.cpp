// SPDX-License-Identifier: Apache-2.0
// The systolic array against a plain matrix product, in the cycles of docs/timing.md, with tiles
// back to back.
#include <catch2/catch.hpp>
#include <map>

#include "Vsys_mxu_array_ROWS16_COLS16.h"
#include "Vsys_mxu_array_ROWS1_COLS1.h"
#include "Vsys_mxu_array_ROWS3_COLS7.h"
#include "Vsys_mxu_array_ROWS5_COLS3.h"
#include "tests/rtl/bench.h"

namespace systole {
namespace {

template <class D, int kRows, int kCols>
struct Config {
  using Dut = D;
  static constexpr int rows = kRows, cols = kCols;
};

using Bytes = std::vector<int8_t>;

}  // namespace

TEMPLATE_TEST_CASE("rows of tiles back to back leave the array aligned and in time", "",
                   (Config<Vsys_mxu_array_ROWS1_COLS1, 1, 1>),
                   (Config<Vsys_mxu_array_ROWS5_COLS3, 5, 3>),
                   (Config<Vsys_mxu_array_ROWS3_COLS7, 3, 7>),
                   (Config<Vsys_mxu_array_ROWS16_COLS16, 16, 16>)) {
  constexpr int rows = TestType::rows, cols = TestType::cols;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    bench::Bench<typename TestType::Dut> b(seed);
    // What is on the ports in which cycle.
    std::map<uint64_t, std::pair<int, Bytes>> weights;
    std::map<uint64_t, Bytes> activations;
    std::map<uint64_t, std::vector<int32_t>> sums;
    uint64_t T = b.cycle + 2;
    for (int tile = 0; tile < 30; ++tile) {
      const int m_rows = static_cast<int>(b.pick(0, 2) == 0 ? 1 : b.pick(1, 2 * rows + 2));
      const int lanes = static_cast<int>(b.pick(1, rows));
      const Bytes w = b.random_bytes(static_cast<size_t>(lanes * cols));
      for (int r = 0; r < lanes; ++r)
        weights[T + static_cast<uint64_t>(r) + 1] = {
            r, Bytes(w.begin() + r * cols, w.begin() + (r + 1) * cols)};
      for (int m = 0; m < m_rows; ++m) {
        Bytes a = b.random_bytes(static_cast<size_t>(rows));
        std::fill(a.begin() + lanes, a.end(), int8_t{0});  // as the edge forces them
        std::vector<int32_t> sum(static_cast<size_t>(cols), 0);
        for (int r = 0; r < lanes; ++r)
          for (int c = 0; c < cols; ++c)
            sum[static_cast<size_t>(c)] +=
                a[static_cast<size_t>(r)] * w[static_cast<size_t>(r * cols + c)];
        activations[T + static_cast<uint64_t>(m) + 2] = a;
        // PE(r, c) multiplies in T + m + 2 + r + c; all columns stand aligned in T + m + 1 + ROWS +
        // COLS.
        sums[T + static_cast<uint64_t>(m + 1 + rows + cols)] = sum;
      }
      T += static_cast<uint64_t>(std::max(m_rows, lanes));
      if (b.pick(0, 3) == 0)
        T += static_cast<uint64_t>(b.pick(1, 3 * (rows + cols)));  // the array may fall idle
    }
    const uint64_t transit = static_cast<uint64_t>(rows + cols - 1);  // from the edge to the sums
    while (b.cycle <= sums.rbegin()->first) {
      const uint64_t t = b.cycle;
      b->weight_valid_i = weights.count(t);
      b->weight_row_i = weights.count(t) ? static_cast<uint8_t>(weights[t].first) : 0;
      bench::poke_values(b->weight_i, weights.count(t) ? weights[t].second : b.random_bytes(cols));
      bench::poke_values(b->act_i, activations.count(t) ? activations[t] : b.random_bytes(rows));
      // Enabled while a row is between the edge and its sums.
      const auto row = activations.upper_bound(t);
      b->en_i = row != activations.begin() && std::prev(row)->first + transit > t;
      b.settle();
      if (sums.count(t)) {
        CAPTURE(t);
        REQUIRE(bench::peek<int32_t>(b->sum_o, static_cast<size_t>(cols)) == sums[t]);
      }
      b.tick();
    }
  }
}

}  // namespace systole
