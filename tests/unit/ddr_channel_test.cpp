// SPDX-License-Identifier: Apache-2.0
// Every rule of a DRAM channel: the command is issued at the first legal picosecond, and one
// earlier is illegal.
#include "model/memory/ddr_channel.h"

#include <catch2/catch.hpp>
#include <random>

#include "ddr_bench.h"

namespace systole {
namespace {

TEST_CASE("tRCD: a row is read that long after its activation, tCL later the data are there") {
  Bench bench(plain_dram());
  const memory::Picoseconds data = bench.read(0, 0, 7, 100 * ns);
  CHECK(bench.log[0].kind == Kind::kActivate);
  CHECK(bench.log[0].at == 100 * ns);  // on arrival
  bench.check_last(Kind::kRead, (100 + 17) * ns, "tRCD");
  CHECK(data == (117 + 14) * ns);  // + tCL
}

TEST_CASE("tCCD_L: column commands of one bank group") {
  Bench bench(plain_dram());
  bench.read(0, 0, 7, 0);  // column at 17
  bench.read(0, 0, 7, 0);
  bench.check_last(Kind::kRead, (17 + 6) * ns, "tCCD_L");
  CHECK(bench.stats.row_hits == 1);
  CHECK(bench.stats.lost_bank_group_ps == 2 * ns);  // 6 between commands, 4 of them the bus is busy
}

TEST_CASE("tCCD_L_WR: writes of one bank group, where it is longer than tCCD_L") {
  arch::DdrConfig config = plain_dram();
  config.tccd_l_wr_ps = 20 * ns;
  Bench bench(config);
  bench.write(0, 0, 7, 0);  // column at 17
  bench.write(0, 0, 7, 0);
  bench.check_last(Kind::kWrite, (17 + 20) * ns, "tCCD_L_WR");
  bench.write(1, 0, 7, 0);  // another group: the activation was at 5, tRCD is over at 22
  bench.check_last(Kind::kWrite, (37 + 4) * ns, "tCCD_S");
  CHECK(bench.stats.lost_bank_group_ps == (20 - 4) * ns);
  bench.read(0, 0, 7, 200 * ns);
  bench.read(0, 0, 7, 200 * ns);
  bench.check_last(Kind::kRead, (200 + 6) * ns, "tCCD_L");  // reads do not know it
}

TEST_CASE("tCCD_S: column commands of two bank groups") {
  Bench bench(plain_dram());
  bench.read(0, 0, 7, 0);
  bench.read(1, 0, 7, 0);
  bench.read(0, 0, 7, 1000 * ns);
  bench.read(1, 0, 7, 1000 * ns);
  bench.check_last(Kind::kRead, (1000 + 4) * ns, "tCCD_S");
}

TEST_CASE("tRRD_S and tRRD_L: activations of two bank groups, and of one") {
  Bench other(plain_dram());
  other.read(0, 0, 7, 0);
  other.read(1, 0, 7, 0);
  other.check_before(1, Kind::kActivate, 5 * ns, "tRRD_S");
  Bench same(plain_dram());
  same.read(0, 0, 7, 0);
  same.read(0, 1, 7, 0);
  same.check_before(1, Kind::kActivate, 7 * ns, "tRRD_L");
}

TEST_CASE("tFAW: the fifth activation waits for the first to leave the window") {
  Bench bench(plain_dram());
  for (int64_t group = 0; group < 4; ++group) bench.read(group, 0, 7, 0);  // at 0, 5, 10, 15
  bench.read(0, 1, 7, 0);  // tRRD alone: 15 + 5 = 20
  bench.check_before(1, Kind::kActivate, (0 + 30) * ns, "tFAW");
}

TEST_CASE("tRAS and tRP: another row of a bank") {
  Bench bench(plain_dram());
  bench.read(0, 0, 7, 0);  // activation at 0, column at 17, tRTP would allow 25
  bench.read(0, 0, 8, 0);
  bench.check_before(2, Kind::kPrecharge, (0 + 40) * ns, "tRAS");
  bench.check_before(1, Kind::kActivate, (40 + 19) * ns, "tRP");
  bench.check_last(Kind::kRead, (59 + 17) * ns, "tRCD");
  CHECK(bench.stats.row_conflicts == 1);
  // The bus was free from 17+14+4 = 35 on; data come at 76+14 = 90, and the access has waited all
  // the time.
  CHECK(bench.stats.lost_rows_ps == (17 + (90 - 35)) * ns);  // the first access lost its tRCD
}

TEST_CASE("tRTP: from a read to the precharge") {
  Bench bench(plain_dram());
  bench.read(0, 0, 7, 0);
  bench.read(0, 0, 7, 100 * ns);
  bench.read(0, 0, 8, 100 * ns);
  bench.check_before(2, Kind::kPrecharge, (100 + 8) * ns, "tRTP");
}

TEST_CASE("tWR: from a write's last data to the precharge") {
  Bench bench(plain_dram());
  bench.read(0, 0, 7, 0);
  CHECK(bench.write(0, 0, 7, 100 * ns) == (100 + 10) * ns);  // + tCWL
  bench.read(0, 0, 8, 100 * ns);
  bench.check_before(2, Kind::kPrecharge, (100 + 10 + 4 + 15) * ns, "tWR");
}

TEST_CASE("tWTR_S and tWTR_L: from a write's last data to a read") {
  for (const auto& [group, wait, rule] : {std::tuple{1, 3, "tWTR_S"}, std::tuple{0, 9, "tWTR_L"}}) {
    Bench bench(plain_dram());
    bench.read(0, 0, 7, 0);
    bench.read(1, 0, 7, 0);
    bench.write(0, 0, 7, 100 * ns);
    bench.read(group, 0, 7, 100 * ns);
    bench.check_last(Kind::kRead, (100 + 10 + 4 + wait) * ns, rule);
    CHECK(bench.stats.turnarounds == 2);
    CHECK(bench.stats.lost_turnaround_ps == static_cast<uint64_t>((wait + 14) * ns));  // and tCL
  }
}

TEST_CASE("turnaround: a write's data come that long after a read's") {
  Bench bench(plain_dram());
  bench.read(0, 0, 7, 0);
  bench.read(1, 0, 7, 0);
  bench.read(0, 0, 7, 100 * ns);  // data end at 100+14+4 = 118
  bench.write(1, 0, 7, 100 * ns);
  bench.check_last(Kind::kWrite, (118 + 2 - 10) * ns, "turnaround");
}

TEST_CASE("a write waits for its data, which it needs tCWL after the command") {
  Bench bench(plain_dram());
  bench.read(0, 0, 7, 0);
  CHECK(bench.write(0, 0, 7, 100 * ns, 500 * ns) == 500 * ns);
  CHECK(bench.log.back().at == (500 - 10) * ns);
}

/// Random accesses with some locality; a gap now and then lets refreshes fall into idle time.
std::vector<memory::DdrCommand> random_log(const arch::DdrConfig& config, uint64_t seed,
                                           size_t count) {
  std::mt19937_64 random(seed);
  Bench bench(config);
  const auto below = [&](int64_t bound) {
    return static_cast<int64_t>(random() % static_cast<uint64_t>(bound));
  };
  memory::Picoseconds arrival = 0;
  for (size_t i = 0; i < count; ++i) {
    if (below(3) == 0) arrival += below(20 * ns);
    if (below(500) == 0) arrival += below(3 * std::max<memory::Picoseconds>(config.trefi_ps, ns));
    if (below(500) == 0)
      arrival += below(12 * std::max<memory::Picoseconds>(config.trefisb_ps, ns));
    bench.channel.access({below(config.bank_groups), below(config.banks), below(3), below(4) == 0,
                          arrival, arrival + below(30 * ns)},
                         bench.stats);
  }
  CHECK(bench.stats.accesses() == count);
  std::stable_sort(
      bench.log.begin(), bench.log.end(),
      [](const memory::DdrCommand& a, const memory::DdrCommand& b) { return a.at < b.at; });
  return bench.log;
}

TEST_CASE("random accesses break no rule, with any preset") {
  for (const std::string& name : arch::ddr_preset_names()) {
    const arch::DdrConfig config = arch::ddr_preset(name);
    for (const uint64_t seed : {1u, 2u, 3u}) {
      CAPTURE(name, seed);
      CHECK(DdrRules(config).broken(random_log(config, seed, 4000)) == "");
    }
  }
}

TEST_CASE("the checker of the rules finds each command that is moved by more than a rule allows") {
  // If this failed, the test above would prove nothing.
  for (const char* name : {"ddr4-2400", "ddr5-4800"}) {
    CAPTURE(name);
    const arch::DdrConfig config = arch::ddr_preset(name);
    const std::vector<memory::DdrCommand> log = random_log(config, 9, 600);
    const DdrRules rules(config);
    size_t caught = 0;
    for (size_t i = 0; i < log.size(); ++i) {
      std::vector<memory::DdrCommand> moved = log;
      moved[i].at -= 2 * config.trfc_ps;
      caught += rules.broken(moved) != "";
    }
    CHECK(caught > log.size() * 9 / 10);  // some activations of idle banks may move that far
  }
}

}  // namespace
}  // namespace systole
