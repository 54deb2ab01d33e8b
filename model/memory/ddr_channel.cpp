// SPDX-License-Identifier: Apache-2.0
// The timing rules of a DRAM channel.
#include "model/memory/ddr_channel.h"

#include <algorithm>
#include <limits>

namespace systole::memory {

DdrChannel::DdrChannel(const arch::DdrConfig& config)
    : config_(config),
      read_to_write_(std::max(config.tccd_s_ps, config.tcl_ps + config.tburst_ps +
                                                    config.turnaround_ps - config.tcwl_ps)),
      banks_(static_cast<size_t>(config.bank_groups * config.banks)),
      groups_(static_cast<size_t>(config.bank_groups)),
      refresh_interval_(config.refreshes_same_bank() ? config.trefisb_ps : config.trefi_ps),
      next_refresh_(refresh_interval_ == 0 ? std::numeric_limits<Picoseconds>::max()
                                           : refresh_interval_) {
  activates_.fill(kLongAgo);
}

Picoseconds DdrChannel::access(const DdrAccess& access, MemoryStats& stats) {
  skip_idle_refreshes(access.arrival, stats);
  Bank& target = bank(access);
  Plan next = plan(access, target);
  // A refresh that is due goes before the access, and may close its row.
  while (next.column >= next_refresh_) {
    refresh(stats);
    next = plan(access, target);
  }
  ++(next.activate == kLongAgo    ? stats.row_hits
     : next.precharge == kLongAgo ? stats.row_misses
                                  : stats.row_conflicts);
  account(access, next, target, stats);
  issue(access, next, target);
  return next.column + column_latency(access.write);
}

DdrChannel::Plan DdrChannel::plan(const DdrAccess& a, const Bank& target) const {
  const Limits& group = groups_[static_cast<size_t>(a.group)];
  Plan plan;
  plan.row_ready = target.column;
  if (target.row != a.row) {
    plan.activate = std::max({a.arrival, target.activate, all_.activate, group.activate,
                              activates_[oldest_activate_] + config_.tfaw_ps});
    if (target.row != kClosed) {
      plan.precharge = std::max(a.arrival, target.precharge);
      plan.activate = std::max(plan.activate, plan.precharge + config_.trp_ps);
    }
    plan.row_ready = plan.activate + config_.trcd_ps;
  }
  plan.rule_ready = std::max(all_.column[a.write], group.column[a.write]);
  plan.column = std::max({a.arrival, plan.row_ready, plan.rule_ready});
  if (a.write) plan.column = std::max(plan.column, a.data - config_.tcwl_ps);
  return plan;
}

void DdrChannel::issue(const DdrAccess& a, const Plan& plan, Bank& target) {
  Limits& group = groups_[static_cast<size_t>(a.group)];
  if (plan.precharge != kLongAgo) log(DdrCommand::Kind::kPrecharge, a, plan.precharge);
  if (plan.activate != kLongAgo) {
    log(DdrCommand::Kind::kActivate, a, plan.activate);
    target.row = a.row;
    target.column = plan.activate + config_.trcd_ps;
    target.precharge = plan.activate + config_.tras_ps;
    all_.activate = plan.activate + config_.trrd_s_ps;
    group.activate = plan.activate + config_.trrd_l_ps;
    activates_[oldest_activate_] = plan.activate;
    oldest_activate_ = (oldest_activate_ + 1) % activates_.size();
  }
  log(a.write ? DdrCommand::Kind::kWrite : DdrCommand::Kind::kRead, a, plan.column);
  const Picoseconds end = plan.column + column_latency(a.write) + config_.tburst_ps;
  all_.column[a.write] = plan.column + config_.tccd_s_ps;
  group.column[a.write] = plan.column + (a.write ? config_.write_to_write_ps() : config_.tccd_l_ps);
  if (a.write) {
    all_.column[0] = end + config_.twtr_s_ps;
    group.column[0] = end + config_.twtr_l_ps;
    target.precharge = std::max(target.precharge, end + config_.twr_ps);
  } else {
    all_.column[1] = plan.column + read_to_write_;
    group.column[1] =
        std::max(group.column[1], plan.column + std::max(read_to_write_, config_.tccd_l_ps));
    target.precharge = std::max(target.precharge, plan.column + config_.trtp_ps);
  }
  bus_free_ = end;
  last_write_ = a.write;
}

void DdrChannel::skip_idle_refreshes(Picoseconds until, MemoryStats& stats) {
  if (until < next_refresh_) return;
  // After as many refreshes as it takes to reach every bank all rows are closed, and those that
  // follow are over before the next is due, whenever the first could start (check_ddr). All whole
  // rounds of them but the last are counted only, unless they are logged.
  int64_t due = (until - next_refresh_) / refresh_interval_ + 1;
  const int64_t round = log_ != nullptr ? due : config_.refreshes_same_bank() ? config_.banks : 1;
  for (int64_t i = 0; i < round && due > 0; ++i, --due) refresh(stats);
  if (due == 0) return;
  const int64_t skipped = (due - 1) / round * round;
  stats.refreshes += static_cast<uint64_t>(skipped);
  next_refresh_ += skipped * refresh_interval_;
  for (due -= skipped; due > 0; --due) refresh(stats);
}

bool DdrChannel::refreshed_next(size_t index) const {
  return !config_.refreshes_same_bank() ||
         static_cast<int64_t>(index) % config_.banks == next_refresh_bank_;
}

void DdrChannel::refresh(MemoryStats& stats) {
  const bool same = config_.refreshes_same_bank();
  const DdrAccess where{0, same ? next_refresh_bank_ : 0};
  Picoseconds start = next_refresh_;
  bool open = false;
  for (size_t i = 0; i < banks_.size(); ++i) {
    if (!refreshed_next(i)) continue;
    const Bank& b = banks_[i];
    open |= b.row != kClosed;
    start = std::max(start, b.row == kClosed ? b.activate : b.precharge);
  }
  if (open) {
    log(same ? DdrCommand::Kind::kPrechargeSame : DdrCommand::Kind::kPrechargeAll, where, start);
    start += config_.trp_ps;
  }
  if (same) start = std::max({start, refresh_end_, last_activate() + config_.trrd_l_ps});
  log(same ? DdrCommand::Kind::kRefreshSame : DdrCommand::Kind::kRefresh, where, start);
  refresh_end_ = start + (same ? config_.trfcsb_ps : config_.trfc_ps);
  for (size_t i = 0; i < banks_.size(); ++i) {
    if (!refreshed_next(i)) continue;
    banks_[i].row = kClosed;
    banks_[i].activate = banks_[i].refreshed = refresh_end_;
  }
  if (same) {
    all_.activate = std::max(all_.activate, start + config_.trefsbrd_ps);
    next_refresh_bank_ = (next_refresh_bank_ + 1) % config_.banks;
  }
  ++stats.refreshes;
  next_refresh_ += refresh_interval_;
}

void DdrChannel::account(const DdrAccess& a, const Plan& plan, const Bank& target,
                         MemoryStats& stats) {
  const bool turned = a.write != last_write_;
  if (turned) ++stats.turnarounds;
  const Picoseconds latency = column_latency(a.write);
  // The data could have been on the bus from here on if the row had been open and no rule held the
  // access back.
  const Picoseconds wanted =
      std::max({bus_free_, a.arrival + latency, a.write ? a.data : kLongAgo});
  Picoseconds lost = plan.column + latency - wanted;
  if (lost <= 0) return;
  // What lies before the first data that a row opened right after the bank's last refresh could
  // give is due to the refresh.
  const Picoseconds recovered = target.refreshed + config_.trcd_ps + latency;
  if (plan.activate != kLongAgo && wanted < recovered) {
    const Picoseconds refresh = std::min(lost, recovered - wanted);
    stats.lost_refresh_ps += static_cast<uint64_t>(refresh);
    lost -= refresh;
  }
  uint64_t& cause = plan.row_ready >= plan.rule_ready ? stats.lost_rows_ps
                    : turned                          ? stats.lost_turnaround_ps
                                                      : stats.lost_bank_group_ps;
  cause += static_cast<uint64_t>(lost);
}

}  // namespace systole::memory
