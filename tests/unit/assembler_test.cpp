// SPDX-License-Identifier: Apache-2.0
// Text and binary forms of instructions and programs are the same thing; mistakes are named.
#include "model/program/assembler.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "model/base/error.h"
#include "model/base/seeded_random.h"
#include "model/golden/random_program.h"
#include "model/isa/any_instruction.h"

namespace systole {
namespace {

std::string error_of(const std::string& text) {
  try {
    program::assemble(text, "a.s");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::string program_error_of(const std::string& text) {
  try {
    program::assemble_program(text, "a.s", isa::HwParams{});
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

bool same(const program::Program& a, const program::Program& b) {
  return program::disassemble_program(a) == program::disassemble_program(b);
}

}  // namespace

TEST_CASE("an instruction assembles to the words its fields say") {
  const auto code = program::assemble(
      "matmul wait=lda,vpu signal=vpu tag=3 ub_addr=0x40 oh=8 h0=-1 pad_byte=-7 keep=1  # tile 0\n"
      "\n"
      "  vector_set res_scale=0.1 clamp_lo=-128 clamp_hi=127\n",
      "a.s");
  REQUIRE(code.size() == 2);
  const isa::Header header = isa::Header::decode(code[0]);
  CHECK(header.opcode == 0x31);
  CHECK(header.tag == 3);
  CHECK(header.wait == ((1u << 1) | (1u << 4)));  // lda is unit 1, vpu unit 4
  CHECK(header.signal == 1u << 4);
  isa::Matmul expected;
  expected.ub_addr = 0x40;
  expected.oh = 8;
  expected.h0 = -1;
  expected.pad_byte = -7;
  expected.keep = true;
  CHECK(isa::Matmul::decode(code[0]) == expected);
  CHECK(isa::VectorSet::decode(code[1]).res_scale == 0.1f);
  CHECK(isa::VectorSet::decode(code[1]).mid_scale == 1.0f);  // floats start at 1
}

TEST_CASE("text shows only fields that differ from their defaults") {
  isa::Load load;
  load.dram_addr = 4096;
  load.pixels = 9;
  const isa::Words words = encode(load, {.signal = 1u << 3});
  CHECK(program::disassemble(words) == "load signal=mxu dram_addr=0x1000 pixels=9");
}

TEST_CASE("signed fields are written with their sign, unsigned ones without") {
  size_t with_sign = 0;
  for (const isa::InstructionInfo& info : isa::kInstructions)
    for (const isa::FieldInfo& field : info.fields) {
      if (field.kind == isa::FieldKind::kFloat || field.width > 32) continue;
      // All bits: -1 if that is in the field's range, else its largest value.
      isa::Words words = program::assemble(info.name, "a.s").at(0);
      isa::set_bits(words, field.word, field.lsb, field.width, ~uint32_t{0});
      const std::string text = program::disassemble(words);
      CAPTURE(text);
      CHECK(program::assemble(text, "a.s").at(0) == words);
      const bool is_signed = field.kind == isa::FieldKind::kSigned;
      with_sign += is_signed;
      CHECK((text.find(fmt::format(" {}=-1", field.name)) != std::string::npos) == is_signed);
    }
  CHECK(with_sign == 14);
  CHECK(error_of("load_window pad_left=-1") ==
        "a.s:1: pad_left=-1: expected an integer in 0..65535");
}

TEST_CASE("every 64-byte pattern survives text") {
  SeededRandom random(2024);
  std::vector<isa::Words> code;
  for (int i = 0; i < 3000; ++i) {
    isa::Words words;
    for (uint32_t& word : words) word = static_cast<uint32_t>(random.next());
    if (i % 3 != 0) {  // a known opcode; every other time no reserved bits
      const isa::InstructionInfo& info =
          isa::kInstructions[random.below(static_cast<int64_t>(isa::kInstructions.size()))];
      isa::set_bits(words, 0, 0, 8, static_cast<uint32_t>(info.opcode));
      if (i % 2 == 0)
        for (int w = 0; w < isa::kInstructionWords; ++w) words[w] &= info.used[w];
    }
    code.push_back(words);
  }
  INFO("seed 2024");
  const std::string text = program::disassemble(code);
  CHECK(program::assemble(text, "a.s") == code);
  CHECK(text.find("vector_set") != std::string::npos);
  CHECK(text.find(".word") != std::string::npos);
}

TEST_CASE("mistakes in text are named with file, line and legal range") {
  CHECK(error_of("load\nlaod\n") == "a.s:2: unknown instruction 'laod'");
  CHECK(error_of("load count0=0") == "a.s:1: count0=0: expected an integer in 1..65535");
  CHECK(error_of("load ub_addr=0x1000000") ==
        "a.s:1: ub_addr=0x1000000: expected an integer in 0..16777215");
  CHECK(error_of("matmul h0=-32769") == "a.s:1: h0=-32769: expected an integer in -32768..32767");
  CHECK(error_of("matmul rows=3") == "a.s:1: 'rows': matmul has no such field");
  CHECK(error_of("matmul oh") == "a.s:1: 'oh': expected field=value");
  CHECK(error_of("matmul oh=1 oh=2") == "a.s:1: oh is given twice");
  CHECK(error_of("load wait=lda") ==
        "a.s:1: wait=lda: expected units out of lda, ldw, mxu, vpu, sto other than lda");
  CHECK(error_of("load wait=") ==
        "a.s:1: wait=: expected units out of lda, ldw, mxu, vpu, sto other than lda");
  CHECK(error_of("vector_set mid_scale=inf") ==
        "a.s:1: mid_scale=inf: expected a binary32 number, or its bits after 0x");
  CHECK(error_of(".word 1 2") == "a.s:1: expected 16 words of 32 bits");
  CHECK(error_of("load count0=99999999999999999999") ==
        "a.s:1: count0=99999999999999999999: expected an integer in 1..65535");
  CHECK(error_of(".dram 5") == "a.s:1: directive '.dram' has no place among bare instructions");
}

TEST_CASE("binary text gives a short message of one line") {
  const std::string message = error_of(std::string(100000, '\x01'));
  CHECK(message.size() < 200);
  CHECK(message.starts_with("a.s:1: unknown instruction '????"));
  SeededRandom random(5);
  INFO("seed 5");
  for (int i = 0; i < 200; ++i) {
    std::string text = ".input {\"name\":\"x\"}\nload ub_addr=3\n.data 00\n";
    for (int k = 0; k < 5; ++k)
      text[random.below(static_cast<int64_t>(text.size()))] = static_cast<char>(random.next());
    CHECK(program_error_of(text).find('\n') == std::string::npos);
  }
}

TEST_CASE("a program survives text") {
  isa::HwParams hw;
  hw.rows = 5;
  hw.cols = 3;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    INFO("seed " << seed);
    program::Program program = golden::random_program(hw, seed);
    program.inputs.push_back(
        {"in \"x\"", program.segments[1].addr, {1, 2, 2, 3}, {1, 3, 2, 2}, 0.1f, -3});
    program.layers.push_back({7, "conv", "conv 3x3/1", 1, 2, 3, 4, 5, 6, 7});
    program.host_steps.push_back({"softmax", "out", -1});
    program.segments.push_back(
        {static_cast<uint32_t>(program.dram_bytes), "zeros", std::vector<uint8_t>(100)});
    program.dram_bytes += 100;
    const program::Program back =
        program::assemble_program(program::disassemble_program(program), "a.s", isa::HwParams{});
    CHECK(back.code == program.code);
    CHECK(back.hw == program.hw);
    CHECK(back.name == program.name);
    CHECK(back.inputs[0].scale == 0.1f);
    REQUIRE(back.segments.size() == program.segments.size());
    for (size_t i = 0; i < back.segments.size(); ++i)
      CHECK(back.segments[i].bytes == program.segments[i].bytes);
    CHECK(same(back, program));
  }
}

TEST_CASE("mistakes in directives are named") {
  CHECK(program_error_of(".hw array.rows=0") ==
        "a.s:1: array.rows=0: expected an integer in 1..256");
  CHECK(program_error_of(".hw rows=4") ==
        "a.s:1: .hw: 'rows=4' is no key=value of a hardware parameter");
  CHECK(program_error_of(".data 00") == "a.s:1: .data before any .segment");
  CHECK(program_error_of(".dram 64\n.segment 0 \"x\"\n.data 0g") ==
        "a.s:3: .data: 'g' is no hexadecimal digit");
  CHECK(program_error_of(".input {\"name\": 3}") == "a.s:1: .input: key 'name': 3 is not a text");
  CHECK(program_error_of(".input {") == "a.s:1: expected JSON, found '{'");
  CHECK(program_error_of(".frob") == "a.s:1: unknown directive '.frob'");
  CHECK(program_error_of(".dram 100\n.code 64\nload") ==
        "a.s: the code ends at 0x80, beyond the 100 bytes of dram");
  CHECK(program_error_of(".dram 4096\nload\n.segment 32 \"x\"\n.data 00") ==
        "a.s: the code and segment 'x' overlap at 0x20");
}

}  // namespace systole
