// SPDX-License-Identifier: Apache-2.0
// Bytes that hold several values of 4, 2 or 1 bits, the first in the lowest bits.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "model/isa/element_type.h"

namespace systole::core {

/// Value `index` of a byte of values of 8 >> narrow bits: two's complement, or for one bit: 1 is 1,
/// 0 is -1.
constexpr int8_t value_in(uint8_t byte, unsigned index, int narrow) {
  const auto type = isa::ElementType::of_narrow(narrow);
  return static_cast<int8_t>(type.value_of(byte >> index * static_cast<unsigned>(type.bits())));
}

/// The field of 8 >> narrow bits that holds `value`: its lowest bits, or for one bit whether it is
/// not negative.
constexpr uint8_t field_of(int8_t value, int narrow) {
  return static_cast<uint8_t>(isa::ElementType::of_narrow(narrow).field_of(value));
}

/// The 1 << narrow values of every byte, eight places for each.
using ValueTable = std::array<std::array<int8_t, 8>, 256>;

/// Of values of 8 >> narrow bits.
inline const ValueTable& value_table(int narrow) {
  static const std::array<ValueTable, 4> tables = [] {
    std::array<ValueTable, 4> made{};
    for (int n = 0; n < 4; ++n)
      for (size_t byte = 0; byte < 256; ++byte)
        for (unsigned i = 0; i < 1u << n; ++i)
          made[static_cast<size_t>(n)][byte][i] = value_in(static_cast<uint8_t>(byte), i, n);
    return made;
  }();
  return tables[static_cast<size_t>(narrow)];
}

}  // namespace systole::core
