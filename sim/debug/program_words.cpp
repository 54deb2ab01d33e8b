// SPDX-License-Identifier: Apache-2.0
// Looks words up, and says what else could have stood there.
#include "sim/debug/program_words.h"

#include <fmt/format.h>

#include <charconv>

#include "model/base/did_you_mean.h"
#include "model/base/error.h"
#include "model/isa/causes.h"
#include "model/isa/units.h"
#include "sim/report/format.h"

namespace systole::debug {

std::string ProgramWords::layer_of(uint32_t pc) const {
  return pc < program_.code.size() ? report::printable(layers_.of(pc)) : "";
}

std::string ProgramWords::instruction(uint32_t pc) const {
  if (pc >= program_.code.size()) return fmt::format("{}, which the program has not", pc);
  const std::string layer = layer_of(pc);
  return fmt::format("{} {}{}{}", pc, isa::opcode_name(opcode(pc)), layer.empty() ? "" : " of ",
                     layer);
}

std::vector<std::string> ProgramWords::layer_names() const {
  std::vector<std::string> names;
  for (const program::LayerInfo& layer : program_.layers) names.push_back(layer.name);
  return names;
}

uint32_t ProgramWords::first_of_layer(const std::string& name) const {
  for (const program::LayerInfo& layer : program_.layers) {
    if (layer.name != name) continue;
    for (uint32_t pc = 0; pc < program_.code.size(); ++pc)
      if (isa::Header::decode(program_.code[pc]).tag == layer.tag) return pc;
    throw Error(fmt::format("layer {}: has no instructions", report::printable(name)));
  }
  if (program_.layers.empty())
    throw Error(fmt::format("layer {}: the program names no layers", report::printable(name)));
  throw Error(fmt::format("layer {}: unknown, {}", report::printable(name),
                          expected_one_of(name, layer_names())));
}

uint32_t ProgramWords::parse_pc(const std::string& word) const {
  const uint64_t pc = parse_number(word, "the number of an instruction");
  if (pc >= program_.code.size())
    throw Error(fmt::format("pc {}: the program has {} instructions", pc, program_.code.size()));
  return static_cast<uint32_t>(pc);
}

uint64_t parse_number(const std::string& word, const std::string& what) {
  const bool hex = word.starts_with("0x");
  const char* first = word.data() + (hex ? 2 : 0);
  const char* last = word.data() + word.size();
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(first, last, value, hex ? 16 : 10);
  if (error != std::errc() || end != last || first == last)
    throw Error(fmt::format("'{}': expected {}", report::printable(word), what));
  return value;
}

std::vector<std::string> unit_names() {
  std::vector<std::string> names;
  for (const isa::Unit unit : isa::kEveryUnit) names.emplace_back(isa::unit_name(unit));
  return names;
}

std::vector<std::string> cause_names() {
  std::vector<std::string> names;
  for (int c = 0; c < isa::kCauses; ++c)
    names.emplace_back(isa::cause_name(static_cast<isa::Cause>(c)));
  return names;
}

isa::Unit parse_unit(const std::string& word) {
  for (const isa::Unit unit : isa::kEveryUnit)
    if (word == isa::unit_name(unit)) return unit;
  throw Error(
      fmt::format("unit '{}': {}", report::printable(word), expected_one_of(word, unit_names())));
}

isa::Cause parse_cause(const std::string& word) {
  for (int c = 0; c < isa::kCauses; ++c)
    if (word == isa::cause_name(static_cast<isa::Cause>(c))) return static_cast<isa::Cause>(c);
  throw Error(
      fmt::format("cause '{}': {}", report::printable(word), expected_one_of(word, cause_names())));
}

}  // namespace systole::debug
