// SPDX-License-Identifier: Apache-2.0
// The tokens between the units.
#pragma once

#include <array>
#include <cstdint>

#include "model/isa/isa.h"

namespace systole::core {

/// The counting semaphores (producer, consumer), 16 bits each.
class Semaphores {
 public:
  /// [producer][consumer]
  using Tokens = std::array<std::array<uint16_t, isa::kUnits>, isa::kUnits>;

  /// The lowest producer of `wait` whose token `consumer` lacks, or -1.
  int missing(isa::Unit consumer, uint16_t wait) const {
    for (int p = 0; wait >> p != 0; ++p)
      if ((wait >> p & 1) && tokens_[p][static_cast<size_t>(consumer)] == 0) return p;
    return -1;
  }
  void take(isa::Unit consumer, uint16_t wait) {
    for (int p = 0; wait >> p != 0; ++p)
      if (wait >> p & 1) --tokens_[p][static_cast<size_t>(consumer)];
  }
  void give(isa::Unit producer, uint16_t signal) {
    for (int c = 0; signal >> c != 0; ++c)
      if (signal >> c & 1) ++tokens_[static_cast<size_t>(producer)][c];
  }
  const Tokens& tokens() const { return tokens_; }

 private:
  Tokens tokens_{};
};

}  // namespace systole::core
