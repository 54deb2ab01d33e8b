// SPDX-License-Identifier: Apache-2.0
// The three loops that loads, windows and stores have in common (docs/isa.md).
#pragma once

#include <cstdint>

namespace systole::golden {

// Calls body(d, u, i2) for every step: d its DRAM address, u its UB word, i2 the innermost index.
template <typename Transfer, typename Body>
void for_each_step(const Transfer& op, const Body& body) {
  for (uint64_t i0 = 0; i0 < op.count0; ++i0)
    for (uint64_t i1 = 0; i1 < op.count1; ++i1)
      for (uint64_t i2 = 0; i2 < op.count2; ++i2)
        body(op.dram_addr + i0 * op.dram_stride0 + i1 * op.dram_stride1 + i2 * op.dram_stride2,
             op.ub_addr + i0 * op.ub_stride0 + i1 * op.ub_stride1 + i2 * op.ub_stride2, i2);
}

}  // namespace systole::golden
