// SPDX-License-Identifier: Apache-2.0
// What the network of a point classifies: told by the bit-exact executor, for all hardware at once.
#pragma once

#include <nlohmann/json.hpp>

#include "model/arch/arch.h"
#include "sim/sweep/point.h"

namespace systole::sweep {

/// Figures of the point: "top1" and "top1_error", the standard error of a share, sqrt(p (1 - p) /
/// n), both in percent, and "images"; and "warnings". As `systole accuracy` with the same options.
/// Throws Error.
nlohmann::json accuracy_of(const SweepPoint& point, const arch::ArchConfig& arch);

}  // namespace systole::sweep
