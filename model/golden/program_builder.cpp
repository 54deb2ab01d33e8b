// SPDX-License-Identifier: Apache-2.0
// Places tokens: each pair of a signal and a wait is made for an instruction that needs the order.
#include "model/golden/program_builder.h"

#include <algorithm>

namespace systole::golden {
namespace {

constexpr int kSpuriousPercent = 6;  // tokens that nothing needs

}  // namespace

uint32_t ProgramBuilder::waitable(int unit) const {
  if (unit == index_of(isa::Unit::kLdw) && ring_overfull())
    return ring_[static_cast<size_t>(hw_.wb_tiles)].loader;
  return static_cast<uint32_t>(issued_[unit].size());
}

Clock ProgramBuilder::needs(const Instruction& instruction,
                            const std::vector<Access>& accesses) const {
  Clock needed{};
  for (const Access& access : accesses) shadow_.require(access, instruction.unit, needed);
  const auto* matmul = std::get_if<isa::Matmul>(&instruction.op);
  const int64_t tiles = matmul != nullptr ? ring_tiles(*matmul) : 0;
  for (int64_t i = 0; i < tiles; ++i) {
    const Issued& loader = issued_[index_of(isa::Unit::kLdw)][ring_[i].loader];
    for (const isa::Unit unit : {isa::Unit::kVpu, isa::Unit::kSto})
      needed[index_of(unit)] = std::max(needed[index_of(unit)], loader.taken[index_of(unit)]);
  }
  return needed;
}

// Tokens are taken in the order given, and every signal so far is taken: a pair made here matches
// itself.
void ProgramBuilder::add_token(int producer, int consumer, uint32_t index, isa::Header& header,
                               Clock& known) {
  const Issued& issued = issued_[producer][index];
  isa::Words& words = code_[issued.position];
  isa::Header signaller = isa::Header::decode(words);
  signaller.signal = static_cast<uint16_t>(signaller.signal | 1u << consumer);
  signaller.encode(words);
  header.wait = static_cast<uint16_t>(header.wait | 1u << producer);
  signalled_[producer][consumer] = index + 1;
  join(known, issued.ended);
}

void ProgramBuilder::use_ring(const Instruction& instruction, Clock& ended) {
  const int ldw = index_of(isa::Unit::kLdw);
  if (const auto* weights = std::get_if<isa::LoadWeights>(&instruction.op)) {
    const std::vector<int64_t> tiles = stored_tiles(*weights, geometry_);
    int64_t next = 0;  // the tile after the one appended last
    for (const int64_t index : tiles) {
      ring_.push_back({static_cast<uint32_t>(issued_[ldw].size()),
                       tile_rows(*weights, geometry_, index), index == tiles.back(), index - next});
      next = index + 1;
    }
  } else if (const auto* matmul = std::get_if<isa::Matmul>(&instruction.op)) {
    const int64_t tiles = ring_tiles(*matmul);
    const Tile last = ring_[tiles - 1];
    ended[ldw] = std::max(ended[ldw], last.loader + (last.last ? 1u : 0u));
    if (!matmul->keep) ring_.erase(ring_.begin(), ring_.begin() + tiles);
  }
}

int64_t ProgramBuilder::ring_tiles(const isa::Matmul& op) const {
  const int64_t shape = int64_t{op.kh} * op.kw * slices_of(op, geometry_).groups(op.channels);
  int64_t used = 0;
  for (int64_t index = 0; index < shape; ++used) {
    if (used == std::ssize(ring_)) return used + shape - index;
    index = std::min(index + ring_[static_cast<size_t>(used)].skip, shape - 1) + 1;
  }
  return used;
}

bool ProgramBuilder::append(const isa::AnyInstruction& op) {
  Instruction instruction;
  instruction.unit = unit_of(op);
  instruction.opcode = opcode_of(op);
  instruction.op = op;
  instruction.header.tag =
      static_cast<uint16_t>(random_.chance(50) ? random_.below(65536) : code_.size());
  const int unit = index_of(instruction.unit);
  if (unit == index_of(isa::Unit::kLdw) && ring_overfull() &&
      issued_[unit].size() >= waitable(unit) + 1 + static_cast<uint32_t>(hw_.queue_depth))
    return false;

  const std::vector<Access> accesses = footprint(instruction, geometry_, &scalars_);
  const Clock needed = needs(instruction, accesses);
  Clock known = issued_[unit].empty() ? Clock{} : issued_[unit].back().taken;
  for (int p = 0; p < isa::kUnits; ++p)
    if (p != unit && known[p] < needed[p] && waitable(p) < needed[p]) return false;
  for (int p = 0; p < isa::kUnits; ++p) {
    if (p == unit) continue;
    // Any later instruction of the producer orders as well.
    if (known[p] < needed[p])
      add_token(p, unit, static_cast<uint32_t>(random_.range(needed[p] - 1, waitable(p) - 1)),
                instruction.header, known);
    else if (signalled_[p][unit] < waitable(p) && random_.chance(kSpuriousPercent))
      add_token(p, unit, static_cast<uint32_t>(random_.range(signalled_[p][unit], waitable(p) - 1)),
                instruction.header, known);
  }

  if (const auto* set = std::get_if<isa::VectorSet>(&op)) scalars_ = *set;
  Clock ended = issued_[unit].empty() ? Clock{} : issued_[unit].back().ended;
  join(ended, known);
  use_ring(instruction, ended);
  const auto index = static_cast<uint32_t>(issued_[unit].size());
  ended[unit] = index + 1;
  for (const Access& access : accesses) shadow_.record(access, instruction.unit, index);
  issued_[unit].push_back({code_.size(), known, ended});
  code_.push_back(encode(op, instruction.header));
  return true;
}

}  // namespace systole::golden
