// SPDX-License-Identifier: Apache-2.0
// Who wrote a value, and who read it.
#pragma once

#include <string>

#include "sim/debug/stops.h"
#include "sim/debug/target.h"

namespace systole::debug {

/// The last instruction that wrote `place` before now, with layer, cycles and the value before and
/// after, who is writing it, and who has read it last. The target stands where it stood.
std::string who_text(const Place& place, Target& target, const Surroundings& around);

}  // namespace systole::debug
