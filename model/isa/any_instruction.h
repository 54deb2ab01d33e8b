// SPDX-License-Identifier: Apache-2.0
// Generated from model/isa/isa.toml by generate.py; do not edit.
#pragma once
#include <cstdint>
#include <optional>
#include <variant>

#include "model/isa/instructions.h"
#include "model/isa/names.h"

namespace systole::isa {

/// One instruction, whichever it is.
using AnyInstruction = std::variant<SyncLda, Load, LoadWindow, LoadParam, SyncLdw, LoadWeights, LoadCodebook, SyncMxu, Matmul, SyncVpu, Vector, VectorSet, SyncSto, Store>;

/// The unit whose operation it is.
constexpr Unit unit_of(Opcode opcode) {
  return static_cast<Unit>(static_cast<uint8_t>(opcode) >> 4);
}

/// Whether it waits and signals, nothing else.
constexpr bool is_sync(Opcode opcode) {
  return (static_cast<uint8_t>(opcode) & 0xf) == 0;
}

/// The instructions that wait and signal, nothing else.
template <class Instruction>
concept Sync = is_sync(Instruction::kOpcode);

constexpr Opcode opcode_of(const AnyInstruction& instruction) {
  return std::visit([](const auto& i) { return i.kOpcode; }, instruction);
}

constexpr Unit unit_of(const AnyInstruction& instruction) {
  return unit_of(opcode_of(instruction));
}

/// The instruction as it stands in memory. The opcode of `header` is not read.
constexpr Words encode(const AnyInstruction& instruction, Header header = {}) {
  Words words{};
  header.opcode = static_cast<uint8_t>(opcode_of(instruction));
  header.encode(words);
  std::visit([&](const auto& i) { i.encode(words); }, instruction);
  return words;
}

/// The fields of `words`, in range or not; none if the opcode is not known.
constexpr std::optional<AnyInstruction> decode(const Words& words) {
  switch (static_cast<Opcode>(Header::decode(words).opcode)) {
    case Opcode::kSyncLda: return SyncLda::decode(words);
    case Opcode::kLoad: return Load::decode(words);
    case Opcode::kLoadWindow: return LoadWindow::decode(words);
    case Opcode::kLoadParam: return LoadParam::decode(words);
    case Opcode::kSyncLdw: return SyncLdw::decode(words);
    case Opcode::kLoadWeights: return LoadWeights::decode(words);
    case Opcode::kLoadCodebook: return LoadCodebook::decode(words);
    case Opcode::kSyncMxu: return SyncMxu::decode(words);
    case Opcode::kMatmul: return Matmul::decode(words);
    case Opcode::kSyncVpu: return SyncVpu::decode(words);
    case Opcode::kVector: return Vector::decode(words);
    case Opcode::kVectorSet: return VectorSet::decode(words);
    case Opcode::kSyncSto: return SyncSto::decode(words);
    case Opcode::kStore: return Store::decode(words);
  }
  return std::nullopt;
}

}  // namespace systole::isa
