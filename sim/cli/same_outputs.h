// SPDX-License-Identifier: Apache-2.0
// One file for one output.
#pragma once

#include <CLI/CLI.hpp>

namespace systole::cli {

/// Throws Error if two options of `command` name the same file to be written.
void refuse_same_outputs(const CLI::App& command);

}  // namespace systole::cli
