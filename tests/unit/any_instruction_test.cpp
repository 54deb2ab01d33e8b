// SPDX-License-Identifier: Apache-2.0
// The variant of all instructions: to words and back.
#include "model/isa/any_instruction.h"

#include <catch2/catch.hpp>
#include <string_view>

#include "model/base/seeded_random.h"
#include "model/isa/instruction_info.h"

namespace systole {
namespace {

TEST_CASE("every instruction keeps header and fields on the way through words") {
  INFO("seed 14");
  SeededRandom random(14);
  for (const isa::InstructionInfo& info : isa::kInstructions) {
    CAPTURE(info.name);
    isa::Words words;
    for (size_t i = 0; i < words.size(); ++i)
      words[i] = static_cast<uint32_t>(random.next()) & info.used[i];
    isa::set_bits(words, 0, 0, 8, static_cast<uint32_t>(info.opcode));
    const std::optional<isa::AnyInstruction> instruction = isa::decode(words);
    REQUIRE(instruction);
    CHECK(opcode_of(*instruction) == info.opcode);
    CHECK(unit_of(*instruction) == info.unit);
    CHECK(isa::is_sync(info.opcode) == std::string_view(info.name).starts_with("sync_"));
    CHECK(encode(*instruction, isa::Header::decode(words)) == words);
  }
}

TEST_CASE("words of an opcode that no instruction has are none") {
  isa::Words words{};
  words[0] = 0x0f;
  CHECK_FALSE(isa::decode(words));
}

}  // namespace
}  // namespace systole
