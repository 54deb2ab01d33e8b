// SPDX-License-Identifier: Apache-2.0
// The types of a tensor's elements: how many bits one has, which numbers it holds, how it lies in
// them. A type more is a row of the table here; docs/adding.md says what else it touches.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <climits>
#include <cstdint>
#include <stdexcept>
#include <string_view>

namespace systole::isa {

/// A type of elements: integers of two's complement, which of one bit are -1 and 1, or others.
class ElementType {
 public:
  /// The first ones in the order of narrow().
  enum Name : uint8_t { kInt8, kInt4, kInt2, kInt1, kInt16, kInt32, kBf16 };

  constexpr ElementType(Name name = kInt8) : name_(name) {}
  /// The integers of `bits` bits. Throws std::invalid_argument if there is no such type.
  static constexpr ElementType integer(int bits);
  /// The integers of 8 >> narrow bits, as instructions name them.
  static constexpr ElementType of_narrow(int narrow) { return static_cast<Name>(narrow); }
  /// The narrowest of 8, 4 and 2 bits that holds lo..hi, of no fewer than `least_bits`; of 8 bits
  /// if none does.
  static constexpr ElementType holding(int lo, int hi, int least_bits);

  constexpr bool operator==(const ElementType&) const = default;
  constexpr bool operator==(Name name) const { return name_ == name; }

  constexpr int bits() const;
  /// "int8", "bf16".
  constexpr std::string_view name() const;
  /// Why no tensor has elements of it yet; empty: they may.
  constexpr std::string_view reserved() const;

  /// Bytes of an element that is alone; those of less than a byte take one.
  constexpr int64_t bytes() const { return row_bytes(1); }
  /// Bytes of `count` elements side by side, of which the first begins with a byte.
  constexpr int64_t row_bytes(int64_t count) const { return (count * bits() + 7) / 8; }
  /// Elements that share a byte: 1 << narrow(), and 8 >> narrow() are their bits.
  constexpr int narrow() const {
    return bits() >= 8 ? 0 : std::countr_zero(8u / static_cast<unsigned>(bits()));
  }

  /// The least and the greatest integer.
  constexpr int least() const { return bits() == 1 ? -1 : INT_MIN >> (32 - bits()); }
  constexpr int greatest() const { return bits() == 1 ? 1 : -1 - least(); }
  constexpr bool holds(int64_t value) const {
    return value >= least() && value <= greatest() && (bits() > 1 || value != 0);
  }
  /// `value`, of one bit its sign, where 0 is 1.
  constexpr int stored(int value) const { return bits() > 1 ? value : value >= 0 ? 1 : -1; }

  /// The integer of at most 8 bits whose lowest bits `field` are.
  constexpr int value_of(int field) const {
    if (bits() == 1) return (field & 1) != 0 ? 1 : -1;
    const int sign = 1 << (bits() - 1);
    return ((field & (2 * sign - 1)) ^ sign) - sign;
  }
  /// The bits of an integer of at most 8 bits: its lowest, or of one whether it is not negative.
  constexpr int field_of(int value) const {
    return bits() == 1 ? static_cast<int>(value >= 0) : value & ((1 << bits()) - 1);
  }

 private:
  Name name_;
};

/// What there is to know of an element type.
struct ElementTypeInfo {
  ElementType::Name type;
  std::string_view name;
  int bits;
  bool integer;
  std::string_view reserved;  ///< why no tensor has such elements yet; empty: they may
};

/// In the order of ElementType::Name.
inline constexpr std::array<ElementTypeInfo, 7> kElementTypes = {{
    {ElementType::kInt8, "int8", 8, true, ""},
    {ElementType::kInt4, "int4", 4, true, ""},
    {ElementType::kInt2, "int2", 2, true, ""},
    {ElementType::kInt1, "int1", 1, true, ""},
    {ElementType::kInt16, "int16", 16, true, "no unit reads or writes it yet"},
    {ElementType::kInt32, "int32", 32, true, ""},  // sums that nothing rounds
    {ElementType::kBf16, "bf16", 16, false, "no array multiplies it yet"},
}};

constexpr int ElementType::bits() const { return kElementTypes[name_].bits; }
constexpr std::string_view ElementType::name() const { return kElementTypes[name_].name; }
constexpr std::string_view ElementType::reserved() const { return kElementTypes[name_].reserved; }

constexpr ElementType ElementType::integer(int bits) {
  for (const ElementTypeInfo& info : kElementTypes)
    if (info.integer && info.bits == bits) return info.type;
  throw std::invalid_argument("no integers have so many bits");
}

constexpr ElementType ElementType::holding(int lo, int hi, int least_bits) {
  for (const ElementType type : {kInt2, kInt4})
    if (type.bits() >= least_bits && lo >= type.least() && hi <= type.greatest()) return type;
  return kInt8;
}

/// The type called `name`, whether tensors may have it or not; nullptr: there is none.
constexpr const ElementTypeInfo* find_element_type(std::string_view name) {
  const auto* const found =
      std::find_if(kElementTypes.begin(), kElementTypes.end(),
                   [&](const ElementTypeInfo& info) { return info.name == name; });
  return found == kElementTypes.end() ? nullptr : found;
}

}  // namespace systole::isa
