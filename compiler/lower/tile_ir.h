// SPDX-License-Identifier: Apache-2.0
// The tile IR: instructions in an order in which they may run one after another; tokens come later.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/arch/geometry.h"
#include "model/isa/any_instruction.h"
#include "model/isa/isa.h"
#include "model/program/tensor_map.h"

namespace systole::lower {

/// Index of an operation in TileProgram::ops.
using OpIndex = int32_t;
inline constexpr OpIndex kNoOp = -1;

/// One instruction before scheduling.
struct TileOp {
  isa::AnyInstruction instruction;
  uint16_t tag = 0;               ///< layer: 1 + index of the graph's operator
  OpIndex weights = kNoOp;        ///< matmul: the load_weights whose tiles it consumes
  int64_t holes = 0;              ///< matmul: of its tiles, those that the ring does not hold
  int table = -1;                 ///< vector: the table that the vector_set before it names
  program::MadeValues made = {};  ///< vector, store: the tensor that it gives values of
};

/// Sequential semantics: running `ops` one by one in this order gives the network's result.
struct TileProgram {
  std::vector<TileOp> ops;
};

/// Throws Error (cannot compile) if an operation leaves its buffers, breaks a limit of the ISA, or
/// takes other weight tiles than those that are next in the ring.
void verify(const TileProgram& program, const isa::HwParams& hw);

/// One line an operation, for --dump-ir.
std::string to_text(const TileProgram& program);

}  // namespace systole::lower
