// SPDX-License-Identifier: Apache-2.0
// The semaphores: random giving and taking against plain counters.
#include <array>
#include <catch2/catch.hpp>

#include "Vsys_sem.h"
#include "tests/rtl/bench.h"

namespace systole {
namespace {

TEST_CASE("a semaphore counts what is given and taken, visible the cycle after") {
  const uint64_t seed = GENERATE(1, 2, 3);
  INFO("seed " << seed);
  bench::Bench<Vsys_sem> b(seed);
  std::array<std::array<uint16_t, 6>, 6> tokens{};  // [producer][consumer]
  for (int cycle = 0; cycle < 20000; ++cycle) {
    uint64_t give = 0, take = 0, ready = 0;
    // Long stretches of mostly giving and mostly taking reach deep counts and zero.
    const int bias = (cycle / 500) % 2 == 0 ? 70 : 30;
    for (int p = 1; p < 6; ++p) {
      for (int c = 1; c < 6; ++c) {
        if (p == c) continue;
        if (tokens[p][c] != 0) ready |= uint64_t{1} << (6 * c + p);
        const bool gives = b.pick(0, 99) < bias;
        const bool takes = tokens[p][c] != 0 && b.pick(0, 99) >= bias;
        if (gives) give |= uint64_t{1} << (6 * p + c);
        if (takes) take |= uint64_t{1} << (6 * c + p);
        tokens[p][c] = static_cast<uint16_t>(tokens[p][c] + gives - takes);
      }
    }
    b->give_i = give;
    b->take_i = take;
    b.settle();
    REQUIRE(b->ready_o == ready);
    b.tick();
  }
}

}  // namespace
}  // namespace systole
