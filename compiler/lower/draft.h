// SPDX-License-Identifier: Apache-2.0
// A network as a program that can run; of several ways to let its loads run ahead the best, judged
// by the core's own kernel.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "compiler/choices/choices.h"
#include "compiler/graph/qgraph.h"
#include "compiler/lower/lowering.h"
#include "compiler/lower/mapping.h"
#include "compiler/lower/placement.h"
#include "model/arch/arch.h"
#include "model/program/program.h"

namespace systole::lower {

struct Draft {
  Placement placement;
  LoweredNetwork lowered;
  /// Code, segments, hardware and DRAM; what reports need is not in it yet.
  program::Program program;
};

/// The fastest of what is tried: loads that run as far ahead as the queues let them, and less far
/// (weights stand in the memory's queue before activations that are needed sooner). A large
/// program, to which the meeting of layers matters little, is not judged; but if `repeat` batches
/// run one behind the other, where the first layers' buffers lie is, whatever its size. `step` is
/// called kPlacementSteps times a layer. Throws Error (cannot compile) naming layer and reason.
Draft best_draft(const graph::QGraph& graph, const std::vector<Layer>& layers,
                 const arch::ArchConfig& arch, const choices::Choices& choices, int64_t repeat,
                 const std::function<void()>& step, const Mapping* mapping = nullptr);

/// Up to `count` other plans of each layer that runs alone, with the cycles of the whole network
/// that best_draft would give with them; into `mapping`, which is of `draft`, its cycles too.
void add_next_plans(const graph::QGraph& graph, const std::vector<Layer>& layers,
                    const arch::ArchConfig& arch, const choices::Choices& choices,
                    const Draft& draft, size_t count, Mapping& mapping);

}  // namespace systole::lower
