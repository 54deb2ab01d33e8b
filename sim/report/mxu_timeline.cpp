// SPDX-License-Identifier: Apache-2.0
// Replays the tokens of a retire log to say what the matrix unit waited for between its
// instructions.
#include "sim/report/mxu_timeline.h"

#include <algorithm>

#include "model/arch/geometry.h"

namespace systole {
namespace {

// Cycle in which the k-th token from each unit to the MXU becomes visible (docs/timing.md,
// "Issue").
std::array<std::vector<Cycle>, isa::kUnits> token_times(const Program& program,
                                                        const std::vector<RetireEvent>& retired) {
  std::array<std::vector<Cycle>, isa::kUnits> times;
  for (const RetireEvent& event : retired) {
    const auto header = isa::Header::decode(program.code[event.pc]);
    if (header.signal >> static_cast<int>(isa::Unit::kMxu) & 1)
      times[static_cast<size_t>(event.unit)].push_back(event.end + 1);
  }
  return times;
}

MxuState state_of(isa::Unit producer) {
  switch (producer) {
    case isa::Unit::kLda:
      return MxuState::kLda;
    case isa::Unit::kLdw:
      return MxuState::kLdw;
    case isa::Unit::kVpu:
      return MxuState::kVpu;
    default:
      return MxuState::kSto;
  }
}

}  // namespace

const char* mxu_state_name(MxuState state) {
  switch (state) {
    case MxuState::kBusy:
      return "busy";
    case MxuState::kWeightLoad:
      return "weight_load";
    case MxuState::kWeights:
      return "weights";
    case MxuState::kLda:
      return "lda";
    case MxuState::kLdw:
      return "ldw";
    case MxuState::kVpu:
      return "vpu";
    case MxuState::kSto:
      return "sto";
    case MxuState::kDispatch:
      return "dispatch";
    case MxuState::kIdle:
      return "idle";
  }
  return "?";
}

MxuTimeline::MxuTimeline(const Program& program, const std::vector<RetireEvent>& retired,
                         Cycle cycles) {
  const auto tokens = token_times(program, retired);
  std::array<size_t, isa::kUnits> taken{};
  for (const RetireEvent& event : retired) {
    if (event.unit != isa::Unit::kMxu) continue;
    const isa::Words& words = program.code[event.pc];
    const auto header = isa::Header::decode(words);
    for (int p = 0; p < isa::kUnits; ++p) {  // in the order in which timing.md names missing tokens
      if (!(header.wait >> p & 1)) continue;
      const auto unit = static_cast<size_t>(p);
      if (taken[unit] < tokens[unit].size())
        append(std::min(tokens[unit][taken[unit]++], event.start), state_of(isa::Unit(p)));
    }
    append(event.start, MxuState::kDispatch);
    if (isa::Opcode(header.opcode) == isa::Opcode::kMatmul) {
      append_instruction(event, isa::Matmul::decode(words), program.hw);
    } else {
      append(event.start + 1, MxuState::kDispatch);
    }
  }
  append(cycles, MxuState::kIdle);
}

void MxuTimeline::append(Cycle to, MxuState state) {
  const Cycle from = intervals_.empty() ? 0 : intervals_.back().to;
  if (to > from) intervals_.push_back({from, to, state});
}

// The time of a matmul's front: what its tiles cost is known, the rest is waiting for weights. The
// log does not say before which tile it waited, so the waiting is put first, where a tile has most
// often to come from DRAM.
void MxuTimeline::append_instruction(const RetireEvent& event, const isa::Matmul& matmul,
                                     const HwParams& hw) {
  const Geometry geometry(hw);
  const int64_t rows = int64_t{matmul.n} * matmul.oh * matmul.ow;
  const int64_t positions = int64_t{matmul.kh} * matmul.kw;
  const int64_t groups = geometry.groups(matmul.channels);
  Cycle cost = 0, last_cost = 0;
  for (int64_t g = 0; g < groups; ++g) {
    last_cost =
        static_cast<Cycle>(std::max<int64_t>(rows, geometry.group_lanes(g, matmul.channels)));
    cost += last_cost;
  }
  cost *= static_cast<Cycle>(positions);
  const Cycle busy = static_cast<Cycle>(rows * positions * groups);
  // end = T_last + M + ROWS + COLS; front done = T_last + cost_last - 1.
  const Cycle front_end = event.end - static_cast<Cycle>(rows + hw.rows + hw.cols) + last_cost;
  append(event.start + 1, MxuState::kDispatch);  // tile 0 is started in s, streams from s + 1
  append(front_end - cost, MxuState::kWeights);
  append(front_end - cost + busy, MxuState::kBusy);
  append(front_end, MxuState::kWeightLoad);
}

MxuCycles MxuTimeline::cycles(Cycle from, Cycle to) const {
  MxuCycles sums{};
  auto it = std::upper_bound(intervals_.begin(), intervals_.end(), from,
                             [](Cycle cycle, const Interval& i) { return cycle < i.to; });
  for (; it != intervals_.end() && it->from < to; ++it)
    sums[static_cast<size_t>(it->state)] += std::min(it->to, to) - std::max(it->from, from);
  return sums;
}

}  // namespace systole
