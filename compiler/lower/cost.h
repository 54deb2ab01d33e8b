// SPDX-License-Identifier: Apache-2.0
// Estimates the cycles of a layer under a plan, from the rules of docs/timing.md.
#pragma once

#include "compiler/lower/plan.h"
#include "model/arch/arch.h"

namespace systole {

/// Cycles that `layer` takes under `plan`: the busiest of the units and the memory, what does not
/// overlap at its beginning and end, and a small share of the memory traffic, so that of two
/// equally fast plans the one that moves fewer bytes wins.
double estimate_cycles(const Layer& layer, const Plan& plan, const Residence& residence,
                       const ArchConfig& arch, const Geometry& geometry);

}  // namespace systole
