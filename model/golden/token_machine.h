// SPDX-License-Identifier: Apache-2.0
// Runs a program by its tokens alone, without time: queues, semaphores, weight-tile credits, any
// legal order.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "model/golden/instruction.h"
#include "model/program/program.h"

namespace systole::golden {

/// What the machine tells of each instruction, in an order that the hardware could have taken.
class TokenObserver {
 public:
  virtual ~TokenObserver() = default;
  /// Its tokens are taken. An instruction without tiles does all of its work here.
  virtual void take(const Instruction& instruction) = 0;
  /// load_weights appends its tile `index` to the ring; matmul uses its tile `index`. `count`: of
  /// the tiles that the instruction appended or used before. Holes are in `index`, not in `count`.
  virtual void tile(const Instruction& instruction, int64_t index, int64_t count) = 0;
  /// It has ended; its signals are given next.
  virtual void end(const Instruction& instruction) = 0;
};

/// Fetch dispatches in program order into queues of QUEUE_DEPTH; each unit executes one instruction
/// at a time, in order; load_weights and matmul advance tile by tile. Hardware overlaps more, so
/// whatever proceeds here proceeds there; which instructions execute does not depend on the order
/// chosen.
class TokenMachine {
 public:
  struct Outcome {
    bool finished = false;  ///< every instruction ended
    isa::Fault fault =
        isa::Fault::kNone;  ///< found at dispatch; the instructions before it were run
    uint32_t fault_pc = 0;
    std::string waiting;  ///< not finished: what each unit waits for
  };

  TokenMachine(const program::Program& program, TokenObserver& observer);
  /// Runs until nothing can move. `seed` chooses among the possible steps.
  Outcome run(uint64_t seed);

 private:
  struct UnitState {
    std::deque<uint32_t> queue;
    std::optional<Instruction> current;  ///< taken, with tiles to go
    int64_t next_tile = 0;               ///< in the order of the shape
    int64_t count = 0;                   ///< of the tiles appended or used
    int64_t tiles = 0;                   ///< of the shape
  };

  bool can_dispatch() const;
  bool can_step(int unit) const;
  bool has_tokens(int unit, uint16_t wait) const;
  void dispatch();
  void step(int unit);
  void finish(const Instruction& instruction);
  std::string waiting() const;

  const program::Program& program_;
  const arch::Geometry geometry_;
  TokenObserver& observer_;
  Outcome outcome_;
  uint32_t next_pc_ = 0;
  std::array<UnitState, isa::kUnits> units_;
  std::array<std::array<uint16_t, isa::kUnits>, isa::kUnits> tokens_{};  ///< [producer][consumer]
  std::deque<int64_t> ring_;  ///< ready tiles: holes before each
  int64_t kept_ = 0;          ///< of the ready tiles, used by the running matmul with keep
  int64_t credits_;
};

}  // namespace systole::golden
