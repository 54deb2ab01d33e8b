// SPDX-License-Identifier: Apache-2.0
// Clocks that are derived from the parameters of an architecture, and where the result of one says
// so.
#include "model/arch/clock.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "model/base/error.h"
#include "sim/report/clock.h"
#include "sim/report/table.h"
#include "sim/results/store.h"
#include "sim/results/stored_configuration.h"
#include "sim/sweep/identity.h"
#include "sim/sweep/machines.h"
#include "sim/sweep/stored_point.h"

namespace systole {
namespace {

using Set = std::vector<std::string>;

TEST_CASE("a derived clock is that of the longest path") {
  const isa::HwParams hw;
  const arch::DerivedClock clock = arch::derive_clock(hw, 45);
  // The checker: 76 levels and 4 of a flip-flop, 22.5 ps each.
  CHECK(clock.paths.front().name == "instruction checker");
  CHECK(clock.paths.front().ps == Approx(80 * 22.5));
  CHECK(clock.mhz == Approx(1e6 / 1800));
  CHECK(arch::derive_clock(hw, 7).mhz == Approx(1e6 / (80 * 5)));
  for (size_t i = 1; i < clock.paths.size(); ++i) CHECK(clock.paths[i].ps <= clock.paths[i - 1].ps);
}

TEST_CASE("a large memory is slower than any logic") {
  isa::HwParams hw;
  hw.ub_kib = 24 * 1024;
  const arch::DerivedClock clock = arch::derive_clock(hw, 45);
  CHECK(clock.paths.front().name == "unified buffer");
  // A bank of 6 MiB, 48 times the published one; 2 choices of a bank, 6 levels of edge, 4 of a
  // flip-flop.
  CHECK(clock.paths.front().ps == Approx((51 * std::sqrt(48.0) + 2 * 2 + 6 + 4) * 22.5));
  hw.ub_banks = 16;
  CHECK(arch::derive_clock(hw, 45).mhz > clock.mhz);
}

TEST_CASE("options and sizes lengthen the paths that they stand in") {
  const auto path = [](const isa::HwParams& hw, const std::string& name) {
    for (const arch::TimingPath& one : arch::derive_clock(hw, 45).paths)
      if (one.name == name) return one.ps;
    throw Error("no path " + name);
  };
  const isa::HwParams plain;
  isa::HwParams hw = plain;
  hw.structured = 1;
  CHECK(path(hw, "processing element") > path(plain, "processing element"));
  hw = plain;
  hw.act_bits = 4;
  CHECK(path(hw, "processing element") > path(plain, "processing element"));
  hw = plain;
  hw.rows = hw.cols = 128;
  CHECK(path(hw, "enable of the array") > path(plain, "enable of the array"));
  hw = plain;
  hw.outstanding = 64;
  CHECK(path(hw, "burst slots") > path(plain, "burst slots"));
  hw = plain;
  hw.acc_rows = 65536;
  CHECK(path(hw, "accumulators") > path(plain, "accumulators"));
}

TEST_CASE("clock_mhz auto is the derived clock, also where parameters and bandwidth are set") {
  const arch::ArchConfig given = arch::load_arch("edge-16x16");
  const arch::ArchConfig derived =
      arch::load_arch("edge-16x16", Set{"clock_mhz=auto", "ub.kib=24576"});
  CHECK(derived.clock_mhz == arch::derive_clock(derived.hw, 45).mhz);
  CHECK(derived.clock_node_nm == 45);
  CHECK(given.clock_node_nm == 0);
  CHECK(derived.clock_mhz < arch::load_arch("edge-16x16", Set{"clock_mhz=auto"}).clock_mhz);
  const arch::ArchConfig newer = arch::load_arch("edge-16x16", Set{"clock_mhz=auto-7nm"});
  CHECK(newer.clock_node_nm == 7);
  // 10^9 bytes a second are fewer bytes in each cycle of a faster clock.
  const arch::ArchConfig slow =
      arch::load_arch("edge-16x16", Set{"clock_mhz=auto-7nm", "memory.gb_per_s=10"});
  CHECK(slow.memory.bytes_per_cycle == Approx(1e10 / (newer.clock_mhz * 1e6)));
  CHECK_THAT(report::headline(derived, "model"),
             Catch::Matchers::Contains("MHz (derived, 45 nm, provisional), "));
  CHECK_THAT(report::headline(given, "model"), Catch::Matchers::Contains("1000 MHz (given), "));
  CHECK_THROWS_WITH(
      arch::load_arch("edge-16x16", Set{"clock_mhz=auto-3nm"}),
      "--set clock_mhz=auto-3nm: clock_mhz: 'auto-3nm' is no derived clock, expected auto or "
      "auto-NODE with a node of 45nm, 28nm, 16nm, 7nm");
}

TEST_CASE("points of a sweep have the clock of their own parameters") {
  sweep::Machines machines;
  sweep::SweepPoint point;
  point.arch = "edge-16x16";
  for (const char* size : {"ub.kib=256", "ub.kib=24576"}) {
    point.set = {"clock_mhz=auto", "memory.gb_per_s=10", size};
    const arch::ArchConfig whole = arch::load_arch(point.arch, point.set);
    const auto hardware = machines.find(point);
    REQUIRE(hardware);
    CHECK(hardware->base->clock_mhz == whole.clock_mhz);
    CHECK(machines.config(point).memory == whole.memory);
    CHECK(hardware->parameters.ub_kib == whole.hw.ub_kib);
  }
}

TEST_CASE("a given clock above the derived one is told, at nodes that are known") {
  const arch::ArchConfig given = arch::load_arch("edge-16x16");
  CHECK(report::clock_source(given) == "given");
  CHECK(report::clock_warnings(given, 45) ==
        std::vector<std::string>{
            "clock_mhz 1000 of edge-16x16 is above the 555.556 derived at 45 nm"});
  CHECK(report::clock_warnings(given, 7).empty());   // 2500 MHz
  CHECK(report::clock_warnings(given, 22).empty());  // no such node
  CHECK(report::clock_json(given, 45) ==
        nlohmann::ordered_json{{"mhz", 1000.0},
                               {"source", "given"},
                               {"node_nm", 45},
                               {"derived_mhz", arch::derive_clock(given.hw, 45).mhz},
                               {"above_derived", true}});
  CHECK(report::clock_json(given, 22) == report::clock_json(given, std::nullopt));
  const arch::ArchConfig derived = arch::load_arch("edge-16x16", Set{"clock_mhz=auto-7nm"});
  CHECK(report::clock_source(derived) == "derived at 7 nm");
  CHECK(report::clock_warnings(derived, 45).empty());
  CHECK(report::clock_json(derived, 45)["above_derived"] == false);
}

TEST_CASE("a derived clock is not a given one of as many MHz, and a database keeps which it was") {
  const arch::ArchConfig derived = arch::load_arch("edge-16x16", Set{"clock_mhz=auto"});
  arch::ArchConfig given = derived;
  given.clock_node_nm = 0;
  CHECK(sweep::machine_identity(given) != sweep::machine_identity(derived));
  sweep::SweepPoint point;
  point.file = std::filesystem::path(SYSTOLE_SOURCE_DIR) / "tests/data/lenet_fmnist.onnx";
  point.arch = "edge-16x16";
  point.set = {"clock_mhz=auto"};
  results::Store store("", "test");
  sweep::Identifier identifier;
  results::Outcome failed;
  failed.reason = "not run";
  store.put(identifier.configuration(point), results::Detail::kTotals, failed);
  const results::Machine stored = results::stored_machine(store.connection(), 1);
  CHECK(stored.clock_node_nm == 45);
  CHECK(sweep::arch_of(stored).clock_node_nm == 45);
}

}  // namespace
}  // namespace systole
