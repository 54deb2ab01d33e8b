// SPDX-License-Identifier: Apache-2.0
// The unit lda: loads activations, windows of rows, parameters and tables.
#pragma once

#include "model/core/burst_reader.h"
#include "model/core/descriptor_queue.h"
#include "model/core/front.h"

namespace systole::core {

class LoadDma {
 public:
  explicit LoadDma(CoreContext& core);

  void clock(Cycle t);
  void decide(Cycle t);
  Cycle next_event(Cycle t) const;

  Front& front() { return front_; }
  const Front& front() const { return front_; }
  BurstReader& reader() { return reader_; }

 private:
  /// How the active instruction's run is cut into destination words: pixel by pixel, a pixel starts
  /// a word.
  struct WordRule {
    uint64_t pixel_bytes = 1, word_bytes = 1, words_per_pixel = 1;
    uint64_t word_of(uint64_t byte) const {
      return byte / pixel_bytes * words_per_pixel + byte % pixel_bytes / word_bytes;
    }
  };

  void begin(Cycle s);
  bool work(Cycle t);
  void drain(const DescriptorQueue::Descriptor& active, const ReadBurst& burst, Cycle t);
  WordRule word_rule(const Command& command) const;
  void move_bytes(const Command& command, const ReadBurst& burst);

  CoreContext& core_;
  Front front_;
  BurstReader reader_;
  DescriptorQueue descriptors_;
  bool draining_ = false;  ///< the oldest burst's steps are under way until drain_to_
  Cycle drain_to_ = 0;     ///< first cycle after the last known step
  Cycle emit_from_ = 0;    ///< load_window: the emissions of a row are in [emit_from_, emit_to_)
  Cycle emit_to_ = 0;
};

}  // namespace systole::core
