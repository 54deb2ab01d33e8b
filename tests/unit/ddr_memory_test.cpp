// SPDX-License-Identifier: Apache-2.0
// The memory `ddr` as a core sees it: addresses, exact cycles of bursts, the contract of the
// answer, its bandwidth.
#include "model/memory/ddr_memory.h"

#include <catch2/catch.hpp>
#include <random>

#include "model/base/error.h"
#include "model/memory/memory_traffic.h"

namespace systole {
namespace {

constexpr double kGigahertz = 1000;  // MHz: a cycle is a nanosecond

TEST_CASE("an address is cut into fields as the mapping says") {
  arch::DdrConfig c = arch::ddr_preset("ddr4-2400");  // 4 groups of 4 banks, 128 accesses a row
  c.channels = 2;
  // Bits from below: 6 in the access, 1 channel, 2 group, 7 column, 2 bank, row.
  const memory::DdrAddressMap usual(c);
  CHECK(usual.place(63) == memory::DdrPlace{});
  CHECK(usual.place(64).channel == 1);
  CHECK(usual.place(128) == memory::DdrPlace{0, 1, 0, 0, 0});
  CHECK(usual.place(512) == memory::DdrPlace{0, 0, 0, 0, 1});
  CHECK(usual.place(1 << 16) == memory::DdrPlace{0, 0, 1, 0, 0});
  CHECK(usual.place(5 << 18) == memory::DdrPlace{0, 0, 0, 5, 0});
  c.mapping = "ChRoBaBgCo";
  const memory::DdrAddressMap rows(c);
  CHECK(rows.place(64) == memory::DdrPlace{0, 0, 0, 0, 1});
  CHECK(rows.place(8192) == memory::DdrPlace{0, 1, 0, 0, 0});
  CHECK(rows.place(uint64_t{8} << 30).channel == 1);
}

TEST_CASE("an address beyond the DRAM wraps") {
  const arch::DdrConfig c = arch::ddr_preset("lpddr4-3200");
  const memory::DdrAddressMap map(c);
  CHECK(map.place(static_cast<uint64_t>(c.bytes()) + 4096) == map.place(4096));
}

TEST_CASE("a mapping must name every field once") {
  for (const char* text : {"RoBaCoBg", "RoBaCoBgBg", "RoBaCoBgXx", "robacobgch", ""})
    CHECK_THROWS_AS(arch::parse_ddr_mapping(text), Error);
  CHECK_NOTHROW(arch::parse_ddr_mapping("ChRoBaBgCo"));
}

TEST_CASE("the first read takes controller, tRCD, tCL and the data's time") {
  memory::DdrMemory memory(arch::ddr_preset("ddr4-2400"), kGigahertz, 64);
  const memory::BurstTiming t = memory.schedule({0, 0, 1, false});
  // 20,000 + 14,167 + 14,167 + 3,334 = 51,668 ps: the beat may cross in cycle 52.
  CHECK(t.accept == 0);
  CHECK(t.first == 52);
  CHECK(t.last == 52);
  CHECK(memory.stats().row_misses == 1);
  // The row is open now: 20,000 + 14,167 + 3,334 = 37,501 ps after cycle 100.
  CHECK(memory.schedule({100, 64 * 4, 1, false}).first == 138);
  CHECK(memory.stats().row_hits == 1);
}

TEST_CASE("a burst starts so that its last beat need not wait") {
  memory::DdrMemory memory(arch::ddr_preset("ddr4-2400"), kGigahertz, 64);
  const memory::BurstTiming t = memory.schedule({0, 0, 8, false});
  // Rows of four groups are opened at 20,000 + i*3,334; columns follow at 34,167 + i*3,334 for i =
  // 0..7 (tCCD_S; tCCD_L, 5,000, is less than the 13,336 between two of a group). The last data end
  // at 34,167 + 7*3,334 + 14,167 + 3,334 = 75,006 ps, cycle 76; seven beats before it the first
  // crosses.
  CHECK(t.last == 76);
  CHECK(t.first == 69);
}

TEST_CASE("beats of a slow DRAM cross together once all of them are sure to be there") {
  memory::DdrMemory memory(arch::ddr_preset("lpddr4-3200"), kGigahertz,
                           4);  // 4 bytes a beat, 32 an access
  const memory::BurstTiming t = memory.schedule({0, 0, 8, false});
  // 20,000 + tRCD 18,125 + tCL 21,250 + 5,000 = 64,375 ps: all eight beats are in the one access.
  CHECK(t.first == 65);
  CHECK(t.last == 72);
}

TEST_CASE("cycles follow the core clock") {
  memory::DdrMemory memory(arch::ddr_preset("ddr4-2400"), 700, 64);
  // A cycle is 1,428.57 ps: 51,668 / 1,428.57 = 36.2.
  CHECK(memory.schedule({0, 0, 1, false}).first == 37);
}

TEST_CASE("writes are taken while the write buffer has room, then as fast as the DRAM writes") {
  arch::DdrConfig c = arch::ddr_preset("ddr4-2400");
  c.write_bursts = 2;
  memory::DdrMemory memory(c, kGigahertz, 64);
  const memory::BurstTiming first = memory.schedule({0, 0, 1, true});
  CHECK(first.first == 1);
  CHECK(memory.schedule({1, 64, 1, true}).first == 2);
  // The first write's column could come at 34,167; its data are there at 2,000 + 20,000, so they
  // are on the bus at 34,167 + tCWL 10,000 and through at 47,501 ps: room in cycle 48.
  CHECK(memory.schedule({2, 128, 1, true}).first == 48);
}

TEST_CASE("answers keep the contract with any preset, clock and bus") {
  for (const std::string& name : arch::ddr_preset_names()) {
    for (const auto& [mhz, bus] :
         {std::pair{1000.0, 64}, std::pair{333.0, 4}, std::pair{1700.0, 32}}) {
      CAPTURE(name, mhz, bus);
      memory::DdrMemory memory(arch::ddr_preset(name), mhz, bus),
          twin(arch::ddr_preset(name), mhz, bus);
      std::mt19937_64 random(7);
      Cycle cycle = 0, last[2] = {0, 0};
      for (int i = 0; i < 3000; ++i) {
        memory::BurstRequest request{cycle, 0, 1 + static_cast<int>(random() % 16),
                                     random() % 3 == 0};
        request.addr = random() % 4096 * 4096 + random() % 16 * static_cast<uint64_t>(bus);
        const memory::BurstTiming t = memory.schedule(request), again = twin.schedule(request);
        REQUIRE(t.accept >= cycle);
        REQUIRE(t.first > t.accept);
        REQUIRE(t.first > last[request.write]);
        REQUIRE(t.last - t.first >= static_cast<Cycle>(request.beats - 1));
        REQUIRE(again.last == t.last);
        last[request.write] = t.last;
        cycle += random() % 40 + (random() % 200 == 0 ? 10'000 : 0);
      }
      CHECK(memory.stats() == twin.stats());
      CHECK(memory.stats().refreshes > 0);
    }
  }
}

TEST_CASE("every preset delivers what theory says, and never more than its peak") {
  for (const std::string& name : arch::ddr_preset_names()) {
    for (const memory::TrafficPattern pattern : memory::kTrafficPatterns) {
      CAPTURE(name, memory::traffic_name(pattern));
      const arch::DdrConfig config = arch::ddr_preset(name);
      const memory::TrafficResult result = memory::run_traffic(config, pattern);
      CHECK(result.gb_per_s < config.peak_bytes_per_ns());
      CHECK(result.gb_per_s > 0.98 * result.at_least);
      CHECK(result.gb_per_s < 1.02 * result.at_most);
    }
  }
}

}  // namespace
}  // namespace systole
