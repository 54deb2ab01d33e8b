// SPDX-License-Identifier: Apache-2.0
// The contents of DRAM before, in and after a run.
#pragma once

#include <cstdint>
#include <vector>

#include "model/program/program.h"

namespace systole::platform {

/// Addresses from `from` to before `to`; empty if they are equal.
struct ByteRange {
  uint64_t from = 0, to = 0;
  bool operator==(const ByteRange&) const = default;
};

/// The bytes of DRAM; zero where never written.
using DramImage = std::vector<uint8_t>;

/// Loads segments and code of `program` into a new image of program.dram_bytes.
DramImage make_image(const program::Program& program);

}  // namespace systole::platform
