// SPDX-License-Identifier: Apache-2.0
// A decoded instruction, the checks that fetch makes before it dispatches one, and its size.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "model/arch/geometry.h"
#include "model/isa/isa.h"

namespace systole {

/// The operation of the five sync instructions.
struct Sync {};

using Operation =
    std::variant<Sync, isa::Load, isa::LoadWindow, isa::LoadParam, isa::LoadWeights,
                 isa::LoadCodebook, isa::Matmul, isa::Vector, isa::VectorSet, isa::Store>;

struct Instruction {
  uint32_t pc = 0;
  isa::Unit unit = isa::Unit::kFetch;
  isa::Opcode opcode = isa::Opcode::kSyncLda;
  isa::Header header;
  Operation op;
};

/// Decodes an instruction whose opcode is known (dispatch_fault finds none or a later fault).
Instruction decode_instruction(const isa::Words& words, uint32_t pc);

/// The fault that fetch records for `words`, or kNone; docs/timing.md, "Faults".
isa::Fault dispatch_fault(const isa::Words& words, const HwParams& hw);

/// DRAM bytes of a row of a load_weights, and all that it reads.
int64_t weight_row_bytes(const isa::LoadWeights& op);
int64_t weight_bytes(const isa::LoadWeights& op);

/// Weight tiles that an instruction appends (load_weights) or uses (matmul); 0 for others.
int64_t tile_count(const Instruction& instruction, const Geometry& g);

/// Bytes moved, taps or multiplications: what it costs to execute the instruction on the host.
double work_of(const Instruction& instruction, const Geometry& g);

/// "pc 12 (vector, vpu)", for messages.
std::string describe(const Instruction& instruction);

}  // namespace systole
