// SPDX-License-Identifier: Apache-2.0
// One DRAM channel: when the commands of an access may be issued, by JEDEC's rules
// (docs/memory.md).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "model/arch/ddr.h"
#include "model/memory/memory_stats.h"

namespace systole::memory {

/// Picoseconds since the start of the run.
using Picoseconds = int64_t;

/// A command as the DRAM sees it.
struct DdrCommand {
  enum class Kind {
    kActivate,
    kPrecharge,
    kPrechargeSame,  ///< of this bank of every group
    kPrechargeAll,
    kRead,
    kWrite,
    kRefreshSame,  ///< of this bank of every group
    kRefresh
  };
  Kind kind;
  int64_t group = 0, bank = 0, row = 0;  ///< bank in its group
  Picoseconds at = 0;
  int64_t column = 0;  ///< of reads and writes, as DdrAccess has it
};
/// By channel.
using DdrCommandLogs = std::vector<std::vector<DdrCommand>>;

/// What an access is about.
struct DdrAccess {
  int64_t group = 0, bank = 0, row = 0;  ///< bank in its group
  bool write = false;
  Picoseconds arrival = 0;  ///< no command of the access before
  Picoseconds data = 0;     ///< write: no data on the bus before
  int64_t column = 0;       ///< for logs: it does not matter for the time
};

/// Serves accesses in the order of the calls: their column commands are in that order; rows are
/// opened as early as the rules allow, but not before the access arrived. A row stays open until
/// another one of its bank is needed or a refresh closes it. Nothing is done until it is asked
/// for; each call takes constant time.
class DdrChannel {
 public:
  explicit DdrChannel(const arch::DdrConfig& config);

  /// The time of the access' first data on the bus; they last config.tburst_ps. Adds to `stats`.
  Picoseconds access(const DdrAccess& access, MemoryStats& stats);

  /// Where to put every command that is issued from now on. Commands of later accesses may be
  /// earlier, but not before those accesses arrived.
  void set_log(std::vector<DdrCommand>* log) { log_ = log; }
  /// Issues the refreshes that are due up to `until`, as the next access would.
  void idle(Picoseconds until, MemoryStats& stats) { skip_idle_refreshes(until, stats); }

 private:
  static constexpr int64_t kClosed = -1;
  static constexpr Picoseconds kLongAgo = -(Picoseconds{1} << 40);

  struct Bank {
    int64_t row = kClosed;
    Picoseconds column = kLongAgo;     ///< from here on columns may be accessed
    Picoseconds precharge = kLongAgo;  ///< from here on it may be precharged
    Picoseconds activate = kLongAgo;   ///< from here on, if closed, it may be activated
    Picoseconds refreshed = kLongAgo;  ///< end of its last refresh
  };
  /// From here on commands may be issued to a bank group, or to any bank of the channel.
  struct Limits {
    Picoseconds activate = kLongAgo;
    std::array<Picoseconds, 2> column{kLongAgo, kLongAgo};  ///< of a read, of a write
  };
  /// The commands of an access; kLongAgo where none is needed.
  struct Plan {
    Picoseconds precharge = kLongAgo, activate = kLongAgo, column = 0;
    Picoseconds row_ready = 0;   ///< what the row allows
    Picoseconds rule_ready = 0;  ///< what the column commands before allow
  };

  Bank& bank(const DdrAccess& a) {
    return banks_[static_cast<size_t>(a.group * config_.banks + a.bank)];
  }
  Picoseconds column_latency(bool write) const { return write ? config_.tcwl_ps : config_.tcl_ps; }
  Plan plan(const DdrAccess& access, const Bank& bank) const;
  void issue(const DdrAccess& access, const Plan& plan, Bank& bank);
  void skip_idle_refreshes(Picoseconds until, MemoryStats& stats);
  void refresh(MemoryStats& stats);
  bool refreshed_next(size_t index) const;
  void account(const DdrAccess& access, const Plan& plan, const Bank& bank, MemoryStats& stats);
  Picoseconds last_activate() const {
    return activates_[(oldest_activate_ + activates_.size() - 1) % activates_.size()];
  }
  void log(DdrCommand::Kind kind, const DdrAccess& access, Picoseconds at) {
    if (log_ != nullptr)
      log_->push_back({kind, access.group, access.bank, access.row, at, access.column});
  }

  const arch::DdrConfig config_;
  const Picoseconds read_to_write_;  ///< from command to command
  std::vector<Bank> banks_;
  std::vector<Limits> groups_;
  Limits all_;
  std::array<Picoseconds, 4> activates_;  ///< the last four, a ring
  size_t oldest_activate_ = 0;
  const Picoseconds refresh_interval_;  ///< 0: never
  Picoseconds next_refresh_;            ///< due; never if there is no refresh
  int64_t next_refresh_bank_ = 0;       ///< of a refresh of one bank in each group
  Picoseconds refresh_end_ = kLongAgo;
  Picoseconds bus_free_ = 0;  ///< end of the last data
  bool last_write_ = false;   ///< direction of the last access
  std::vector<DdrCommand>* log_ = nullptr;
};

}  // namespace systole::memory
