// SPDX-License-Identifier: Apache-2.0
// What a point of a database rests on beside its configuration: versions, hashes, and prices.
#pragma once

#include <cstdint>
#include <filesystem>

#include "sim/report_page/answer.h"

namespace systole::report_page {

/// {"identities": [{"name", "value"}], "prices": {"table", "node_nm", "figures": [{"key", "value",
/// "unit", "extrapolated"}]}} of the point with the number `point`. Where the table of energies, or
/// the file of the memory, is not here as the point had it, "prices" has "absent" in place of
/// figures: why. Throws Error.
Json assumptions_of(const std::filesystem::path& database, int64_t point);

}  // namespace systole::report_page
