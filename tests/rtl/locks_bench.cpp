// SPDX-License-Identifier: Apache-2.0
// The port locks: every combination rule on random requests and holds, and the priority by example.
#include <array>
#include <catch2/catch.hpp>

#include "Vsys_locks.h"
#include "tests/rtl/bench.h"

namespace systole {
namespace {

constexpr int kLocks = 10;
enum Requester { kMxu, kVpu, kLda, kSto };

/// One module without clock: give it all inputs, read the grants.
struct Locks {
  VerilatedContext context;
  Vsys_locks dut{&context};
  std::array<uint64_t, 4> want{}, held{};
  unsigned req = 0;

  unsigned acquire() {
    uint64_t all_want = 0, all_held = 0;
    for (int u = 0; u < 4; ++u) {
      all_want |= want[u] << (kLocks * u);
      all_held |= held[u] << (kLocks * u);
    }
    dut.req_i = static_cast<uint8_t>(req);
    dut.want_i = all_want;
    dut.held_i = all_held;
    dut.eval();
    return dut.acquire_o;
  }
};

TEST_CASE("of two units that want one port in one cycle the matrix unit acquires it") {
  Locks locks;
  locks.req = 1u << kMxu | 1u << kSto;
  locks.want[kMxu] = locks.want[kSto] = 1;
  CHECK(locks.acquire() == 1u << kMxu);
}

TEST_CASE("a request that is blocked by a hold does not block one of lower priority") {
  Locks locks;
  locks.req = 1u << kMxu | 1u << kSto;
  locks.want[kMxu] = 0b11;
  locks.want[kSto] = 0b01;
  locks.held[kVpu] = 0b10;
  CHECK(locks.acquire() == 1u << kSto);
}

TEST_CASE("a unit does not block itself, and wanting nothing acquires at once") {
  Locks locks;
  locks.req = 1u << kLda | 1u << kVpu;
  locks.want[kLda] = locks.held[kLda] = 0b100;
  locks.held[kMxu] = 0x3fb;
  CHECK(locks.acquire() == (1u << kLda | 1u << kVpu));
}

TEST_CASE("an acquire needs every port free of other holders and of higher winners") {
  const uint64_t seed = GENERATE(1, 2);
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  Locks locks;
  const auto sparse = [&] { return random() & random() & random() & 0x3ff; };
  for (int i = 0; i < 50000; ++i) {
    locks.req = static_cast<unsigned>(random() & 15);
    for (int u = 0; u < 4; ++u) locks.want[u] = sparse(), locks.held[u] = sparse();
    unsigned expected = 0;
    for (int u = 0; u < 4; ++u) {
      bool free = (locks.req >> u & 1) != 0;
      for (int v = 0; v < 4; ++v) {
        if (v != u && (locks.want[u] & locks.held[v]) != 0) free = false;
        if (v < u && (expected >> v & 1) != 0 && (locks.want[u] & locks.want[v]) != 0) free = false;
      }
      expected |= static_cast<unsigned>(free) << u;
    }
    REQUIRE(locks.acquire() == expected);
  }
}

}  // namespace
}  // namespace systole
