// SPDX-License-Identifier: Apache-2.0
// A decoded instruction, the checks that fetch makes before it dispatches one, and its size.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/arch/geometry.h"
#include "model/isa/any_instruction.h"
#include "model/isa/isa.h"

namespace systole::golden {

struct Instruction {
  uint32_t pc = 0;
  isa::Unit unit = isa::Unit::kFetch;
  isa::Opcode opcode = isa::Opcode::kSyncLda;
  isa::Header header;
  isa::AnyInstruction op;
};

/// Decodes an instruction whose opcode is known (dispatch_fault finds none or a later fault).
Instruction decode_instruction(const isa::Words& words, uint32_t pc);

/// The fault that fetch records for `words`, or kNone; docs/timing.md, "Faults".
isa::Fault dispatch_fault(const isa::Words& words, const isa::HwParams& hw);

/// The last index that loops of counts (n, h, w) reach from `base`: every stride is unsigned, so
/// the last steps reach furthest.
constexpr int64_t furthest(int64_t base, int64_t n, int64_t s0, int64_t h, int64_t s1, int64_t w,
                           int64_t s2) {
  return base + (n - 1) * s0 + (h - 1) * s1 + (w - 1) * s2;
}

constexpr int index_of(isa::Unit unit) { return static_cast<int>(unit); }

/// DRAM bytes of a row of a load_weights, and all that it reads.
int64_t weight_row_bytes(const isa::LoadWeights& op);
int64_t weight_bytes(const isa::LoadWeights& op);

/// What both cut the channels into.
arch::Geometry slices_of(const isa::LoadWeights& op, const arch::Geometry& g);
arch::Geometry slices_of(const isa::Matmul& op, const arch::Geometry& g);

/// Rows of weights in the tile `index` of an instruction.
int tile_rows(const isa::LoadWeights& op, const arch::Geometry& g, int64_t index);
int tile_rows(const isa::Matmul& op, const arch::Geometry& g, int64_t index);

/// Whether tile `index` is zeros that the stream leaves out.
bool hole(const isa::LoadWeights& op, int64_t index);

/// Bits that the prefix of a stream has for each byte of a row; 0: there is no prefix.
int prefix_width(const isa::LoadWeights& op);
/// Bytes of the stream of a load_weights whose rows have no masks.
int64_t unmasked_stream_bytes(const isa::LoadWeights& op, const arch::Geometry& g);

/// Weight tiles of the shape of a load_weights or a matmul, holes among them; 0 for others.
int64_t tile_count(const Instruction& instruction, const arch::Geometry& g);

/// The first tile of a load_weights at `index` or after it that the stream holds.
int64_t next_stored(const isa::LoadWeights& op, int64_t index);
/// Tiles of a load_weights that the stream holds, in the order of the shape.
std::vector<int64_t> stored_tiles(const isa::LoadWeights& op, const arch::Geometry& g);

/// Bytes moved, taps or multiplications: what it costs to execute the instruction on the host.
double work_of(const Instruction& instruction, const arch::Geometry& g);

/// "pc 12 (vector, vpu)", for messages.
std::string describe(const Instruction& instruction);

}  // namespace systole::golden
