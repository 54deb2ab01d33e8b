// SPDX-License-Identifier: Apache-2.0
// One file for one output, and none of the inputs' for it.
#pragma once

#include <CLI/CLI.hpp>

namespace systole::cli {

/// Throws Error if two options of `command` name the same file to be written.
void refuse_same_outputs(const CLI::App& command);

/// Throws Error if an option of `command` names a file to be written that another one reads.
void refuse_inputs_as_outputs(const CLI::App& command);

}  // namespace systole::cli
