// SPDX-License-Identifier: Apache-2.0
// An instruction as words, and the bits of its fields.
#pragma once

#include <array>
#include <cstdint>

#include "model/isa/names.h"

namespace systole::isa {

/// One instruction as it stands in memory: 16 little-endian words.
using Words = std::array<uint32_t, kInstructionWords>;

/// The raw bits of a field.
constexpr uint32_t get_bits(const Words& w, int word, int lsb, int width) {
  return static_cast<uint32_t>((uint64_t{w[word]} >> lsb) & ((uint64_t{1} << width) - 1));
}
/// Sets the raw bits of a field; excess bits of value are dropped.
constexpr void set_bits(Words& w, int word, int lsb, int width, uint32_t value) {
  const uint64_t mask = (uint64_t{1} << width) - 1;
  w[word] = static_cast<uint32_t>((w[word] & ~(mask << lsb)) | ((value & mask) << lsb));
}
constexpr int32_t sign_extend(uint32_t value, int width) {
  return static_cast<int32_t>(value << (32 - width)) >> (32 - width);
}

}  // namespace systole::isa
