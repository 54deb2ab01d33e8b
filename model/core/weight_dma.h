// SPDX-License-Identifier: Apache-2.0
// The unit ldw: appends weight tiles to the ring as credits allow.
#pragma once

#include <array>

#include "model/arch/weight_rows.h"
#include "model/core/burst_reader.h"
#include "model/core/descriptor_queue.h"
#include "model/core/front.h"

namespace systole::core {

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
  void activate(const Command& command, Cycle t);
  void work_tiles(const DescriptorQueue::Descriptor& active, Cycle t);
  void drain(const ReadBurst& burst, Cycle t);
  void next_tile();
  void move_bytes(const uint8_t* bytes, uint32_t count);
  void drain_codebook(const ReadBurst& burst, Cycle t);
  // Streams with holes or prefixes (weight_dma_stream.cpp).
  void drain_stream(const ReadBurst& burst, Cycle t);
  void end_word();
  void next_word();
  void next_stream_tile();
  // Diagonal tiles (weight_dma_diagonal.cpp).
  void work_diagonals(const DescriptorQueue::Descriptor& active, Cycle t);
  void collect(const ReadBurst& burst, Cycle t);
  void expand(Cycle t);

  CoreContext& core_;
  Front front_;
  BurstReader reader_;
  DescriptorQueue descriptors_;
  bool draining_ = false;  ///< all steps of the oldest burst are under way until burst_to_
  Cycle burst_to_ = 0;     ///< first cycle after them
  Cycle drain_to_ = 0;  ///< first cycle after the last known step that moves bytes or passes holes
  bool blocked_ = false;  ///< wants a credit and has no step under way

  // The active instruction's place in its stream.
  enum class Kind : uint8_t { kTiles, kStream, kDiagonals, kCodebook };
  bool active_ = false;
  Kind kind_ = Kind::kTiles;
  isa::LoadWeights load_;  ///< unless it is a load_codebook
  int64_t groups_ = 0, group_ = 0;
  uint32_t row_bytes_ = 0;  ///< of a tile's row, or of a diagonal, in DRAM
  uint32_t tile_bytes_ = 0;
  uint32_t tile_done_ = 0;   ///< bytes of the tile, or of the codebook, that are moved
  uint32_t burst_done_ = 0;  ///< bytes of the oldest burst that are moved

  // Streams with holes or prefixes: the tile, and the word of it that is being read.
  arch::Geometry slices_;     ///< what the transfer cuts words into
  int64_t tile_index_ = 0;    ///< of the next tile, holes counted
  uint16_t skip_ = 0;         ///< holes before the tile
  uint32_t stream_left_ = 0;  ///< bytes
  int tile_rows_ = 0, tile_row_ = 0;
  bool in_prefix_ = false;  ///< the word is a prefix, else a row
  int block_row_ = 0;       ///< rows since the prefix
  uint32_t word_bytes_ = 0, word_done_ = 0;
  std::array<uint8_t, 256> prefix_{}, word_{};

  // Diagonal tiles: one position is expanded while the next is collected.
  std::array<uint8_t, 256> collected_{}, expanded_{};
  uint32_t position_done_ = 0;  ///< bytes of the position that are collected
  bool all_collected_ = false;  ///< of the active instruction
  int64_t tiles_left_ = 0;      ///< of the position being expanded: no credit taken yet
  Cycle rows_to_ = 0;           ///< first cycle after the last known row step
  bool wants_credit_ = false;   ///< the next step begins a tile, and there is none
};

}  // namespace systole::core
