// SPDX-License-Identifier: Apache-2.0
// What two results differ in, for people.
#pragma once

#include <string>
#include <vector>

#include "sim/results/compare.h"

namespace systole::cli {

/// The point's name, and sections of at most `limit` lines each.
std::string difference_text(const results::Difference& difference, size_t limit, size_t width = 0);

/// `title` and at most `limit` of `names`, a line each.
std::string list_text(const std::string& title, const std::vector<std::string>& names,
                      size_t limit);

}  // namespace systole::cli
