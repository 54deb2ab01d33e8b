// SPDX-License-Identifier: Apache-2.0
// The option --explain of `run`: where the cycles went, and what would help.
#pragma once

#include <string>
#include <vector>

#include "sim/session/hardware_changes.h"

namespace systole::cli {

/// Tries the changes of the hardware, with progress, as many at once as there are processors.
std::vector<session::ChangeResult> try_changes(const pipeline::NetworkPlan& plan,
                                               const arch::ArchConfig& arch,
                                               const choices::Choices& choices);

/// The three changes that help most of `results`, for a run of `cycles`.
std::string changes_text(const std::vector<session::ChangeResult>& results, Cycle cycles);

}  // namespace systole::cli
