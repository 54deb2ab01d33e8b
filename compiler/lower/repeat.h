// SPDX-License-Identifier: Apache-2.0
// Several batches, one behind the other, in one program.
#pragma once

#include <vector>

#include "compiler/lower/lowering.h"

namespace systole::lower {

struct RepeatedNetwork {
  LoweredNetwork lowered;       ///< addresses: of the first repetition
  std::vector<OpIndex> starts;  ///< by repetition: its first operation
};

/// Lowers the network `repeat` times. Each repetition has inputs and outputs of its own, which
/// follow those of the one before without a gap, as items of a batch do; all else in DRAM they
/// share. What of parameters, tables, codebooks and weights still stands on the chip is not loaded
/// again.
RepeatedNetwork lower_repeated(const graph::QGraph& graph, const std::vector<Layer>& layers,
                               const Placement& placement, const isa::HwParams& hw, int64_t repeat,
                               DramLayout& dram);

/// Gives the first group other words than the last one has, as far as there are such, so that what
/// it loads need not wait for the repetition before.
void part_repetitions(const graph::QGraph& graph, const std::vector<Layer>& layers,
                      const arch::Geometry& geometry, Placement& placement);

/// `info` of a batch, as that of `repeat` of them. Throws Error (cannot compile) if the network
/// states it without a leading dimension for a batch.
program::TensorInfo repeated(program::TensorInfo info, int64_t repeat);
/// The work and traffic of `repeat` batches; weights are counted once.
program::LayerInfo repeated(program::LayerInfo info, int64_t repeat);

}  // namespace systole::lower
