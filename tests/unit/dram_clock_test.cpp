// SPDX-License-Identifier: Apache-2.0
// Clocks of DRAMs and times in JEDEC's words.
#include "model/arch/dram_clock.h"

#include <catch2/catch.hpp>
#include <string>

namespace systole {
namespace {

TEST_CASE("clocks that are no whole picoseconds are rounded up once, behind the sum") {
  const auto ddr3 = arch::DramClock::parse("3200/3");  // 937.5 ps
  REQUIRE(ddr3);
  CHECK(ddr3->clocks(1) == 938);
  CHECK(ddr3->clocks(14) == 13'125);
  const auto ddr4 = arch::DramClock::parse("1200");  // 833 1/3 ps
  REQUIRE(ddr4);
  CHECK(ddr4->clocks(3) == 2'500);
  CHECK(ddr4->clocks(17) == 14'167);  // 14,166 2/3
}

TEST_CASE("a time in nanoseconds takes whole clocks, one in picoseconds stands as it is") {
  const auto clock = arch::DramClock::parse("1200");
  REQUIRE(clock);
  CHECK(clock->picoseconds("17 nCK") == 14'167);
  CHECK(clock->picoseconds("5 ns") == 5'000);        // 6 clocks exactly
  CHECK(clock->picoseconds("7.5 ns") == 7'500);      // 9
  CHECK(clock->picoseconds("15.001 ns") == 15'834);  // 19 clocks are 15,833 1/3 ps
  CHECK(clock->picoseconds("260001 ps") == 260'001);
  CHECK(clock->picoseconds("0 ps") == 0);
  CHECK(clock->picoseconds("max(5 nCK, 5 ns)") == 5'000);
  CHECK(clock->picoseconds("max(4 nCK, 3.3 ns)") == 3'334);  // 4 clocks are longer
  CHECK(clock->picoseconds("max(12 ns,4 nCK)") == 12'500);   // 15 clocks
  CHECK(clock->picoseconds("3 nCK + 1600 ps+ max(1 nCK, 1 ns)") == 2'500 + 1'600 + 1'667);
}

TEST_CASE("a time meets the first clock edge that is not before it") {
  const auto ddr4 = arch::DramClock::parse("1200");
  REQUIRE(ddr4);
  CHECK(ddr4->edge_from(0) == 0);
  CHECK(ddr4->edge_from(1) == 1);
  CHECK(ddr4->edge_from(833) == 1);  // 833 1/3
  CHECK(ddr4->edge_from(834) == 2);
  CHECK(ddr4->edge_from(2'500) == 3);
  CHECK(ddr4->edge_from(2'501) == 4);
  // An hour of 10 GHz: 36 * 10^12 edges, and their product with MHz beyond 64 bits.
  const auto fast = arch::DramClock::parse("1000000/100");
  REQUIRE(fast);
  CHECK(fast->edge_from(3'600'000'000'000'000) == 36'000'000'000'000);
  CHECK(arch::DramClock::parse("3200/3")->mhz() == Approx(1066.667));
  CHECK(arch::ddr_preset_clock("ddr3-2133").edge_from(1'875) == 2);  // 937 1/2 ps
}

TEST_CASE("what is no time or no clock is none") {
  const auto clock = arch::DramClock::parse("1200");
  REQUIRE(clock);
  for (const char* text :
       {"", "17", "nCK", "17 clk", "1.5 nCK", "1.5 ps", "1. ns", ".5 ns", "1.2345 ns", "-1 ns",
        "1 ns +", "+ 1 ns", "1 ns 2 ns", "max(1 ns)", "max(1 ns, 2 ns", "max(1 ns, 2 ns, 3 ns)",
        "max(max(1 ns, 2 ns), 3 ns)", "1e3 ps", "9999999999 ps"}) {
    CAPTURE(text);
    CHECK_FALSE(clock->picoseconds(text));
  }
  for (const char* text : {"", "0", "fast", "1200.5", "1200/", "1200/0", "1/3", "10001", "-1",
                           "1200 MHz", "30001/3", "5000/101"}) {
    CAPTURE(text);
    CHECK_FALSE(arch::DramClock::parse(text));
  }
  CHECK(arch::DramClock::parse("30000/3"));
  CHECK(arch::DramClock::parse("1"));
}

}  // namespace
}  // namespace systole
