// SPDX-License-Identifier: Apache-2.0
// Scripts by which shells complete what is typed.
#pragma once

#include <string>
#include <vector>

#include "sim/usage/command_tree.h"

namespace systole::usage {

/// For bash 4.4 and later; it needs no package beside it. `keys`: those of --set.
std::string bash_completion(const Command& program, const std::vector<std::string>& keys);

/// For zsh, a file `_systole` in its fpath.
std::string zsh_completion(const Command& program, const std::vector<std::string>& keys);

}  // namespace systole::usage
