// SPDX-License-Identifier: Apache-2.0
// Places in DRAM, unified buffer and accumulators, by address.
#pragma once

#include <span>
#include <string>

#include "model/arch/geometry.h"
#include "model/golden/footprint.h"
#include "model/program/program.h"

namespace systole::debug {

/// An interval of a storage as golden::Access has it: bytes, or rows of the accumulators.
struct Place {
  golden::Storage storage = golden::Storage::kDram;
  uint64_t begin = 0, end = 0;

  bool overlaps(const golden::Access& access) const {
    return access.storage == storage && access.begin < end && begin < access.end;
  }
};

/// Whether these words are a place by its address, not a tensor. Throws Error if they are neither.
bool is_address(std::span<const std::string> words);

/// "dram 0x40", "dram 0x40:0x80", "ub 0x12", "ub 0x12.3", "ub 0x12:0x20", "acc 3", "acc 3:5" (an
/// end is not included). Throws Error.
Place parse_place(std::span<const std::string> words, const arch::Geometry& geometry,
                  const isa::HwParams& hw, uint64_t dram_bytes);

/// "UB words 0x12 to 0x13", "ACC row 3", "DRAM bytes 0x40 to 0x7f".
std::string place_text(const Place& place, const arch::Geometry& geometry);

}  // namespace systole::debug
