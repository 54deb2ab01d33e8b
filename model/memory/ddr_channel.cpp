// SPDX-License-Identifier: Apache-2.0
// The timing rules of a DRAM channel.
#include "model/memory/ddr_channel.h"

#include <algorithm>
#include <limits>

namespace systole {

DdrChannel::DdrChannel(const DdrConfig& config)
    : config_(config),
      read_to_write_(std::max(config.tccd_s_ps, config.tcl_ps + config.tburst_ps +
                                                    config.turnaround_ps - config.tcwl_ps)),
      banks_(static_cast<size_t>(config.bank_groups * config.banks)),
      groups_(static_cast<size_t>(config.bank_groups)),
      next_refresh_(config.trefi_ps == 0 ? std::numeric_limits<Picoseconds>::max()
                                         : config.trefi_ps) {
  activates_.fill(kLongAgo);
}

Picoseconds DdrChannel::access(const DdrAccess& access, MemoryStats& stats) {
  skip_idle_refreshes(access.arrival, stats);
  Bank& target = bank(access);
  Plan next = plan(access, target);
  // A refresh that is due goes before the access, and closes its row.
  while (next.column >= next_refresh_) {
    refresh(stats);
    next = plan(access, target);
  }
  ++(next.activate == kLongAgo    ? stats.row_hits
     : next.precharge == kLongAgo ? stats.row_misses
                                  : stats.row_conflicts);
  account(access, next, stats);
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
  group.column[a.write] = plan.column + config_.tccd_l_ps;
  if (a.write) {
    all_.column[0] = end + config_.twtr_s_ps;
    group.column[0] = end + config_.twtr_l_ps;
    target.precharge = std::max(target.precharge, end + config_.twr_ps);
  } else {
    all_.column[1] = plan.column + read_to_write_;
    group.column[1] = plan.column + std::max(read_to_write_, config_.tccd_l_ps);
    target.precharge = std::max(target.precharge, plan.column + config_.trtp_ps);
  }
  bus_free_ = end;
  last_write_ = a.write;
}

void DdrChannel::skip_idle_refreshes(Picoseconds until, MemoryStats& stats) {
  if (until < next_refresh_) return;
  // All but the last that was due are over, whenever the first of them could start (check_ddr).
  if (const int64_t over = (until - next_refresh_) / config_.trefi_ps; over > 0) {
    refresh(stats);
    stats.refreshes += static_cast<uint64_t>(over - 1);
    next_refresh_ += (over - 1) * config_.trefi_ps;
  }
  refresh(stats);
}

void DdrChannel::refresh(MemoryStats& stats) {
  Picoseconds start = next_refresh_;
  bool open = false;
  for (const Bank& b : banks_) {
    open |= b.row != kClosed;
    start = std::max(start, b.row == kClosed ? b.activate : b.precharge);
  }
  if (open) {
    log(DdrCommand::Kind::kPrechargeAll, {}, start);
    start += config_.trp_ps;
  }
  log(DdrCommand::Kind::kRefresh, {}, start);
  refresh_end_ = start + config_.trfc_ps;
  for (Bank& b : banks_) {
    b.row = kClosed;
    b.activate = refresh_end_;
  }
  ++stats.refreshes;
  next_refresh_ += config_.trefi_ps;
}

void DdrChannel::account(const DdrAccess& a, const Plan& plan, MemoryStats& stats) {
  const bool turned = a.write != last_write_;
  if (turned) ++stats.turnarounds;
  const Picoseconds latency = column_latency(a.write);
  // The data could have been on the bus from here on if the row had been open and no rule held the
  // access back.
  const Picoseconds wanted =
      std::max({bus_free_, a.arrival + latency, a.write ? a.data : kLongAgo});
  Picoseconds lost = plan.column + latency - wanted;
  if (lost <= 0) return;
  // What lies before the first data that a row opened right after the last refresh could give is
  // due to the refresh.
  const Picoseconds recovered = refresh_end_ + config_.trcd_ps + latency;
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

}  // namespace systole
