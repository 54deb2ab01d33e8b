// SPDX-License-Identifier: Apache-2.0
// Text to instructions.
#include "model/program/assembler.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>

#include "model/isa/field_default.h"
#include "model/program/text_line.h"

namespace systole::program {

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

int64_t integer_in(const TextLine& line, std::string_view name, std::string_view text, int64_t min,
                   int64_t max) {
  const std::optional<int64_t> value = parse_integer(text);
  if (!value || *value < min || *value > max)
    line.fail(fmt::format("{}={}: expected an integer in {}..{}", name, text, min, max));
  return *value;
}

namespace {

// A decimal number, or 0x and the bits of a binary32 (for infinities and NaNs).
uint32_t parse_float_bits(const TextLine& line, std::string_view name, std::string_view text) {
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
uint32_t parse_units(const TextLine& line, std::string_view name, std::string_view text,
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

uint32_t parse_field(const TextLine& line, const isa::InstructionInfo& info,
                     const isa::FieldInfo& field, std::string_view value) {
  const std::string_view name = field.name;
  if (name == "wait" || name == "signal") return parse_units(line, name, value, info.unit);
  if (field.kind == isa::FieldKind::kFloat) return parse_float_bits(line, name, value);
  return static_cast<uint32_t>(integer_in(line, name, value, field.min, field.max));
}

}  // namespace

isa::Words parse_instruction(TextLine& line, std::string_view mnemonic) {
  const isa::InstructionInfo* info = find_mnemonic(mnemonic);
  if (info == nullptr) line.fail(fmt::format("unknown instruction '{}'", mnemonic));
  isa::Words words{};
  isa::set_bits(words, 0, 0, 8, static_cast<uint32_t>(info->opcode));
  for (const isa::FieldInfo& field : info->fields)
    isa::set_bits(words, field.word, field.lsb, field.width, isa::default_bits(field));
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

isa::Words parse_words(TextLine& line) {
  isa::Words words;
  for (uint32_t& word : words)
    word = static_cast<uint32_t>(
        integer_in(line, ".word", line.required_word("16 words of 32 bits"), 0, 0xffffffff));
  line.expect_end();
  return words;
}

std::vector<isa::Words> assemble(std::string_view text, const std::string& file) {
  std::vector<isa::Words> code;
  for_each_line(text, file, [&](TextLine& line, std::string_view first) {
    if (first == ".word")
      code.push_back(parse_words(line));
    else if (first.starts_with('.'))
      line.fail(fmt::format("directive '{}' has no place among bare instructions", first));
    else
      code.push_back(parse_instruction(line, first));
  });
  return code;
}

}  // namespace systole::program
