// SPDX-License-Identifier: Apache-2.0
// Instructions with one field as small or as large as it can be.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "model/isa/field_default.h"
#include "model/isa/isa.h"

namespace systole {

/// An instruction that its text would not name any field of.
inline isa::Words defaults(const isa::InstructionInfo& info) {
  isa::Words words{};
  words[0] = static_cast<uint8_t>(info.opcode);
  for (const isa::FieldInfo& field : info.fields)
    isa::set_bits(words, field.word, field.lsb, field.width, isa::default_bits(field));
  return words;
}

inline isa::Words with(isa::Words words, const isa::FieldInfo& field, uint32_t bits) {
  isa::set_bits(words, field.word, field.lsb, field.width, bits);
  return words;
}

/// The bits of all ones, of the largest and the smallest legal value, 0, 1, and the sign alone.
inline std::vector<uint32_t> extremes(const isa::FieldInfo& field) {
  const uint32_t ones = field.width == 32 ? ~0u : (1u << field.width) - 1;
  std::vector<uint32_t> values = {ones, 0, 1 & ones, 1u << (field.width - 1)};
  if (field.kind != isa::FieldKind::kFloat)
    for (const int64_t value : {field.min, field.max, field.min + 1, field.max - 1})
      values.push_back(static_cast<uint32_t>(value) & ones);
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

inline std::string text_of(const isa::InstructionInfo& info, const isa::Words& words) {
  std::string text = info.name;
  for (const isa::FieldInfo& field : info.fields) {
    const uint32_t bits = isa::get_bits(words, field.word, field.lsb, field.width);
    if (bits != isa::default_bits(field)) text += fmt::format(" {}={:#x}", field.name, bits);
  }
  return text;
}

}  // namespace systole
