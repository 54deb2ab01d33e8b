// SPDX-License-Identifier: Apache-2.0
// What a waveform tells in words, beside the signals of the RTL.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/isa/units.h"

namespace systole::platform {

/// Lists of texts and the numbers of those that hold. Text 0 of each list: none.
struct WaveWords {
  struct Instruction {
    isa::Unit unit = isa::Unit::kFetch;
    uint32_t opcode = 0, layer = 0;
  };
  /// Addresses of DRAM from `from` to before `to`.
  struct Range {
    uint64_t from = 0, to = 0;
    uint32_t text = 0;
  };
  std::vector<std::string> opcodes, layers, tensors;
  std::vector<Instruction> code;  ///< by program counter
  std::vector<Range> ranges;      ///< the first that holds an address counts
};

}  // namespace systole::platform
