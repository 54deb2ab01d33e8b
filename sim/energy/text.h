// SPDX-License-Identifier: Apache-2.0
// Energy and area as tables for people and as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "sim/energy/area.h"
#include "sim/energy/energy.h"

namespace systole::energy {

/// By event, by part and in total; a line for each layer, which fits a terminal of `width` (0:
/// any).
std::string energy_text(const EnergyReport& report, size_t width = 0);
/// docs/result.schema.json, "energy".
nlohmann::ordered_json energy_json(const EnergyReport& report);

std::string area_text(const AreaReport& report, const EnergyTable& table);

}  // namespace systole::energy
