// SPDX-License-Identifier: Apache-2.0
// A DRAM channel with its log, for tests that hold every command to the picosecond.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "ddr_rules.h"

namespace systole {

inline constexpr memory::Picoseconds ns = 1000;

/// Round figures, all different, so that the arithmetic of a test can be read. No refresh.
inline arch::DdrConfig plain_dram() {
  arch::DdrConfig c;
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
  explicit Bench(const arch::DdrConfig& c) : config(c), channel(c) { channel.set_log(&log); }

  memory::Picoseconds read(int64_t group, int64_t bank, int64_t row, memory::Picoseconds arrival) {
    return channel.access({group, bank, row, false, arrival, 0}, stats);
  }
  memory::Picoseconds write(int64_t group, int64_t bank, int64_t row, memory::Picoseconds arrival,
                            memory::Picoseconds data = 0) {
    return channel.access({group, bank, row, true, arrival, data}, stats);
  }
  /// The last command is at `at`; a picosecond earlier `rule` forbids it.
  void check_last(memory::DdrCommand::Kind kind, memory::Picoseconds at, const std::string& rule) {
    check(log.size() - 1, kind, at, rule);
  }
  /// The same for the last but `back`.
  void check_before(size_t back, memory::DdrCommand::Kind kind, memory::Picoseconds at,
                    const std::string& rule) {
    check(log.size() - 1 - back, kind, at, rule);
  }

  const arch::DdrConfig config;
  memory::DdrChannel channel;
  memory::MemoryStats stats;
  std::vector<memory::DdrCommand> log;

 private:
  void check(size_t index, memory::DdrCommand::Kind kind, memory::Picoseconds at,
             const std::string& rule) {
    const DdrRules rules(config);
    CHECK(log[index].kind == kind);
    CHECK(log[index].at == at);
    CHECK(rules.broken(log) == "");
    std::vector<memory::DdrCommand> early = log;
    early[index].at -= 1;
    CHECK(rules.broken(early) == rule);
  }
};

using Kind = memory::DdrCommand::Kind;

}  // namespace systole
