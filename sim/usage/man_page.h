// SPDX-License-Identifier: Apache-2.0
// Manual pages, for man.
#pragma once

#include <string>

#include "sim/usage/command_tree.h"

namespace systole::usage {

/// "systole-run.1"; of the program itself "systole.1".
std::string man_page_file(const Command& command);

/// The page of the program, which names its commands, or of a command with those below it.
/// `date`: "2026-01-31". `others`: the pages that it points to, without ".1".
std::string man_page(const Command& command, const std::string& version, const std::string& date,
                     const std::vector<std::string>& others);

}  // namespace systole::usage
