// SPDX-License-Identifier: Apache-2.0
// Types of elements: what they hold, how they lie in bytes, which are reserved.
#include "model/isa/element_type.h"

#include <catch2/catch.hpp>
#include <cstddef>

namespace systole {
namespace {

using isa::ElementType;

TEST_CASE("the table of element types is in the order of their names, each found by its own") {
  for (size_t i = 0; i < isa::kElementTypes.size(); ++i) {
    const isa::ElementTypeInfo& info = isa::kElementTypes[i];
    CHECK(info.type == static_cast<ElementType::Name>(i));
    CHECK(isa::find_element_type(info.name) == &info);
    CHECK(ElementType(info.type).name() == info.name);
    if (info.integer) CHECK(ElementType::integer(info.bits) == info.type);
  }
  CHECK(isa::find_element_type("int3") == nullptr);
  CHECK_THROWS_AS(ElementType::integer(3), std::invalid_argument);
}

TEST_CASE("integers of two's complement, of one bit -1 and 1, hold what their bits can say") {
  struct Bounds {
    int bits, least, greatest;
  };
  for (const Bounds& b : {Bounds{8, -128, 127}, {4, -8, 7}, {2, -2, 1}, {1, -1, 1}}) {
    CAPTURE(b.bits);
    const auto type = ElementType::integer(b.bits);
    CHECK(type.least() == b.least);
    CHECK(type.greatest() == b.greatest);
    CHECK(8 >> type.narrow() == b.bits);
    CHECK(ElementType::of_narrow(type.narrow()) == type);
    for (int value = b.least - 1; value <= b.greatest + 1; ++value) {
      const bool holds = value >= b.least && value <= b.greatest && (b.bits > 1 || value != 0);
      CHECK(type.holds(value) == holds);
      if (holds) CHECK(type.value_of(type.field_of(value)) == value);
      // What lies above the field is not looked at.
      if (holds) CHECK(type.value_of(type.field_of(value) | 1 << b.bits) == value);
    }
  }
  CHECK(ElementType(ElementType::kInt32).least() == INT32_MIN);
  CHECK(ElementType(ElementType::kInt32).greatest() == INT32_MAX);
  CHECK(ElementType(ElementType::kInt1).stored(0) == 1);
  CHECK(ElementType(ElementType::kInt1).stored(-5) == -1);
  CHECK(ElementType(ElementType::kInt4).stored(-5) == -5);
}

TEST_CASE("rows of elements begin with a byte and end with one") {
  CHECK(ElementType(ElementType::kInt1).row_bytes(9) == 2);
  CHECK(ElementType(ElementType::kInt4).row_bytes(5) == 3);
  CHECK(ElementType(ElementType::kInt8).row_bytes(5) == 5);
  CHECK(ElementType(ElementType::kInt32).row_bytes(5) == 20);
  CHECK(ElementType(ElementType::kInt2).bytes() == 1);
  CHECK(ElementType(ElementType::kBf16).bytes() == 2);
}

TEST_CASE("a range of integers is held by the narrowest type of at least so many bits") {
  CHECK(ElementType::holding(-2, 1, 1) == ElementType::kInt2);
  CHECK(ElementType::holding(-2, 2, 1) == ElementType::kInt4);
  CHECK(ElementType::holding(-2, 1, 4) == ElementType::kInt4);
  CHECK(ElementType::holding(-9, 1, 2) == ElementType::kInt8);
}

TEST_CASE("16 bits are named, and reserved") {
  for (const char* name : {"int16", "bf16"}) {
    CAPTURE(name);
    REQUIRE(isa::find_element_type(name) != nullptr);
    CHECK(!isa::find_element_type(name)->reserved.empty());
    CHECK(isa::find_element_type(name)->bits == 16);
  }
  CHECK(isa::find_element_type("int32")->reserved.empty());
}

}  // namespace
}  // namespace systole
