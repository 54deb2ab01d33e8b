// SPDX-License-Identifier: Apache-2.0
// Appends instructions to a random program and orders each, by tokens, after all it conflicts with.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include "model/base/seeded_random.h"
#include "model/golden/shadow.h"
#include "model/isa/isa.h"

namespace systole::golden {

/// The program stays executable in the order it is written: tokens are given before they are taken,
/// and weights are loaded before they are used. So it never deadlocks, whatever the queues hold,
/// given two rules that append keeps: nothing waits for, and few stand behind, a load_weights that
/// is still waiting for room in the ring; and a matmul knows all that its weights waited for in
/// units that share its ports.
class ProgramBuilder {
 public:
  /// A tile in the ring that no matmul has released.
  struct Tile {
    uint32_t loader;  ///< which instruction of ldw
    int rows;         ///< it holds
    bool last;        ///< of its load_weights
    int64_t skip;     ///< holes before it
  };

  ProgramBuilder(const isa::HwParams& hw, SeededRandom& random)
      : hw_(hw), geometry_(hw), random_(random) {}

  /// Appends an operation. False, and nothing appended, if no tokens can order it. The tiles that a
  /// matmul uses must be in the ring.
  bool append(const isa::AnyInstruction& op);
  /// Appends an instruction that faults at dispatch; nothing after it is executed.
  void append_raw(const isa::Words& words) { code_.push_back(words); }

  const std::deque<Tile>& ring() const { return ring_; }
  /// Tiles of the ring that `op` uses; if the ring has too few, what it lacks is counted as if
  /// without holes.
  int64_t ring_tiles(const isa::Matmul& op) const;
  /// A load_weights waits for room until further matmuls release tiles.
  bool ring_overfull() const { return ring_.size() > static_cast<size_t>(hw_.wb_tiles); }
  size_t size() const { return code_.size(); }
  const std::vector<isa::Words>& code() const { return code_; }

 private:
  struct Issued {
    size_t position;  ///< in code_
    Clock taken;
    Clock ended;
  };

  /// Instructions of `unit` that others may wait for: all but those behind a full ring.
  uint32_t waitable(int unit) const;
  Clock needs(const Instruction& instruction, const std::vector<Access>& accesses) const;
  void add_token(int producer, int consumer, uint32_t index, isa::Header& header, Clock& known);
  void use_ring(const Instruction& instruction, Clock& ended);

  const isa::HwParams& hw_;
  const arch::Geometry geometry_;
  SeededRandom& random_;
  std::vector<isa::Words> code_;
  std::array<std::vector<Issued>, isa::kUnits> issued_;
  /// [producer][consumer]: instructions of the producer up to the last that signalled
  std::array<std::array<uint32_t, isa::kUnits>, isa::kUnits> signalled_{};
  Shadow shadow_;
  isa::VectorSet scalars_;  ///< of the last vector_set
  std::deque<Tile> ring_;
};

}  // namespace systole::golden
