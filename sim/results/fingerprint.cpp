// SPDX-License-Identifier: Apache-2.0
// Puts release and fingerprint together.
#include "sim/results/fingerprint.h"

namespace systole::results {

std::string program_version() { return std::string(SYSTOLE_VERSION "+") + sources_fingerprint(); }

}  // namespace systole::results
