// SPDX-License-Identifier: Apache-2.0
// A choice of widths as a policy file, the input of --precision.
#pragma once

#include <string>
#include <vector>

#include "sim/search/space.h"

namespace systole {

/// YAML (docs/precision.md) with a rule for each of `layers`, in their order; `comment` is a line
/// above.
std::string policy_file(const std::vector<std::string>& layers, const Choice& choice,
                        const std::string& comment);

}  // namespace systole
