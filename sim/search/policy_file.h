// SPDX-License-Identifier: Apache-2.0
// A choice of widths as a policy file, the input of --precision.
#pragma once

#include <string>
#include <vector>

#include "sim/search/space.h"

namespace systole::search {

/// The pattern that matches `name` alone.
std::string exact_pattern(const std::string& name);

/// YAML (docs/precision.md) with a rule for each of `layers`, in their order, and the key
/// bias_correction if it is true; `comment` is a line above.
std::string policy_file(const std::vector<std::string>& layers, const Choice& choice,
                        const std::string& comment, bool bias_correction = false);

}  // namespace systole::search
