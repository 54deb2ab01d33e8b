// SPDX-License-Identifier: Apache-2.0
// Diagonal tiles: the steps that collect a position's bytes, and the row steps that expand it.
#include <cstring>

#include "model/core/datapath.h"
#include "model/core/weight_dma.h"

namespace systole::core {

/// Both kinds of step from `t` on, as far as bursts and credits reach.
void WeightDma::work_diagonals(const DescriptorQueue::Descriptor& active, Cycle t) {
  wants_credit_ = false;
  expand(t);
  const ReadBurst* burst = reader_.head();
  if (!all_collected_ && drain_to_ <= t && burst != nullptr && burst->usable <= t) {
    collect(*burst, t);
    all_collected_ = draining_ && burst->ends_all;
  }
  if (!all_collected_ || tiles_left_ > 0) return;
  active_ = false;
  front_.set_end(active.ticket, rows_to_);
  descriptors_.finish(rows_to_ - 1);
}

/// Moves what is left of `burst` from `t` on, up to a position whose first tile lacks a credit or
/// that another keeps waiting. The last step of a position is its first row step.
void WeightDma::collect(const ReadBurst& burst, Cycle t) {
  drain_to_ = t;
  while (burst_done_ < burst.bytes) {
    const uint32_t count =
        std::min<uint32_t>(row_bytes_ - position_done_, burst.bytes - burst_done_);
    const bool completes = position_done_ + count == row_bytes_;
    if (completes) {
      if (tiles_left_ > 0) return;
      wants_credit_ = !core_.ring.has_credit();
      if (wants_credit_) return;
      drain_to_ = std::max(drain_to_, rows_to_);
    }
    if (core_.data)
      std::memcpy(collected_.data() + position_done_, burst.data() + burst_done_, count);
    burst_done_ += count;
    position_done_ = completes ? 0 : position_done_ + count;
    if (completes) {
      expanded_ = collected_;
      tiles_left_ = groups_;
      rows_to_ = drain_to_;
      expand(drain_to_);
    }
    ++drain_to_;
  }
  burst_to_ = drain_to_;
  draining_ = true;
}

/// Row steps of the position's next tiles, the first in `t` or later.
void WeightDma::expand(Cycle t) {
  while (tiles_left_ > 0) {
    wants_credit_ = !core_.ring.has_credit();
    if (wants_credit_) return;
    core_.ring.take_credit(std::max(rows_to_, t) + 1);
    const int64_t group = groups_ - tiles_left_--;
    if (core_.data)
      core_.data->load_diagonal(core_.ring.slot(core_.ring.appended()), load_, group,
                                expanded_.data());
    rows_to_ =
        std::max(rows_to_, t) + static_cast<Cycle>(core_.geo.group_lanes(group, load_.channels));
    core_.ring.append(rows_to_ + 1);  // ready two cycles after the last row step
  }
}

}  // namespace systole::core
