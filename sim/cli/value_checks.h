// SPDX-License-Identifier: Apache-2.0
// Checks of values that CLI11 would take as they are: whole numbers with a sign, and nothing at
// all.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>

namespace systole::cli {

/// Takes a whole number without a sign, `max` at most: CLI11 makes 2^64 - 1 of -1.
CLI::Validator whole_number(uint64_t max = UINT64_MAX);

/// Lets no option of `app` and its commands that wants a value take an empty one, as of a shell's
/// variable that is not set.
void refuse_empty_values(CLI::App& app);

}  // namespace systole::cli
