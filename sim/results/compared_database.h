// SPDX-License-Identifier: Apache-2.0
// The points of a database as a set.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "sim/results/compared_set.h"
#include "sim/results/sqlite.h"

namespace systole::results {

/// All points of `file`, which must be of one version, or that of number `point` ("": all). Throws
/// Error.
std::unique_ptr<ComparedSet> open_compared_database(const std::filesystem::path& file,
                                                    const std::string& point);

/// A point of an open database. Throws Error if it has none of that number.
Compared load_compared(Connection& database, int64_t point);

}  // namespace systole::results
