// SPDX-License-Identifier: Apache-2.0
// From a point of a sweep to its figures: a pure function.
#pragma once

#include <nlohmann/json.hpp>

#include "model/arch/arch.h"
#include "sim/energy/table.h"
#include "sim/results/configuration.h"
#include "sim/session/simulate.h"
#include "sim/sweep/front_half.h"
#include "sim/sweep/point.h"

namespace systole::sweep {

/// Compiles `half`, the point's, for `arch`, the point's, and simulates it as `simulate` says,
/// timing only, with energies and areas of `table`: "totals" and "layers" of results::Outcome, as
/// `detail` wants; the same for the same point, whoever asks. Throws Error.
nlohmann::json run_point(const SweepPoint& point, const arch::ArchConfig& arch,
                         const FrontHalf& half, const energy::EnergyTable& table,
                         results::Detail detail, const session::SimulateOptions& simulate = {});

}  // namespace systole::sweep
