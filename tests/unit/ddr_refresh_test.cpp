// SPDX-License-Identifier: Apache-2.0
// Refreshes of a DRAM channel, of all banks and of one bank in each group: when they come, and what
// they cost.
#include <catch2/catch.hpp>

#include "ddr_bench.h"

namespace systole {
namespace {

TEST_CASE("a refresh goes before an access whose column command would come when it is due") {
  arch::DdrConfig config = plain_dram();
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
  arch::DdrConfig config = plain_dram();
  config.trefi_ps = 1000 * ns;
  Bench bench(config);
  bench.read(0, 0, 7, 990 * ns);  // its column would be at 1007
  CHECK(bench.log[0].kind == Kind::kRefresh);
  CHECK(bench.log[0].at == 1000 * ns);  // nothing was open
  bench.check_before(1, Kind::kActivate, (1000 + 350) * ns, "tRFC");
  CHECK(bench.stats.lost_refresh_ps == (1000 + 350 + 17 - 990) * ns);
}

TEST_CASE("an idle channel is refreshed on time, however long nobody asks") {
  arch::DdrConfig config = plain_dram();
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

TEST_CASE("a log has all refreshes of an idle channel, and they change nothing") {
  arch::DdrConfig config = plain_dram();
  config.trefi_ps = 1000 * ns;
  for (const bool same_bank : {false, true}) {
    if (same_bank) {
      config.trefisb_ps = 1000 * ns;
      config.trfcsb_ps = 130 * ns;
      config.trefsbrd_ps = 33 * ns;
    }
    Bench logged(config);
    memory::DdrChannel unlogged(config);
    memory::MemoryStats stats;
    for (const memory::Picoseconds at : {0 * ns, 20'500 * ns, 20'600 * ns, 33'001 * ns})
      CHECK(unlogged.access({0, 0, 7, false, at, 0}, stats) == logged.read(0, 0, 7, at));
    CHECK(stats == logged.stats);
    uint64_t refreshes = 0;
    for (const memory::DdrCommand& command : logged.log)
      refreshes += command.kind == Kind::kRefresh || command.kind == Kind::kRefreshSame;
    CHECK(refreshes == 33);
    CHECK(stats.refreshes == 33);
    CHECK(DdrRules(config).broken(logged.log) == "");
    logged.channel.idle(40'000 * ns, logged.stats);
    CHECK(logged.stats.refreshes == 40);
  }
}

/// plain_dram with a refresh of one bank in each group every microsecond.
arch::DdrConfig same_bank_dram() {
  arch::DdrConfig config = plain_dram();
  config.trefisb_ps = 1000 * ns;
  config.trfcsb_ps = 130 * ns;
  config.trefsbrd_ps = 33 * ns;
  return config;
}

TEST_CASE("same-bank refresh: one bank of each group closes, the others work on") {
  Bench bench(same_bank_dram());
  bench.read(0, 0, 7, 0);  // bank 0 of group 0
  bench.read(1, 1, 7, 0);  // bank 1 of group 1
  bench.read(1, 1, 7, 1000 * ns);
  REQUIRE(bench.log.size() == 7);  // two activations, two reads; the refresh of bank 0; a read
  CHECK(bench.log[4].kind == Kind::kPrechargeSame);
  CHECK(bench.log[4].at == 1000 * ns);
  bench.check_before(1, Kind::kRefreshSame, (1000 + 19) * ns, "tRP");
  CHECK(bench.log[6].at == 1000 * ns);  // a row hit: nothing lost
  CHECK(bench.stats.row_hits == 1);
  CHECK(bench.stats.refreshes == 1);
  CHECK(bench.stats.lost_refresh_ps == 0);

  bench.read(0, 0, 7, 1000 * ns);  // waits for its bank
  bench.check_before(1, Kind::kActivate, (1019 + 130) * ns, "tRFCsb");
  bench.check_last(Kind::kRead, (1149 + 17) * ns, "tRCD");
  CHECK(bench.stats.row_misses == 3);
  // The bus was free from 1000 + 14 + 4 = 1018 on; data come at 1166 + 14 = 1180.
  CHECK(bench.stats.lost_refresh_ps == (1180 - 1018) * ns);
}

TEST_CASE("tREFSBRD: another bank is opened that long after a same-bank refresh") {
  Bench bench(same_bank_dram());
  bench.read(2, 3, 7, 1000 * ns);
  CHECK(bench.log[0].kind == Kind::kRefreshSame);
  CHECK(bench.log[0].at == 1000 * ns);  // nothing was open
  bench.check_before(1, Kind::kActivate, (1000 + 33) * ns, "tREFSBRD");
}

TEST_CASE("tRRD_L: a same-bank refresh comes that long after an activation of another bank") {
  arch::DdrConfig config = same_bank_dram();
  config.trcd_ps = 1 * ns;
  Bench bench(config);
  bench.read(0, 1, 7, 997 * ns);  // activation at 997, read at 998
  bench.read(0, 1, 7, 1000 * ns);
  bench.check_before(1, Kind::kRefreshSame, (997 + 7) * ns, "tRRD_L");
}

TEST_CASE("same-bank refreshes take the banks in turn, also in idle time") {
  Bench bench(same_bank_dram());
  bench.read(0, 2, 7, 0);
  bench.read(0, 2, 7, 9500 * ns);  // due at 1000 .. 9000: banks 0, 1, 2, 3, 0, 1, 2, 3, 0
  CHECK(bench.stats.refreshes == 9);
  std::vector<int64_t> banks;
  std::vector<memory::Picoseconds> times;
  for (const memory::DdrCommand& c : bench.log)
    if (c.kind == Kind::kRefreshSame) {
      banks.push_back(c.bank);
      times.push_back(c.at);
    }
  CHECK(banks == std::vector<int64_t>{0, 1, 2, 3, 0, 1, 2, 3, 0});
  CHECK(times == std::vector<memory::Picoseconds>{1000 * ns, 2000 * ns, 3019 * ns, 4000 * ns,
                                                  5000 * ns, 6000 * ns, 7000 * ns, 8000 * ns,
                                                  9000 * ns});
  CHECK(bench.stats.row_misses == 2);  // the refresh has closed the row
  CHECK(DdrRules(bench.config).broken(bench.log) == "");
}

TEST_CASE("a same-bank refresh waits for its banks as long as their rows need") {
  Bench bench(same_bank_dram());
  bench.write(3, 0, 7, 900 * ns, 980 * ns);  // data from 980 to 984: precharge from 984 + 15 on
  bench.write(3, 0, 7, 900 * ns, 995 * ns);  // to 999: from 1014 on
  bench.read(0, 1, 7, 1100 * ns);
  REQUIRE(bench.log[3].kind == Kind::kPrechargeSame);
  CHECK(bench.log[3].at == (995 + 4 + 15) * ns);  // tWR
  CHECK(bench.log[4].at == (1014 + 19) * ns);     // tRP
  CHECK(DdrRules(bench.config).broken(bench.log) == "");
}

}  // namespace
}  // namespace systole
