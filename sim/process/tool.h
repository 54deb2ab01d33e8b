// SPDX-License-Identifier: Apache-2.0
// Runs an external tool to its end, with progress on a terminal; an interrupt stops the tool and
// its children.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace systole::process {

/// Where PATH has the program `tool`; empty if nowhere.
std::filesystem::path find_tool(const std::string& tool);

/// Says what a tool has reached after so many seconds.
using ToolState = std::function<std::string(double seconds)>;

/// Runs `command` (found in PATH) in `directory` with its output in `log`, and returns its exit
/// status (127: not found). On a terminal stderr shows `title` with `state` now and then. SIGINT
/// and SIGTERM end the tool's process group and raise Error (exit code 128 + signal), which says
/// what was reached.
int run_tool(const std::vector<std::string>& command, const std::filesystem::path& directory,
             const std::filesystem::path& log, const std::string& title, const ToolState& state);

}  // namespace systole::process
