// SPDX-License-Identifier: Apache-2.0
// Text with directives to whole programs.
#include <fmt/format.h>

#include "model/program/assembler.h"
#include "model/program/program_json.h"
#include "model/program/text_line.h"

namespace systole::program {
namespace {

constexpr uint64_t kMaxSegmentBytes = uint64_t{1} << 32;

void append_hex(TextLine& line, std::vector<uint8_t>& bytes) {
  const auto digit = [&](char c) -> uint8_t {
    if (c >= '0' && c <= '9') return static_cast<uint8_t>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<uint8_t>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<uint8_t>(c - 'A' + 10);
    line.fail(fmt::format(".data: '{}' is no hexadecimal digit", c));
  };
  for (std::string_view word = line.word(); !word.empty(); word = line.word()) {
    if (word.size() % 2 != 0) line.fail(fmt::format(".data: '{}' has an odd digit", word));
    for (size_t i = 0; i < word.size(); i += 2)
      bytes.push_back(static_cast<uint8_t>(digit(word[i]) << 4 | digit(word[i + 1])));
  }
}

class ProgramParser {
 public:
  explicit ProgramParser(const isa::HwParams& hw) { program_.hw = hw; }

  void directive(TextLine& line, std::string_view name) {
    if (name == ".word") return program_.code.push_back(parse_words(line));
    if (name == ".name") {
      const nlohmann::json text = line.json();
      if (!text.is_string()) line.fail(".name: expected a text in quotes");
      program_.name = text;
    } else if (name == ".hw") {
      hardware(line);
    } else if (name == ".code") {
      program_.code_addr = static_cast<uint32_t>(number(line, name, 0xffffffff));
    } else if (name == ".dram") {
      program_.dram_bytes = static_cast<uint64_t>(number(line, name, int64_t{1} << 32));
    } else if (name == ".batch") {
      program_.batch = number(line, name, int64_t{1} << 32);
    } else if (name == ".repeat") {
      program_.repeat = number(line, name, int64_t{1} << 32);
    } else if (name == ".segment") {
      segment(line);
    } else if (name == ".data") {
      append_hex(line, current_bytes(line, name));
    } else if (name == ".zero") {
      std::vector<uint8_t>& bytes = current_bytes(line, name);
      const auto count = static_cast<uint64_t>(number(line, name, kMaxSegmentBytes));
      if (bytes.size() + count > kMaxSegmentBytes) line.fail(".zero: more than 2^32 bytes");
      bytes.resize(bytes.size() + count);
    } else if (name == ".input") {
      program_.inputs.push_back(tensor_from_json(line.json()));
    } else if (name == ".output") {
      program_.outputs.push_back(tensor_from_json(line.json()));
    } else if (name == ".layer") {
      program_.layers.push_back(layer_from_json(line.json()));
    } else if (name == ".host") {
      program_.host_steps.push_back(host_step_from_json(line.json()));
    } else {
      line.fail(fmt::format("unknown directive '{}'", name));
    }
    line.expect_end();
  }
  void instruction(const isa::Words& words) { program_.code.push_back(words); }
  Program finish() {
    end_segment();
    return std::move(program_);
  }

 private:
  static int64_t number(TextLine& line, std::string_view name, int64_t max) {
    return integer_in(line, name, line.required_word("a number"), 0, max);
  }
  void hardware(TextLine& line) {
    for (std::string_view word = line.word(); !word.empty(); word = line.word()) {
      const size_t equals = word.find('=');
      const std::string_view key = word.substr(0, equals);
      const isa::HwParamInfo* found = nullptr;
      for (const isa::HwParamInfo& param : isa::kHwParams)
        if (key == param.key) found = &param;
      if (found == nullptr || equals == std::string_view::npos)
        line.fail(fmt::format(".hw: '{}' is no key=value of a hardware parameter", word));
      program_.hw.*found->member =
          static_cast<int>(integer_in(line, key, word.substr(equals + 1), found->min, found->max));
    }
  }
  void segment(TextLine& line) {
    end_segment();
    Segment segment;
    segment.addr = static_cast<uint32_t>(number(line, ".segment", 0xffffffff));
    const nlohmann::json name = line.json();
    if (!name.is_string()) line.fail(".segment: expected an address and a name in quotes");
    segment.name = name;
    program_.segments.push_back(std::move(segment));
  }
  void end_segment() {
    if (!program_.segments.empty()) program_.segments.back().bytes = std::exchange(bytes_, {});
  }
  std::vector<uint8_t>& current_bytes(const TextLine& line, std::string_view name) {
    if (program_.segments.empty()) line.fail(fmt::format("{} before any .segment", name));
    return bytes_;
  }

  Program program_;
  std::vector<uint8_t> bytes_;  ///< of the last segment
};

}  // namespace

Program assemble_program(std::string_view text, const std::string& file, const isa::HwParams& hw) {
  ProgramParser parser(hw);
  for_each_line(text, file, [&](TextLine& line, std::string_view first) {
    if (first.starts_with('.'))
      parser.directive(line, first);
    else
      parser.instruction(parse_instruction(line, first));
  });
  Program program = parser.finish();
  try {
    check_structure(program);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", file, error.what()));
  }
  return program;
}

}  // namespace systole::program
