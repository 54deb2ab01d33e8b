// SPDX-License-Identifier: Apache-2.0
// What the weights of a program are, as its transfers expand them.
#pragma once

#include <cstdint>
#include <vector>

#include "model/program/program.h"

namespace systole::golden {

/// Weights other than 0 of each tile that each load_weights of `program` appends to the ring, in
/// the order of the program: [load_weights][tile]. They are those of its segments.
std::vector<std::vector<int64_t>> nonzero_weights(const program::Program& program);

}  // namespace systole::golden
