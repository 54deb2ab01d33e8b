// SPDX-License-Identifier: Apache-2.0
// The untimed scheduler under the golden executor and the checker of legal programs.
#include "model/golden/token_machine.h"

#include <fmt/format.h>

#include "model/base/seeded_random.h"

namespace systole::golden {
namespace {

constexpr int kFirstUnit = 1;  // fetch itself executes nothing

int unit_index(isa::Unit unit) { return static_cast<int>(unit); }

}  // namespace

TokenMachine::TokenMachine(const program::Program& program, TokenObserver& observer)
    : program_(program),
      geometry_(program.hw),
      observer_(observer),
      credits_(program.hw.wb_tiles) {}

TokenMachine::Outcome TokenMachine::run(uint64_t seed) {
  SeededRandom random(seed);
  while (true) {
    std::array<int, isa::kUnits> possible{};
    int count = 0;
    if (can_dispatch()) possible[count++] = 0;
    for (int unit = kFirstUnit; unit < isa::kUnits; ++unit)
      if (can_step(unit)) possible[count++] = unit;
    if (count == 0) break;
    const int chosen = possible[random.below(count)];
    if (chosen == 0)
      dispatch();
    else
      step(chosen);
  }
  outcome_.waiting = waiting();
  outcome_.finished = outcome_.waiting.empty() && outcome_.fault == isa::Fault::kNone;
  return outcome_;
}

bool TokenMachine::can_dispatch() const {
  if (next_pc_ >= program_.code.size() || outcome_.fault != isa::Fault::kNone) return false;
  const auto* info = isa::find_instruction(isa::Header::decode(program_.code[next_pc_]).opcode);
  // A faulty instruction is found whatever the queues hold.
  if (info == nullptr) return true;
  return units_[unit_index(info->unit)].queue.size() <
             static_cast<size_t>(program_.hw.queue_depth) ||
         dispatch_fault(program_.code[next_pc_], program_.hw) != isa::Fault::kNone;
}

void TokenMachine::dispatch() {
  const isa::Words& words = program_.code[next_pc_];
  const isa::Fault fault = dispatch_fault(words, program_.hw);
  if (fault != isa::Fault::kNone) {
    outcome_.fault = fault;
    outcome_.fault_pc = next_pc_;
    return;
  }
  const auto* info = isa::find_instruction(isa::Header::decode(words).opcode);
  units_[unit_index(info->unit)].queue.push_back(next_pc_++);
}

bool TokenMachine::has_tokens(int unit, uint16_t wait) const {
  for (int producer = 0; producer < isa::kUnits; ++producer)
    if ((wait >> producer & 1) != 0 && tokens_[producer][unit] == 0) return false;
  return true;
}

bool TokenMachine::can_step(int unit) const {
  const UnitState& state = units_[unit];
  if (state.current) {
    if (unit == unit_index(isa::Unit::kLdw)) return credits_ > 0;
    return std::ssize(ring_) > kept_;
  }
  return !state.queue.empty() &&
         has_tokens(unit, isa::Header::decode(program_.code[state.queue.front()]).wait);
}

void TokenMachine::step(int unit) {
  UnitState& state = units_[unit];
  if (!state.current) {
    const uint32_t pc = state.queue.front();
    state.queue.pop_front();
    const Instruction instruction = decode_instruction(program_.code[pc], pc);
    for (int producer = 0; producer < isa::kUnits; ++producer)
      if ((instruction.header.wait >> producer & 1) != 0) --tokens_[producer][unit];
    observer_.take(instruction);
    state.next_tile = state.count = 0;
    state.tiles = tile_count(instruction, geometry_);
    if (state.tiles == 0)
      finish(instruction);
    else
      state.current = instruction;
    return;
  }
  if (const auto* weights = std::get_if<isa::LoadWeights>(&state.current->op)) {
    const int64_t index = next_stored(*weights, state.next_tile);
    ring_.push_back(index - state.next_tile);
    --credits_;
    observer_.tile(*state.current, index, state.count++);
    state.next_tile = next_stored(*weights, index + 1) < state.tiles ? index + 1 : state.tiles;
  } else {
    const bool keep = std::get<isa::Matmul>(state.current->op).keep;
    const int64_t skip = ring_[static_cast<size_t>(keep ? kept_ : 0)];
    const int64_t index = std::min(state.next_tile + skip, state.tiles - 1);
    observer_.tile(*state.current, index, state.count++);
    state.next_tile = index + 1;
    if (keep) {
      ++kept_;
    } else {
      ring_.pop_front();
      ++credits_;
    }
  }
  if (state.next_tile < state.tiles) return;
  if (unit == unit_index(isa::Unit::kMxu)) kept_ = 0;
  finish(*state.current);
  state.current.reset();
}

void TokenMachine::finish(const Instruction& instruction) {
  observer_.end(instruction);
  // The semaphores are 16-bit counters and wrap as the hardware's do.
  for (int consumer = 0; consumer < isa::kUnits; ++consumer)
    if ((instruction.header.signal >> consumer & 1) != 0)
      ++tokens_[unit_index(instruction.unit)][consumer];
}

std::string TokenMachine::waiting() const {
  std::string text;
  const auto add = [&](const std::string& line) { text += (text.empty() ? "" : "; ") + line; };
  for (int unit = kFirstUnit; unit < isa::kUnits; ++unit) {
    const UnitState& state = units_[unit];
    if (state.current) {
      add(fmt::format(
          "{} waits for {}", describe(*state.current),
          unit == unit_index(isa::Unit::kLdw) ? "a free weight tile" : "a weight tile"));
    } else if (!state.queue.empty()) {
      const uint32_t pc = state.queue.front();
      const Instruction head = decode_instruction(program_.code[pc], pc);
      for (int producer = 0; producer < isa::kUnits; ++producer)
        if ((head.header.wait >> producer & 1) != 0 && tokens_[producer][unit] == 0) {
          add(fmt::format("{} waits for a token from {}", describe(head),
                          isa::unit_name(static_cast<isa::Unit>(producer))));
          break;
        }
    }
  }
  if (next_pc_ < program_.code.size() && outcome_.fault == isa::Fault::kNone)
    add(fmt::format("{} waits for a place in its queue",
                    describe(decode_instruction(program_.code[next_pc_], next_pc_))));
  return text;
}

}  // namespace systole::golden
