// SPDX-License-Identifier: Apache-2.0
// The checks of dispatch (docs/timing.md, "Faults") and the ports an instruction will hold.
#pragma once

#include "model/arch/geometry.h"
#include "model/core/command.h"

namespace systole::core {

/// Checks `words` in the order of docs/timing.md. Returns the first fault; if there is none, fills
/// `command`.
isa::Fault check_instruction(const isa::Words& words, uint32_t pc, const isa::HwParams& hw,
                             const arch::Geometry& geo, Command& command);

}  // namespace systole::core
