// SPDX-License-Identifier: Apache-2.0
// Text to instructions and whole programs.
#include "model/isa/assembler.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "model/arch/error.h"
#include "model/isa/field_default.h"
#include "model/isa/program_json.h"

namespace systole {
namespace {

constexpr uint64_t kMaxSegmentBytes = uint64_t{1} << 32;

// Splits one line into words; '#' starts a comment. Texts in double quotes are JSON and stay whole.
class Line {
 public:
  Line(std::string_view text, const std::string& file, int number)
      : text_(text), file_(file), number_(number) {}

  [[noreturn]] void fail(const std::string& reason) const {
    throw Error(fmt::format("{}:{}: {}", file_, number_, reason));
  }
  /// The next word; empty at the end of the line.
  std::string_view word() {
    skip_blanks();
    size_t end = 0;
    while (end < text_.size() && !is_blank(text_[end]) && text_[end] != '#') ++end;
    const std::string_view found = text_.substr(0, end);
    text_.remove_prefix(end);
    return found;
  }
  std::string_view required_word(const std::string& what) {
    const std::string_view found = word();
    if (found.empty()) fail("expected " + what);
    return found;
  }
  /// The rest of the line as JSON: a text in quotes or an object. No comment may follow.
  nlohmann::json json() {
    skip_blanks();
    try {
      const nlohmann::json value = nlohmann::json::parse(text_.begin(), text_.end());
      text_ = {};
      return value;
    } catch (const nlohmann::json::exception&) {
      fail(fmt::format("expected JSON, found '{}'", text_));
    }
  }
  void expect_end() {
    const std::string_view rest = word();
    if (!rest.empty()) fail(fmt::format("unexpected '{}'", rest));
  }

 private:
  static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
  void skip_blanks() {
    while (!text_.empty() && is_blank(text_.front())) text_.remove_prefix(1);
    if (!text_.empty() && text_.front() == '#') text_ = {};
  }

  std::string_view text_;
  const std::string& file_;
  int number_;
};

// Decimal, or hexadecimal after 0x; nothing if it is no number or leaves int64.
std::optional<int64_t> parse_integer(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  if (hex) text.remove_prefix(2);
  uint64_t value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return {};
  if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return {};
  return negative ? -static_cast<int64_t>(value) : static_cast<int64_t>(value);
}

int64_t integer_in(const Line& line, std::string_view name, std::string_view text, int64_t min,
                   int64_t max) {
  const std::optional<int64_t> value = parse_integer(text);
  if (!value || *value < min || *value > max)
    line.fail(fmt::format("{}={}: expected an integer in {}..{}", name, text, min, max));
  return *value;
}

// A decimal number, or 0x and the bits of a binary32 (for infinities and NaNs).
uint32_t parse_float_bits(const Line& line, std::string_view name, std::string_view text) {
  if (text.starts_with("0x"))
    return static_cast<uint32_t>(integer_in(line, name, text, 0, 0xffffffff));
  float value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    line.fail(fmt::format("{}={}: expected a binary32 number, or its bits after 0x", name, text));
  return std::bit_cast<uint32_t>(value);
}

std::optional<int> find_unit(std::string_view name) {
  for (int u = 0; u < isa::kUnits; ++u)
    if (name == isa::unit_name(static_cast<isa::Unit>(u))) return u;
  return {};
}

// "lda,vpu", or the raw bits as a number.
uint32_t parse_units(const Line& line, std::string_view name, std::string_view text,
                     isa::Unit own) {
  if (const auto bits = parse_integer(text))
    return static_cast<uint32_t>(integer_in(line, name, text, 0, 0xffff));
  uint32_t set = 0;
  std::string_view rest = text;
  while (true) {
    const size_t comma = rest.find(',');
    const std::optional<int> unit = find_unit(rest.substr(0, comma));
    if (!unit || *unit == 0 || *unit == static_cast<int>(own))
      line.fail(fmt::format("{}={}: expected units out of lda, ldw, mxu, vpu, sto other than {}",
                            name, text, isa::unit_name(own)));
    set |= 1u << *unit;
    if (comma == std::string_view::npos) return set;
    rest.remove_prefix(comma + 1);
  }
}

const isa::FieldInfo* find_field(std::span<const isa::FieldInfo> fields, std::string_view name) {
  for (const isa::FieldInfo& field : fields)
    if (name == field.name) return &field;
  return nullptr;
}

const isa::InstructionInfo* find_mnemonic(std::string_view name) {
  for (const isa::InstructionInfo& info : isa::kInstructions)
    if (name == info.name) return &info;
  return nullptr;
}

uint32_t parse_field(const Line& line, const isa::InstructionInfo& info,
                     const isa::FieldInfo& field, std::string_view value) {
  const std::string_view name = field.name;
  if (name == "wait" || name == "signal") return parse_units(line, name, value, info.unit);
  if (field.kind == isa::FieldKind::kFloat) return parse_float_bits(line, name, value);
  return static_cast<uint32_t>(integer_in(line, name, value, field.min, field.max));
}

isa::Words parse_instruction(Line& line, std::string_view mnemonic) {
  const isa::InstructionInfo* info = find_mnemonic(mnemonic);
  if (info == nullptr) line.fail(fmt::format("unknown instruction '{}'", mnemonic));
  isa::Words words{};
  isa::set_bits(words, 0, 0, 8, static_cast<uint32_t>(info->opcode));
  for (const isa::FieldInfo& field : info->fields)
    isa::set_bits(words, field.word, field.lsb, field.width, default_bits(field));
  isa::Words seen{};
  for (std::string_view word = line.word(); !word.empty(); word = line.word()) {
    const size_t equals = word.find('=');
    if (equals == std::string_view::npos)
      line.fail(fmt::format("'{}': expected field=value", word));
    const std::string_view name = word.substr(0, equals);
    const isa::FieldInfo* field = find_field(info->fields, name);
    if (field == nullptr && name != "opcode") field = find_field(isa::kHeaderFields, name);
    if (field == nullptr) line.fail(fmt::format("'{}': {} has no such field", name, info->name));
    if (isa::get_bits(seen, field->word, field->lsb, field->width) != 0)
      line.fail(fmt::format("{} is given twice", name));
    isa::set_bits(seen, field->word, field->lsb, field->width, ~uint32_t{0});
    isa::set_bits(words, field->word, field->lsb, field->width,
                  parse_field(line, *info, *field, word.substr(equals + 1)));
  }
  return words;
}

isa::Words parse_words(Line& line) {
  isa::Words words;
  for (uint32_t& word : words)
    word = static_cast<uint32_t>(
        integer_in(line, ".word", line.required_word("16 words of 32 bits"), 0, 0xffffffff));
  line.expect_end();
  return words;
}

void append_hex(Line& line, std::vector<uint8_t>& bytes) {
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
  explicit ProgramParser(const HwParams& hw) { program_.hw = hw; }

  void directive(Line& line, std::string_view name) {
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
    } else if (name == ".segment") {
      segment(line);
    } else if (name == ".data") {
      append_hex(line, current_segment(line, name).bytes);
    } else if (name == ".zero") {
      std::vector<uint8_t>& bytes = current_segment(line, name).bytes;
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
  Program& program() { return program_; }

 private:
  static int64_t number(Line& line, std::string_view name, int64_t max) {
    return integer_in(line, name, line.required_word("a number"), 0, max);
  }
  void hardware(Line& line) {
    for (std::string_view word = line.word(); !word.empty(); word = line.word()) {
      const size_t equals = word.find('=');
      const std::string_view key = word.substr(0, equals);
      const HwParamInfo* found = nullptr;
      for (const HwParamInfo& param : kHwParams)
        if (key == param.key) found = &param;
      if (found == nullptr || equals == std::string_view::npos)
        line.fail(fmt::format(".hw: '{}' is no key=value of a hardware parameter", word));
      program_.hw.*found->member =
          static_cast<int>(integer_in(line, key, word.substr(equals + 1), found->min, found->max));
    }
  }
  void segment(Line& line) {
    Segment segment;
    segment.addr = static_cast<uint32_t>(number(line, ".segment", 0xffffffff));
    const nlohmann::json name = line.json();
    if (!name.is_string()) line.fail(".segment: expected an address and a name in quotes");
    segment.name = name;
    program_.segments.push_back(std::move(segment));
  }
  Segment& current_segment(const Line& line, std::string_view name) {
    if (program_.segments.empty()) line.fail(fmt::format("{} before any .segment", name));
    return program_.segments.back();
  }

  Program program_;
};

// Calls parse(line, first word) for every line that is not blank.
template <typename Parse>
void for_each_line(std::string_view text, const std::string& file, const Parse& parse) {
  int number = 0;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    Line line(text.substr(0, end), file, ++number);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::string_view first = line.word();
    if (first.empty()) continue;
    try {
      parse(line, first);
    } catch (const Error& error) {
      // Errors of the JSON readers do not know the line yet.
      if (std::string_view(error.what()).starts_with(file + ":")) throw;
      line.fail(fmt::format("{}: {}", first, error.what()));
    }
  }
}

}  // namespace

std::vector<isa::Words> assemble(std::string_view text, const std::string& file) {
  std::vector<isa::Words> code;
  for_each_line(text, file, [&](Line& line, std::string_view first) {
    if (first == ".word")
      code.push_back(parse_words(line));
    else if (first.starts_with('.'))
      line.fail(fmt::format("directive '{}' has no place among bare instructions", first));
    else
      code.push_back(parse_instruction(line, first));
  });
  return code;
}

Program assemble_program(std::string_view text, const std::string& file, const HwParams& hw) {
  ProgramParser parser(hw);
  for_each_line(text, file, [&](Line& line, std::string_view first) {
    if (first.starts_with('.'))
      parser.directive(line, first);
    else
      parser.instruction(parse_instruction(line, first));
  });
  Program& program = parser.program();
  try {
    check_structure(program);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", file, error.what()));
  }
  return std::move(program);
}

}  // namespace systole
