// SPDX-License-Identifier: Apache-2.0
// The unit ldw: appends weight tiles to the ring as credits allow.
#pragma once

#include <array>

#include "model/core/burst_reader.h"
#include "model/core/descriptor_queue.h"
#include "model/core/front.h"

namespace systole {

class WeightDma {
 public:
  explicit WeightDma(CoreContext& core);

  void clock(Cycle t);
  void decide(Cycle t);
  Cycle next_event(Cycle t) const;

  Front& front() { return front_; }
  const Front& front() const { return front_; }
  BurstReader& reader() { return reader_; }
  /// Whether the back end waits for a credit with its burst usable.
  bool waits_for_credit() const { return blocked_; }

 private:
  void begin(Cycle s);
  bool work(Cycle t);
  void activate(const Command& command);
  void work_tiles(const DescriptorQueue::Descriptor& active, Cycle t);
  void drain(const ReadBurst& burst, Cycle t);
  void next_tile();
  void move_bytes(const uint8_t* bytes, uint32_t count);
  void drain_codebook(const ReadBurst& burst, Cycle t);
  // Diagonal tiles (weight_dma_diagonal.cpp).
  void work_diagonals(const DescriptorQueue::Descriptor& active, Cycle t);
  void collect(const ReadBurst& burst, Cycle t);
  void expand(Cycle t);

  CoreContext& core_;
  Front front_;
  BurstReader reader_;
  DescriptorQueue descriptors_;
  bool draining_ = false;  ///< all steps of the oldest burst are under way until drain_to_
  Cycle drain_to_ = 0;     ///< first cycle after the last known step that moves bytes
  bool blocked_ = false;   ///< wants a credit and has no step under way

  // The active instruction's place in its stream.
  bool active_ = false;
  isa::LoadWeights load_;
  bool codebook_ = false;  ///< it is a load_codebook
  int64_t groups_ = 0, group_ = 0;
  uint32_t row_bytes_ = 0;  ///< of a tile's row, or of a diagonal, in DRAM
  uint32_t tile_bytes_ = 0;
  uint32_t tile_done_ = 0;   ///< bytes of the tile, or of the codebook, that are moved
  uint32_t burst_done_ = 0;  ///< bytes of the oldest burst that are moved

  // Diagonal tiles: one position is expanded while the next is collected.
  std::array<uint8_t, 256> collected_{}, expanded_{};
  uint32_t position_done_ = 0;  ///< bytes of the position that are collected
  bool all_collected_ = false;  ///< of the active instruction
  int64_t tiles_left_ = 0;      ///< of the position being expanded: no credit taken yet
  Cycle rows_to_ = 0;           ///< first cycle after the last known row step
  bool wants_credit_ = false;   ///< the next step begins a tile, and there is none
};

}  // namespace systole
