// SPDX-License-Identifier: Apache-2.0
// The value of a field that the text of an instruction does not name.
#pragma once

#include <algorithm>
#include <bit>

#include "model/isa/isa.h"

namespace systole::isa {

/// The bits of the value that the generated structs start with: 0, or 1 for counts and floats.
inline uint32_t default_bits(const isa::FieldInfo& field) {
  if (field.kind == isa::FieldKind::kFloat) return std::bit_cast<uint32_t>(1.0f);
  return static_cast<uint32_t>(std::max<int64_t>(field.min, 0));
}

}  // namespace systole::isa
