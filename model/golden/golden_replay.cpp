// SPDX-License-Identifier: Apache-2.0
// Weight tiles are appended when the first asks for them: a matmul, or the end of their load.
#include "model/golden/golden_replay.h"

#include <algorithm>

#include "model/base/error.h"

namespace systole::golden {
namespace {

/// An instruction that does all of its work at once.
struct ReplayWhole {
  GoldenState& state;
  void operator()(const isa::Sync auto&) const {}
  void operator()(const isa::LoadWeights&) const {}
  void operator()(const isa::LoadCodebook&) const {}
  void operator()(const isa::Matmul&) const {}
  void operator()(const auto& op) const { state.execute(op); }
};

}  // namespace

GoldenReplay::GoldenReplay(const program::Program& program, std::vector<uint8_t> dram,
                           uint64_t memory_bytes)
    : program_(program),
      geometry_(program.hw),
      dram_(std::move(dram)),
      state_(program.hw, GoldenMemory(dram_, memory_bytes)) {}

void GoldenReplay::end(uint32_t pc) {
  const Instruction instruction = decode_instruction(program_.code.at(pc), pc);
  if (instruction.unit == isa::Unit::kLdw) {
    while (next_weights_ <= pc || (stream_ && stream_->instruction.pc <= pc)) advance_weights();
  } else if (std::holds_alternative<isa::Matmul>(instruction.op)) {
    multiply(instruction);
  } else {
    std::visit(ReplayWhole{state_}, instruction.op);
  }
}

/// The next tile, or to the next instruction of ldw.
void GoldenReplay::advance_weights() {
  if (!stream_) {
    if (next_weights_ >= program_.code.size())
      throw Error("golden executor: a matmul wants more weight tiles than the program loads");
    const isa::Words& words = program_.code[next_weights_];
    const uint32_t pc = next_weights_++;
    const auto* info = isa::find_instruction(isa::Header::decode(words).opcode);
    if (info == nullptr || info->unit != isa::Unit::kLdw) return;
    const Instruction instruction = decode_instruction(words, pc);
    if (const auto* book = std::get_if<isa::LoadCodebook>(&instruction.op)) state_.execute(*book);
    if (std::holds_alternative<isa::LoadWeights>(instruction.op))
      stream_ = Stream{instruction, 0, 0, tile_count(instruction, geometry_)};
    return;
  }
  const auto& op = std::get<isa::LoadWeights>(stream_->instruction.op);
  const int64_t index = next_stored(op, stream_->next);
  holes_.push_back(index - stream_->next);
  state_.append_tile(op, index, stream_->count++);
  stream_->next = index + 1;
  if (next_stored(op, stream_->next) >= stream_->tiles) stream_.reset();
}

void GoldenReplay::multiply(const Instruction& instruction) {
  const auto& op = std::get<isa::Matmul>(instruction.op);
  const int64_t tiles = tile_count(instruction, geometry_);
  int64_t next = 0;
  for (size_t count = 0; next < tiles; ++count) {
    const size_t place = op.keep ? count : 0;
    while (holes_.size() <= place) advance_weights();
    const int64_t index = std::min(next + holes_[place], tiles - 1);
    state_.use_tile(op, index, static_cast<int64_t>(count));
    if (!op.keep) holes_.pop_front();
    next = index + 1;
  }
}

}  // namespace systole::golden
