// SPDX-License-Identifier: Apache-2.0
// The ring of weight tiles between ldw and mxu, as times: when a tile is ready, when its slot is
// free again.
#pragma once

#include <bit>
#include <cstdint>

#include "model/core/events.h"
#include "model/core/ring.h"

namespace systole::core {

/// Tiles are numbered from 0 in the order of the stream.
class WeightRing {
 public:
  explicit WeightRing(int tiles)
      : tiles_(std::bit_ceil(static_cast<size_t>(tiles))),
        releases_(static_cast<size_t>(tiles)),
        credits_(tiles) {}

  /// Makes the credits visible that were given back for a cycle up to `t`.
  void clock(Cycle t) {
    while (!releases_.empty() && releases_.front() <= t) {
      releases_.pop();
      ++credits_;
      ++released_;
    }
  }

  // --- ldw -------------------------------------------------------------------
  bool has_credit() const { return credits_ > 0; }
  /// `visible`: the first cycle that finds it gone.
  void take_credit(Cycle visible) {
    --credits_;
    tiles_[slot(taken_++)].taken = visible;
  }
  /// The cycle in which the next credit becomes visible, if that is known yet.
  Cycle next_credit() const { return releases_.empty() ? kNever : releases_.front(); }
  /// Appends a tile, to be seen by mxu from cycle `ready` on, with `skip` tiles of zeros before it
  /// that have no place in the ring.
  void append(Cycle ready, uint16_t skip = 0) {
    Tile& tile = tiles_[slot(appended_++)];
    tile.ready = ready;
    tile.skip = skip;
  }
  uint64_t appended() const { return appended_; }

  // --- mxu -------------------------------------------------------------------
  /// The cycle from which `tile` can be started, if that is known yet.
  Cycle ready_at(uint64_t tile) const {
    return tile < appended_ ? tiles_[slot(tile)].ready : kNever;
  }
  /// Tiles of zeros before `tile`, which is appended.
  uint16_t skip(uint64_t tile) const { return tiles_[slot(tile)].skip; }
  /// Gives back the oldest tile; the credit is visible in `cycle`.
  void release(Cycle cycle) { releases_.push(cycle); }

  // --- what stands in the registers in `t` -------------------------------------
  int ready_tiles(Cycle t) const {
    uint64_t ready = appended_;
    while (ready > released(t) && tiles_[slot(ready - 1)].ready > t) --ready;
    return static_cast<int>(ready - released(t));
  }
  int free_tiles(Cycle t) const {
    uint64_t taken = taken_;
    while (taken > released(t) && tiles_[slot(taken - 1)].taken > t) --taken;
    return size() - static_cast<int>(taken - released(t));
  }

  /// Where a tile lies; slots are as many as the ring's tiles, rounded up to a power of two.
  size_t slot(uint64_t tile) const { return tile & (tiles_.size() - 1); }

 private:
  int size() const { return static_cast<int>(releases_.capacity()); }
  uint64_t released(Cycle t) const {
    uint64_t count = released_;
    for (size_t i = 0; i < releases_.size() && releases_[i] <= t; ++i) ++count;
    return count;
  }
  struct Tile {
    Cycle taken = 0;
    Cycle ready = kNever;
    uint16_t skip = 0;
  };

  std::vector<Tile> tiles_;
  Ring<Cycle> releases_;
  int credits_;
  uint64_t taken_ = 0;     ///< credits, as tiles: tile n takes the n-th
  uint64_t released_ = 0;  ///< credits that are visible
  uint64_t appended_ = 0;
};

}  // namespace systole::core
