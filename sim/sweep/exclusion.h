// SPDX-License-Identifier: Apache-2.0
// Points that cannot meet their limits, told by their lower bounds.
#pragma once

#include "compiler/pipeline/plan.h"
#include "model/arch/arch.h"
#include "sim/sweep/limits.h"

namespace systole::sweep {

/// What no run of a point goes below or beyond.
struct PointBounds {
  double cycles = 0;            ///< at least
  double dram_bytes = 0;        ///< at least
  double latency_ms = 0;        ///< at least
  double inferences_per_s = 0;  ///< at most
};

/// Of the network `plan` on `arch`, `repeat` batches one behind the other, before it is compiled.
/// Throws Error (cannot compile).
PointBounds point_bounds(const pipeline::NetworkPlan& plan, const arch::ArchConfig& arch,
                         int64_t repeat);

/// The limits of `limits` that fail whatever the plans of the network are, each by which share at
/// least.
std::vector<results::FailedLimit> limits_beyond(const std::vector<expression::Expression>& limits,
                                                const SweepPoint& point, const PointBounds& bounds,
                                                PointValues& values);

}  // namespace systole::sweep
