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
  explicit DdrRules(const DdrConfig& config) : config_(config) {}

  /// The first rule that some command breaks, empty if none.
  std::string broken(std::vector<DdrCommand> log) const {
    std::stable_sort(log.begin(), log.end(),
                     [](const DdrCommand& a, const DdrCommand& b) { return a.at < b.at; });
    for (size_t i = 0; i < log.size(); ++i)
      if (std::string rule = broken_by(log, i); !rule.empty()) return rule;
    return broken_state(log);
  }

  /// The rule that command `i` of a log in time order breaks towards those before it.
  std::string broken_by(const std::vector<DdrCommand>& log, size_t i) const {
    int activates = 0;
    for (size_t back = 1; back <= std::min(i, kWindow); ++back) {
      const DdrCommand& earlier = log[i - back];
      const auto [rule, distance] = distance_between(earlier, log[i]);
      if (log[i].at - earlier.at < distance) return rule;
      if (log[i].kind == Kind::kActivate && earlier.kind == Kind::kActivate && ++activates == 4 &&
          log[i].at - earlier.at < config_.tfaw_ps)
        return "tFAW";
    }
    return {};
  }

 private:
  using Kind = DdrCommand::Kind;
  static constexpr size_t kWindow = 200;  ///< no rule reaches further back

  static bool column(const DdrCommand& c) {
    return c.kind == Kind::kRead || c.kind == Kind::kWrite;
  }

  std::pair<const char*, Picoseconds> distance_between(const DdrCommand& a,
                                                       const DdrCommand& b) const {
    const DdrConfig& c = config_;
    const bool same_group = a.group == b.group;
    const bool same_bank = same_group && a.bank == b.bank;
    const bool all = a.kind == Kind::kPrechargeAll || b.kind == Kind::kPrechargeAll;
    const bool precharges = b.kind == Kind::kPrecharge || b.kind == Kind::kPrechargeAll;
    const auto after_write = c.tcwl_ps + c.tburst_ps;
    if (a.kind == Kind::kRefresh) return {"tRFC", c.trfc_ps};
    if (a.kind == Kind::kPrecharge || a.kind == Kind::kPrechargeAll) {
      const bool reaches =
          b.kind == Kind::kRefresh || (b.kind == Kind::kActivate && (same_bank || all));
      return {"tRP", reaches ? c.trp_ps : 0};
    }
    if (a.kind == Kind::kActivate && b.kind == Kind::kActivate)
      return same_group ? std::pair{"tRRD_L", c.trrd_l_ps} : std::pair{"tRRD_S", c.trrd_s_ps};
    if (a.kind == Kind::kActivate && column(b)) return {"tRCD", same_bank ? c.trcd_ps : 0};
    if (a.kind == Kind::kActivate && precharges) return {"tRAS", same_bank || all ? c.tras_ps : 0};
    if (a.kind == Kind::kRead && precharges) return {"tRTP", same_bank || all ? c.trtp_ps : 0};
    if (a.kind == Kind::kWrite && precharges)
      return {"tWR", same_bank || all ? after_write + c.twr_ps : 0};
    if (column(a) && a.kind == b.kind)
      return same_group ? std::pair{"tCCD_L", c.tccd_l_ps} : std::pair{"tCCD_S", c.tccd_s_ps};
    if (a.kind == Kind::kRead && b.kind == Kind::kWrite)
      return {"turnaround", c.tcl_ps + c.tburst_ps + c.turnaround_ps - c.tcwl_ps};
    if (a.kind == Kind::kWrite && b.kind == Kind::kRead)
      return same_group ? std::pair{"tWTR_L", after_write + c.twtr_l_ps}
                        : std::pair{"tWTR_S", after_write + c.twtr_s_ps};
    return {"", 0};
  }

  // Rows are open where they are used and nowhere opened twice; no column command when a refresh is
  // due.
  std::string broken_state(const std::vector<DdrCommand>& log) const {
    std::map<std::pair<int64_t, int64_t>, int64_t> open;
    Picoseconds due = config_.trefi_ps;
    for (const DdrCommand& c : log) {
      const std::pair bank{c.group, c.bank};
      if (c.kind == Kind::kActivate && !open.emplace(bank, c.row).second) return "already open";
      if (c.kind == Kind::kPrecharge) open.erase(bank);
      if (c.kind == Kind::kPrechargeAll) open.clear();
      if (column(c) && (open.count(bank) == 0 || open[bank] != c.row)) return "row not open";
      if (c.kind == Kind::kRefresh) {
        if (!open.empty()) return "refresh of open rows";
        if (config_.trefi_ps == 0 || c.at < due) return "refresh before it is due";
        due = (c.at / config_.trefi_ps + 1) * config_.trefi_ps;
      }
      if (config_.trefi_ps > 0 && column(c) && c.at >= due) return "tREFI";
    }
    return {};
  }

  const DdrConfig config_;
};

}  // namespace systole
