// SPDX-License-Identifier: Apache-2.0
// Reading of small text files named on the command line.
#pragma once

#include <filesystem>
#include <string>

namespace systole::cli {

/// The contents of a file. Throws Error: missing, a directory, unreadable, larger than 256 MiB.
std::string read_text_file(const std::filesystem::path& file);

}  // namespace systole::cli
