// SPDX-License-Identifier: Apache-2.0
// What operators do to the elements of their operands.
#pragma once

#include <set>
#include <string>

namespace systole::importer {

/// Operators each element of whose result follows from the elements of the operands at its place,
/// whatever the order of dimensions: arithmetic and functions.
const std::set<std::string>& elementwise_operators();

}  // namespace systole::importer
