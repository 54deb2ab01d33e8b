// SPDX-License-Identifier: Apache-2.0
// What is wrong with a command line that could not be parsed, as one line.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace systole::cli {

/// The command that the arguments named last, "systole" itself if none; what `app` parsed so far.
const CLI::App& named_command(const CLI::App& app);
/// "run", "archs show"; "" for the program itself.
std::string command_path(const CLI::App& command);

/// Of an `error` that parsing with `app` threw: what is unknown, and which word may be meant, or
/// what CLI11 says; and whose --help tells more.
std::string parse_error_text(const CLI::App& app, const CLI::ParseError& error);

}  // namespace systole::cli
