// SPDX-License-Identifier: Apache-2.0
// The hardware with one thing changed: what `run --explain` tries.
#pragma once

#include <string>
#include <vector>

#include "model/arch/arch.h"

namespace systole::session {

/// The architecture with one change.
struct HardwareChange {
  std::string name;  ///< "array.rows 16 -> 32"
  arch::ArchConfig arch;
  bool off_chip = false;  ///< it changes the memory, which no area is known of
};

/// Each hardware parameter doubled and halved, each option there or not; channels of DRAM, or
/// bandwidth and latency of an ideal memory, doubled and halved (the bus widened with them where it
/// would be the limit). What would leave the legal range is left out.
std::vector<HardwareChange> hardware_changes(const arch::ArchConfig& arch);

}  // namespace systole::session
