// SPDX-License-Identifier: Apache-2.0
// Instructions and whole programs to text.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "model/isa/field_default.h"
#include "model/isa/units.h"
#include "model/program/assembler.h"
#include "model/program/program_json.h"

namespace systole::program {
namespace {

constexpr size_t kBytesPerLine = 32;

bool reads_better_in_hex(std::string_view name) {
  return name.ends_with("addr") || name.starts_with("dram_");
}

// The units of a wait or signal set by name, or as a number if it names what it must not.
std::string units_text(uint32_t bits, isa::Unit own) {
  if ((bits & ~isa::partners_of(own)) != 0) return fmt::format("{:#x}", bits);
  std::string text;
  for (int u = 0; u < isa::kUnits; ++u) {
    if ((bits >> u & 1) == 0) continue;
    if (!text.empty()) text += ',';
    text += isa::unit_name(static_cast<isa::Unit>(u));
  }
  return text;
}

std::string float_text(uint32_t bits) {
  const auto value = std::bit_cast<float>(bits);
  // The shortest decimal that reads back as the same float.
  return std::isfinite(value) ? fmt::format("{}", value) : fmt::format("{:#010x}", bits);
}

int64_t value_of(const isa::FieldInfo& field, uint32_t raw) {
  return field.kind == isa::FieldKind::kSigned ? isa::sign_extend(raw, field.width) : int64_t{raw};
}

// Whether a mnemonic with fields in their legal ranges gives these very words.
bool expressible(const isa::Words& words, const isa::InstructionInfo& info) {
  for (int i = 0; i < isa::kInstructionWords; ++i)
    if ((words[i] & ~info.used[i]) != 0) return false;
  return std::all_of(info.fields.begin(), info.fields.end(), [&](const isa::FieldInfo& field) {
    const int64_t value = value_of(field, isa::get_bits(words, field.word, field.lsb, field.width));
    return field.kind == isa::FieldKind::kFloat || (value >= field.min && value <= field.max);
  });
}

std::string words_text(const isa::Words& words) {
  std::string text = ".word";
  for (const uint32_t word : words) text += fmt::format(" {:#x}", word);
  return text;
}

std::string json_text(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void append_segment(const Segment& segment, std::string& text) {
  text += fmt::format(".segment {:#x} {}\n", segment.addr, json_text(segment.name));
  const auto& bytes = segment.bytes;
  for (size_t at = 0; at < bytes.size();) {
    const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    const auto zeros = static_cast<size_t>(
        std::find_if(begin, bytes.end(), [](uint8_t byte) { return byte != 0; }) - begin);
    if (zeros >= kBytesPerLine) {
      text += fmt::format(".zero {}\n", zeros);
      at += zeros;
      continue;
    }
    text += ".data ";
    const size_t end = std::min(bytes.size(), at + kBytesPerLine);
    for (; at < end; ++at) text += fmt::format("{:02x}", bytes[at]);
    text += '\n';
  }
}

}  // namespace

std::string disassemble(const isa::Words& words) {
  const isa::Header header = isa::Header::decode(words);
  const isa::InstructionInfo* info = isa::find_instruction(header.opcode);
  if (info == nullptr || !expressible(words, *info)) return words_text(words);
  std::string text = info->name;
  if (header.wait != 0) text += " wait=" + units_text(header.wait, info->unit);
  if (header.signal != 0) text += " signal=" + units_text(header.signal, info->unit);
  if (header.tag != 0) text += fmt::format(" tag={}", header.tag);
  for (const isa::FieldInfo& field : info->fields) {
    const uint32_t raw = isa::get_bits(words, field.word, field.lsb, field.width);
    if (raw == isa::default_bits(field)) continue;
    if (field.kind == isa::FieldKind::kFloat)
      text += fmt::format(" {}={}", field.name, float_text(raw));
    else if (reads_better_in_hex(field.name))
      text += fmt::format(" {}={:#x}", field.name, value_of(field, raw));
    else
      text += fmt::format(" {}={}", field.name, value_of(field, raw));
  }
  return text;
}

std::string disassemble(std::span<const isa::Words> code) {
  std::string text;
  for (const isa::Words& words : code) text += disassemble(words) + '\n';
  return text;
}

std::string disassemble_program(const Program& program) {
  std::string text = fmt::format(".name {}\n", json_text(program.name));
  for (const isa::HwParamInfo& param : isa::kHwParams)
    text += fmt::format(".hw {}={}\n", param.key, program.hw.*param.member);
  text += fmt::format(".dram {}\n.code {:#x}\n.batch {}\n", program.dram_bytes, program.code_addr,
                      program.batch);
  if (program.repeat != 1) text += fmt::format(".repeat {}\n", program.repeat);
  for (const TensorInfo& tensor : program.inputs)
    text += fmt::format(".input {}\n", json_text(to_json(tensor)));
  for (const TensorInfo& tensor : program.outputs)
    text += fmt::format(".output {}\n", json_text(to_json(tensor)));
  for (const LayerInfo& layer : program.layers)
    text += fmt::format(".layer {}\n", json_text(to_json(layer)));
  for (const HostStep& step : program.host_steps)
    text += fmt::format(".host {}\n", json_text(to_json(step)));
  for (size_t pc = 0; pc < program.code.size(); ++pc)
    text += fmt::format("{}  # {}\n", disassemble(program.code[pc]), pc);
  for (const Segment& segment : program.segments) append_segment(segment, text);
  return text;
}

}  // namespace systole::program
