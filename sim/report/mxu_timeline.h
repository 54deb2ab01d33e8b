// SPDX-License-Identifier: Apache-2.0
// What the matrix unit did in every cycle of a run, worked out from the retire log.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "model/core/events.h"
#include "model/isa/program.h"

namespace systole {

/// What holds the matrix unit, coarser than isa::Cause: what a retire log can tell.
enum class MxuState : uint8_t {
  kBusy,        ///< a row streamed
  kWeightLoad,  ///< all rows streamed, weights still enter
  kWeights,     ///< the next weight tile has not arrived
  kLda,         ///< waits for a token of lda: activations or parameters from DRAM
  kLdw,         ///< waits for a token of ldw
  kVpu,         ///< waits for a token of vpu: a result it consumes or an accumulator it overwrites
  kSto,         ///< waits for a token of sto
  kDispatch,    ///< instruction start, bank conflicts, fetch
  kIdle,        ///< its last instruction is over
};
inline constexpr int kMxuStates = 9;
const char* mxu_state_name(MxuState state);

/// Cycles in each state.
using MxuCycles = std::array<Cycle, kMxuStates>;

/// Half-open intervals that cover a run from cycle 0 without gaps.
class MxuTimeline {
 public:
  /// `retired`: the complete log of a finished run of `program`, sorted by end.
  MxuTimeline(const Program& program, const std::vector<RetireEvent>& retired, Cycle cycles);

  /// Cycles of each state inside [from, to).
  MxuCycles cycles(Cycle from, Cycle to) const;

 private:
  struct Interval {
    Cycle from, to;
    MxuState state;
  };
  void append(Cycle to, MxuState state);
  void append_instruction(const RetireEvent& event, const isa::Matmul& matmul, const HwParams& hw);
  std::vector<Interval> intervals_;
};

}  // namespace systole
