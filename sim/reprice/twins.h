// SPDX-License-Identifier: Apache-2.0
// Points that differ in their table of energies alone: by other prices they are one.
#pragma once

#include <cstdint>
#include <map>

#include "sim/results/sqlite.h"

namespace systole::reprice {

/// Of each point that becomes one with another, that which stays: the one that finished, then the
/// one with more detail, then the first.
std::map<int64_t, int64_t> find_twins(results::Connection& database);

}  // namespace systole::reprice
