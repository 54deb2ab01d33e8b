// SPDX-License-Identifier: Apache-2.0
// Where a machine's clock comes from, and whether its RTL is taken to reach it.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "model/arch/arch.h"

namespace systole::report {

inline constexpr const char* kGivenClock = "given";

/// "given", or "derived at 45 nm" (docs/configuration.md).
std::string clock_source(const arch::ArchConfig& arch);

/// The clock derived of the parameters at a node; nothing: the table of clocks has no such node.
std::optional<double> derived_clock_mhz(const isa::HwParams& hw, int node_nm);

/// "clock_mhz 1000 of edge-16x16 is above the 555.556 derived at 45 nm", if it is given and is.
std::vector<std::string> clock_warnings(const arch::ArchConfig& arch, int node_nm);

/// The property `clock` of a result; `node_nm`: of the table of energies, nothing: there is none.
nlohmann::ordered_json clock_json(const arch::ArchConfig& arch, std::optional<int> node_nm);

}  // namespace systole::report
