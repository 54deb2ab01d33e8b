// SPDX-License-Identifier: Apache-2.0
// JEDEC's rules between DRAM commands as a checker of command logs; knows nothing of how the
// commands were chosen.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "model/memory/ddr_channel.h"

namespace systole {

/// Checks the commands of one channel against `config`.
class DdrRules {
 public:
  explicit DdrRules(const arch::DdrConfig& config) : config_(config) {}

  /// The first rule that some command breaks, empty if none.
  std::string broken(std::vector<memory::DdrCommand> log) const {
    std::stable_sort(
        log.begin(), log.end(),
        [](const memory::DdrCommand& a, const memory::DdrCommand& b) { return a.at < b.at; });
    for (size_t i = 0; i < log.size(); ++i)
      if (std::string rule = broken_by(log, i); !rule.empty()) return rule;
    return broken_state(log);
  }

  /// The rule that command `i` of a log in time order breaks towards those before it.
  std::string broken_by(const std::vector<memory::DdrCommand>& log, size_t i) const {
    int activates = 0;
    for (size_t back = 1; back <= std::min(i, kWindow); ++back) {
      const memory::DdrCommand& earlier = log[i - back];
      const auto [rule, distance] = distance_between(earlier, log[i]);
      if (log[i].at - earlier.at < distance) return rule;
      if (log[i].kind == Kind::kActivate && earlier.kind == Kind::kActivate && ++activates == 4 &&
          log[i].at - earlier.at < config_.tfaw_ps)
        return "tFAW";
    }
    return {};
  }

 private:
  using Kind = memory::DdrCommand::Kind;
  static constexpr size_t kWindow = 200;  ///< no rule reaches further back

  static bool column(const memory::DdrCommand& c) {
    return c.kind == Kind::kRead || c.kind == Kind::kWrite;
  }

  static bool precharge(const memory::DdrCommand& c) {
    return c.kind == Kind::kPrecharge || c.kind == Kind::kPrechargeSame ||
           c.kind == Kind::kPrechargeAll;
  }

  std::pair<const char*, memory::Picoseconds> distance_between(const memory::DdrCommand& a,
                                                               const memory::DdrCommand& b) const {
    const arch::DdrConfig& c = config_;
    const bool same_group = a.group == b.group;
    const bool same_bank = same_group && a.bank == b.bank;
    // Commands to a bank of every group meet all banks of that number.
    const bool every_group = a.kind == Kind::kPrechargeSame || b.kind == Kind::kPrechargeSame ||
                             a.kind == Kind::kRefreshSame || b.kind == Kind::kRefreshSame;
    const bool all = a.kind == Kind::kPrechargeAll || b.kind == Kind::kPrechargeAll ||
                     (every_group && a.bank == b.bank);
    const bool precharges = precharge(b);
    const auto after_write = c.tcwl_ps + c.tburst_ps;
    if (a.kind == Kind::kRefresh) return {"tRFC", c.trfc_ps};
    if (a.kind == Kind::kRefreshSame && b.kind == Kind::kActivate)
      return all ? std::pair{"tRFCsb", c.trfcsb_ps} : std::pair{"tREFSBRD", c.trefsbrd_ps};
    if (a.kind == Kind::kRefreshSame)
      return {"tRFCsb", b.kind == Kind::kRefreshSame ? c.trfcsb_ps : 0};
    if (a.kind == Kind::kActivate && b.kind == Kind::kRefreshSame) return {"tRRD_L", c.trrd_l_ps};
    if (precharge(a)) {
      const bool reaches = b.kind == Kind::kRefresh || (b.kind == Kind::kRefreshSame && all) ||
                           (b.kind == Kind::kActivate && (same_bank || all));
      return {"tRP", reaches ? c.trp_ps : 0};
    }
    if (a.kind == Kind::kActivate && b.kind == Kind::kActivate)
      return same_group ? std::pair{"tRRD_L", c.trrd_l_ps} : std::pair{"tRRD_S", c.trrd_s_ps};
    if (a.kind == Kind::kActivate && column(b)) return {"tRCD", same_bank ? c.trcd_ps : 0};
    if (a.kind == Kind::kActivate && precharges) return {"tRAS", same_bank || all ? c.tras_ps : 0};
    if (a.kind == Kind::kRead && precharges) return {"tRTP", same_bank || all ? c.trtp_ps : 0};
    if (a.kind == Kind::kWrite && precharges)
      return {"tWR", same_bank || all ? after_write + c.twr_ps : 0};
    if (a.kind == Kind::kWrite && b.kind == Kind::kWrite && same_group)
      return {"tCCD_L_WR", c.write_to_write_ps()};
    if (column(a) && a.kind == b.kind)
      return same_group ? std::pair{"tCCD_L", c.tccd_l_ps} : std::pair{"tCCD_S", c.tccd_s_ps};
    if (a.kind == Kind::kRead && b.kind == Kind::kWrite)
      return {"turnaround", c.tcl_ps + c.tburst_ps + c.turnaround_ps - c.tcwl_ps};
    if (a.kind == Kind::kWrite && b.kind == Kind::kRead)
      return same_group ? std::pair{"tWTR_L", after_write + c.twtr_l_ps}
                        : std::pair{"tWTR_S", after_write + c.twtr_s_ps};
    return {"", 0};
  }

  // Rows are open where they are used and nowhere opened twice; no column command of a bank whose
  // refresh is due.
  std::string broken_state(const std::vector<memory::DdrCommand>& log) const {
    const bool same = config_.refreshes_same_bank();
    const memory::Picoseconds interval = same ? config_.trefisb_ps : config_.trefi_ps;
    std::map<std::pair<int64_t, int64_t>, int64_t> open;
    memory::Picoseconds due = interval;
    for (const memory::DdrCommand& c : log) {
      const std::pair bank{c.group, c.bank};
      const auto of_all_groups = [&](const auto& row) { return row.first.second == c.bank; };
      const auto due_bank = [&] { return (due / interval - 1) % config_.banks; };
      if (c.kind == Kind::kActivate && !open.emplace(bank, c.row).second) return "already open";
      if (c.kind == Kind::kPrecharge) open.erase(bank);
      if (c.kind == Kind::kPrechargeSame) std::erase_if(open, of_all_groups);
      if (c.kind == Kind::kPrechargeAll) open.clear();
      if (column(c) && (open.count(bank) == 0 || open[bank] != c.row)) return "row not open";
      if (c.kind == Kind::kRefresh || c.kind == Kind::kRefreshSame) {
        if (same != (c.kind == Kind::kRefreshSame)) return "refresh of the other kind";
        if (same ? std::any_of(open.begin(), open.end(), of_all_groups) : !open.empty())
          return "refresh of open rows";
        if (interval == 0 || c.at < due) return "refresh before it is due";
        if (same && c.bank != due_bank()) return "refresh of a bank that is not due";
        due += interval;
      }
      if (interval > 0 && column(c) && c.at >= due && (!same || c.bank == due_bank()))
        return "tREFI";
    }
    return {};
  }

  const arch::DdrConfig config_;
};

}  // namespace systole
