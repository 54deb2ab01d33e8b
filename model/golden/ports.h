// SPDX-License-Identifier: Apache-2.0
// Which ports an instruction holds while it runs (docs/timing.md, "Issue").
#pragma once

#include <cstdint>

#include "model/golden/instruction.h"

namespace systole::golden {

/// Ports as sets of banks: bit b is bank b.
struct Ports {
  uint32_t ub_read = 0, ub_write = 0, acc = 0;
  bool overlaps(const Ports& other) const {
    return (ub_read & other.ub_read) != 0 || (ub_write & other.ub_write) != 0 ||
           (acc & other.acc) != 0;
  }
};

Ports ports_of(const Instruction& instruction, const isa::HwParams& hw);

}  // namespace systole::golden
