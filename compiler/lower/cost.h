// SPDX-License-Identifier: Apache-2.0
// Estimates the cycles of a layer under a plan, from the rules of docs/timing.md.
#pragma once

#include "compiler/lower/plan.h"
#include "model/arch/arch.h"

namespace systole {

/// The work of `layer` under `plan`.
Work estimate_work(const Layer& layer, const Plan& plan, const Residence& residence,
                   const ArchConfig& arch, const Geometry& geometry);

}  // namespace systole
