// SPDX-License-Identifier: Apache-2.0
// Which layer loses the accuracy, for people and programs.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "compiler/fidelity/layers.h"

namespace systole::report {

/// A row for each layer, the one that does most damage first. `width`: of the terminal that it is
/// for (columns.h).
std::string fidelity_table(const fidelity::NetworkFidelity& network, size_t width = 0);

/// The same as an array of objects; decibels of what is exact are null.
nlohmann::ordered_json fidelity_json(const fidelity::NetworkFidelity& network);

}  // namespace systole::report
