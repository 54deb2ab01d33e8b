// SPDX-License-Identifier: Apache-2.0
// The version of what decides results: the release and a hash of its sources.
#pragma once

#include <string>

namespace systole::results {

/// The first digits of a hash of the sources that decide results (tools/fingerprint.sh), taken when
/// this was built.
const char* sources_fingerprint();

/// "RELEASE+FINGERPRINT".
std::string program_version();

}  // namespace systole::results
