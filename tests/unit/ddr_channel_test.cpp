// SPDX-License-Identifier: Apache-2.0
// Every rule of a DRAM channel: the command is issued at the first legal picosecond, and one
// earlier is illegal.
#include "model/memory/ddr_channel.h"

#include <catch2/catch.hpp>
#include <random>

#include "ddr_rules.h"

namespace systole {
namespace {

constexpr Picoseconds ns = 1000;

/// Round figures, all different, so that the arithmetic of a test can be read. No refresh.
DdrConfig plain_dram() {
  DdrConfig c;
  c.channels = 1;
  c.bank_groups = 4;
  c.banks = 4;
  c.tburst_ps = 4 * ns;
  c.tccd_s_ps = 4 * ns;
  c.tccd_l_ps = 6 * ns;
  c.trcd_ps = 17 * ns;
  c.trp_ps = 19 * ns;
  c.tcl_ps = 14 * ns;
  c.tcwl_ps = 10 * ns;
  c.tras_ps = 40 * ns;
  c.trrd_s_ps = 5 * ns;
  c.trrd_l_ps = 7 * ns;
  c.tfaw_ps = 30 * ns;
  c.twr_ps = 15 * ns;
  c.twtr_s_ps = 3 * ns;
  c.twtr_l_ps = 9 * ns;
  c.trtp_ps = 8 * ns;
  c.turnaround_ps = 2 * ns;
  c.trefi_ps = 0;
  c.trfc_ps = 350 * ns;
  return c;
}

/// A channel and the log of its commands.
struct Bench {
  explicit Bench(const DdrConfig& c) : config(c), channel(c) { channel.set_log(&log); }

  Picoseconds read(int64_t group, int64_t bank, int64_t row, Picoseconds arrival) {
    return channel.access({group, bank, row, false, arrival, 0}, stats);
  }
  Picoseconds write(int64_t group, int64_t bank, int64_t row, Picoseconds arrival,
                    Picoseconds data = 0) {
    return channel.access({group, bank, row, true, arrival, data}, stats);
  }
  /// The last command is at `at`; a picosecond earlier `rule` forbids it.
  void check_last(DdrCommand::Kind kind, Picoseconds at, const std::string& rule) {
    check(log.size() - 1, kind, at, rule);
  }
  /// The same for the last but `back`.
  void check_before(size_t back, DdrCommand::Kind kind, Picoseconds at, const std::string& rule) {
    check(log.size() - 1 - back, kind, at, rule);
  }

  const DdrConfig config;
  DdrChannel channel;
  MemoryStats stats;
  std::vector<DdrCommand> log;

 private:
  void check(size_t index, DdrCommand::Kind kind, Picoseconds at, const std::string& rule) {
    const DdrRules rules(config);
    CHECK(log[index].kind == kind);
    CHECK(log[index].at == at);
    CHECK(rules.broken(log) == "");
    std::vector<DdrCommand> early = log;
    early[index].at -= 1;
    CHECK(rules.broken(early) == rule);
  }
};

using Kind = DdrCommand::Kind;

TEST_CASE("tRCD: a row is read that long after its activation, tCL later the data are there") {
  Bench bench(plain_dram());
  const Picoseconds data = bench.read(0, 0, 7, 100 * ns);
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

TEST_CASE("a refresh goes before an access whose column command would come when it is due") {
  DdrConfig config = plain_dram();
  config.trefi_ps = 1000 * ns;
  Bench before(config);
  before.read(0, 0, 7, 0);
  before.read(0, 0, 7, 1000 * ns - 1);
  CHECK(before.log.back().at == 1000 * ns - 1);
  CHECK(before.stats.refreshes == 0);

  Bench at(config);
  at.read(0, 0, 7, 0);
  at.read(0, 0, 7, 1000 * ns);
  REQUIRE(at.log.size() == 6);  // activate, read; precharge all, refresh, activate, read
  CHECK(at.log[2].kind == Kind::kPrechargeAll);
  CHECK(at.log[2].at == 1000 * ns);
  at.check_before(2, Kind::kRefresh, (1000 + 19) * ns, "tRP");
  at.check_before(1, Kind::kActivate, (1019 + 350) * ns, "tRFC");
  CHECK(at.stats.refreshes == 1);
  CHECK(at.stats.lost_refresh_ps == (19 + 350 + 17) * ns);
}

TEST_CASE("an access that arrived before the refresh was due waits for it") {
  DdrConfig config = plain_dram();
  config.trefi_ps = 1000 * ns;
  Bench bench(config);
  bench.read(0, 0, 7, 990 * ns);  // its column would be at 1007
  CHECK(bench.log[0].kind == Kind::kRefresh);
  CHECK(bench.log[0].at == 1000 * ns);  // nothing was open
  bench.check_before(1, Kind::kActivate, (1000 + 350) * ns, "tRFC");
  CHECK(bench.stats.lost_refresh_ps == (1000 + 350 + 17 - 990) * ns);
}

TEST_CASE("an idle channel is refreshed on time, however long nobody asks") {
  DdrConfig config = plain_dram();
  config.trefi_ps = 1000 * ns;
  Bench bench(config);
  bench.read(0, 0, 7, 0);
  bench.read(0, 0, 7, 5500 * ns);
  CHECK(bench.stats.refreshes == 5);
  CHECK(bench.log[bench.log.size() - 3].kind == Kind::kRefresh);
  CHECK(bench.log[bench.log.size() - 3].at == 5000 * ns);
  CHECK(bench.log[bench.log.size() - 2].at == 5500 * ns);  // 5000 + 350 has passed
  CHECK(DdrRules(config).broken(bench.log) == "");
}

/// Random accesses with some locality; a gap now and then lets refreshes fall into idle time.
std::vector<DdrCommand> random_log(const DdrConfig& config, uint64_t seed, size_t count) {
  std::mt19937_64 random(seed);
  Bench bench(config);
  const auto below = [&](int64_t bound) {
    return static_cast<int64_t>(random() % static_cast<uint64_t>(bound));
  };
  Picoseconds arrival = 0;
  for (size_t i = 0; i < count; ++i) {
    if (below(3) == 0) arrival += below(20 * ns);
    if (below(500) == 0) arrival += below(3 * std::max<Picoseconds>(config.trefi_ps, ns));
    bench.channel.access({below(config.bank_groups), below(config.banks), below(3), below(4) == 0,
                          arrival, arrival + below(30 * ns)},
                         bench.stats);
  }
  CHECK(bench.stats.accesses() == count);
  std::stable_sort(bench.log.begin(), bench.log.end(),
                   [](const DdrCommand& a, const DdrCommand& b) { return a.at < b.at; });
  return bench.log;
}

TEST_CASE("random accesses break no rule, with any preset") {
  for (const std::string& name : ddr_preset_names()) {
    const DdrConfig config = ddr_preset(name);
    for (const uint64_t seed : {1u, 2u, 3u}) {
      CAPTURE(name, seed);
      CHECK(DdrRules(config).broken(random_log(config, seed, 4000)) == "");
    }
  }
}

TEST_CASE("the checker of the rules finds each command that is moved by more than a rule allows") {
  // If this failed, the test above would prove nothing.
  const DdrConfig config = ddr_preset("ddr4-2400");
  const std::vector<DdrCommand> log = random_log(config, 9, 600);
  const DdrRules rules(config);
  size_t caught = 0;
  for (size_t i = 0; i < log.size(); ++i) {
    std::vector<DdrCommand> moved = log;
    moved[i].at -= 2 * config.trfc_ps;
    caught += rules.broken(moved) != "";
  }
  CHECK(caught > log.size() * 9 / 10);  // some activations of idle banks may move that far
}

}  // namespace
}  // namespace systole
