// SPDX-License-Identifier: Apache-2.0
// The result of a run, result.json, as a set of one.
#pragma once

#include <filesystem>
#include <memory>

#include "sim/results/compared_set.h"

namespace systole::results {

/// Throws Error.
std::unique_ptr<ComparedSet> open_compared_result(const std::filesystem::path& file);

}  // namespace systole::results
