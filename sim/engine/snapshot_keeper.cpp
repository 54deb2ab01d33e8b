// SPDX-License-Identifier: Apache-2.0
// Counts cycles, bytes and seconds.
#include "sim/engine/snapshot_keeper.h"

#include <algorithm>

namespace systole::engine {

SnapshotKeeper::SnapshotKeeper(SnapshotPlan plan, SnapshotSet begin)
    : plan_(std::move(plan)), set_(std::move(begin)) {
  if (set_.snapshots.empty()) return;
  const Snapshot& from = set_.snapshots.back();
  last_ = from.cycle;
  written_ = from.written;
  for (const Snapshot& snapshot : set_.snapshots) bytes_ += snapshot.state.size();
}

bool SnapshotKeeper::affordable() const {
  if (plan_.share >= 1) return true;
  const auto elapsed = std::chrono::duration<double>(Clock::now() - start_);
  return std::chrono::duration<double>(spent_ + last_cost_) <= plan_.share * elapsed;
}

bool SnapshotKeeper::due(Cycle now, platform::ByteRange read) {
  while (next_border_ < plan_.borders.size() && plan_.borders[next_border_] < read.to) {
    border_due_ = border_due_ || plan_.borders[next_border_] >= read.from;
    ++next_border_;
  }
  const bool wanted =
      now >= last_ + plan_.interval || (border_due_ && now >= last_ + plan_.least_interval);
  border_due_ = false;
  return wanted && affordable();
}

void SnapshotKeeper::note_write(platform::ByteRange bytes) {
  if (bytes.from == bytes.to) return;
  for (uint64_t page = bytes.from / kSnapshotPage; page * kSnapshotPage < bytes.to; ++page)
    dirty_.insert(static_cast<uint32_t>(page));
  written_ = written_ == platform::ByteRange{}
                 ? bytes
                 : platform::ByteRange{std::min(written_.from, bytes.from),
                                       std::max(written_.to, bytes.to)};
}

void SnapshotKeeper::take(Cycle now, const core::RunLog& log,
                          const std::function<std::vector<uint8_t>()>& make,
                          const ReadPage& read_page) {
  const Clock::time_point begin = Clock::now();
  for (const uint32_t number : dirty_) {
    set_.pages.emplace_back().number = number;
    read_page(set_.pages.back());
  }
  dirty_.clear();
  Snapshot& snapshot = set_.snapshots.emplace_back();
  snapshot.cycle = now;
  snapshot.logs.retired = log.retired.size();
  snapshot.logs.dram = log.dram.size();
  snapshot.logs.pages = set_.pages.size();
  for (size_t i = 0; i < log.causes.size(); ++i) snapshot.logs.causes[i] = log.causes[i].size();
  snapshot.written = written_;
  snapshot.state = make();
  bytes_ += snapshot.state.size();
  last_ = now;
  new_ = true;
  if (bytes_ > plan_.most_bytes) thin_out();
  last_cost_ = Clock::now() - begin;
  spent_ += last_cost_;
}

/// Every second one goes, but not the last.
void SnapshotKeeper::thin_out() {
  std::vector<Snapshot> kept;
  bytes_ = 0;
  const size_t count = set_.snapshots.size();
  for (size_t i = 0; i < count; ++i) {
    if ((count - 1 - i) % 2 != 0) continue;
    bytes_ += set_.snapshots[i].state.size();
    kept.push_back(std::move(set_.snapshots[i]));
  }
  set_.snapshots = std::move(kept);
  plan_.interval *= 2;
  plan_.least_interval *= 2;
}

SnapshotSet SnapshotKeeper::finish(Cycle reached, core::RunLog log) {
  set_.reached = reached;
  set_.log = std::move(log);
  return std::move(set_);
}

}  // namespace systole::engine
