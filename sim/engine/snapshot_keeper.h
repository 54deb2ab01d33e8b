// SPDX-License-Identifier: Apache-2.0
// Decides when a run of the RTL leaves a snapshot, within a share of its time and a size.
#pragma once

#include <chrono>
#include <functional>
#include <set>
#include <span>
#include <vector>

#include "sim/engine/snapshots.h"

namespace systole::engine {

struct SnapshotPlan {
  /// Addresses of the first instructions of the layers, ascending: a snapshot stands before each is
  /// fetched.
  std::vector<uint32_t> borders;
  Cycle interval = 1 << 16;         ///< from one to the next; doubled whenever they get too large
  Cycle least_interval = 1 << 13;   ///< before a border
  uint64_t most_bytes = 64u << 20;  ///< of all states
  double share = 0.05;              ///< of the run's time; 1: any
};

class SnapshotKeeper {
 public:
  /// Reads a page's bytes out of DRAM as they are now.
  using ReadPage = std::function<void(DramPage&)>;

  /// Goes on with `begin`, which is of the same program, at its last snapshot.
  SnapshotKeeper(SnapshotPlan plan, SnapshotSet begin);

  /// Whether a snapshot ought to be taken before cycle `now`. `read`: the burst that the core asks
  /// for in it; empty if none.
  bool due(Cycle now, platform::ByteRange read);
  /// The core has written to these addresses.
  void note_write(platform::ByteRange bytes);
  /// Takes the snapshot; `make_state` gives that of the core.
  void take(Cycle now, const core::RunLog& log, const std::function<std::vector<uint8_t>()>& make,
            const ReadPage& read_page);
  /// All that were taken. `reached`: how far the run came, or kNever if it came to its end.
  SnapshotSet finish(Cycle reached, core::RunLog log);
  /// Whether there is one that the run did not begin with.
  bool has_new() const { return new_; }

 private:
  using Clock = std::chrono::steady_clock;
  bool affordable() const;
  void thin_out();

  SnapshotPlan plan_;
  SnapshotSet set_;
  std::set<uint32_t> dirty_;  ///< pages that were written since the last snapshot
  platform::ByteRange written_;
  size_t next_border_ = 0;
  bool border_due_ = false;
  Cycle last_ = 0;
  uint64_t bytes_ = 0;
  bool new_ = false;
  const Clock::time_point start_ = Clock::now();
  Clock::duration spent_{}, last_cost_{};
};

}  // namespace systole::engine
