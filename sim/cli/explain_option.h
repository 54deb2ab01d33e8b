// SPDX-License-Identifier: Apache-2.0
// The options --explain and --layer of `run`: where the cycles went, and what would help.
#pragma once

#include <optional>
#include <string>

#include "sim/session/change_trials.h"
#include "sim/session/compile.h"

namespace systole::cli {

/// Throws Error if `compiled` has no layer `name`.
void check_explained_layer(const session::CompiledNetwork& compiled, const std::string& name);

/// Tries the changes of the hardware, with progress, as many at once as there are processors.
/// `table`: none, or that of --energy; `layer`: of which, empty: of the network.
session::Trials try_changes(const session::CompiledNetwork& compiled, const arch::ArchConfig& arch,
                            const choices::Choices& choices,
                            const std::optional<energy::EnergyTable>& table,
                            const std::string& layer);

/// All changes, and the best of them.
std::string changes_text(const session::Trials& trials);

}  // namespace systole::cli
