// SPDX-License-Identifier: Apache-2.0
// The golden executor step by step: what the storages hold after the instructions that have ended.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "model/golden/golden_state.h"
#include "model/program/program.h"

namespace systole::golden {

/// Executes the instructions of a legal program in the order in which a run has ended them, each as
/// a whole: tokens let nobody read a result before, nor write over an operand.
class GoldenReplay {
 public:
  /// `dram` is what the run begins with. `program` outlives it.
  GoldenReplay(const program::Program& program, std::vector<uint8_t> dram, uint64_t memory_bytes);
  GoldenReplay(const GoldenReplay&) = delete;
  GoldenReplay& operator=(const GoldenReplay&) = delete;

  /// Instruction `pc` has ended. Tiles that a matmul meets may be of a load_weights that has not:
  /// they are taken ahead.
  void end(uint32_t pc);

  std::span<const uint8_t> dram() const { return dram_; }
  std::span<const uint8_t> ub() const { return state_.ub(); }
  std::span<const int32_t> acc() const { return state_.acc(); }

 private:
  /// A load_weights under way.
  struct Stream {
    Instruction instruction;
    int64_t next = 0, count = 0, tiles = 0;
  };

  void advance_weights();
  void multiply(const Instruction& instruction);

  const program::Program& program_;
  const arch::Geometry geometry_;
  std::vector<uint8_t> dram_;
  GoldenState state_;
  uint32_t next_weights_ = 0;  ///< where the next instruction of ldw is looked for
  std::optional<Stream> stream_;
  std::deque<int64_t> holes_;  ///< before each tile in the ring
};

}  // namespace systole::golden
