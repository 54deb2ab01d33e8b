// SPDX-License-Identifier: Apache-2.0
// Gathers what a waveform of some cycles needs, and no more: GTKWave reads 512 bytes of an
// enumeration.
#include "sim/trace/wave_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "model/isa/any_instruction.h"
#include "model/isa/names.h"
#include "model/program/assembler.h"
#include "sim/report/format.h"
#include "sim/trace/burst_owners.h"
#include "sim/trace/names.h"

namespace systole::trace {
namespace {

constexpr size_t kRoom = 470;  ///< bytes of texts and values of an enumeration
constexpr const char* kNone = "none";
constexpr const char* kOther = "other";  ///< what there is no room for

isa::Unit unit_at(const program::Program& program, uint32_t pc) {
  return isa::unit_of(opcode_at(program, pc));
}

/// Bytes that FST takes for a text and its value: it escapes blanks.
size_t room_of(const std::string& text) {
  constexpr size_t kValue = 8;
  return text.size() + 3 * static_cast<size_t>(std::count(text.begin(), text.end(), ' ')) + kValue;
}

/// The numbers of texts, which a list holds once each, as far as there is room.
class TextList {
 public:
  explicit TextList(std::vector<std::string>& list) : list_(list) { list_ = {kNone, kOther}; }
  uint32_t number_of(const std::string& text) {
    const auto known = numbers_.find(text);
    if (known != numbers_.end()) return known->second;
    if (room_of(text) > room_) return 1;
    room_ -= room_of(text);
    list_.push_back(text);
    return numbers_[text] = static_cast<uint32_t>(list_.size() - 1);
  }

 private:
  std::vector<std::string>& list_;
  std::map<std::string, uint32_t> numbers_;
  size_t room_ = kRoom - 2 * sizeof("other 00000000");
};

/// What the bursts of a layer have in common.
enum class Use : uint8_t { kStored, kWeights, kParams };
struct UseOfLayer {
  Use use;
  std::string layer;
  auto operator<=>(const UseOfLayer&) const = default;
};

std::string name_of(const UseOfLayer& use) {
  constexpr std::array<const char*, 3> kWhat = {"output", "weights", "parameters"};
  const char* what = kWhat[static_cast<size_t>(use.use)];
  return use.layer.empty() ? what : fmt::format("{} of {}", what, use.layer);
}

void add_tensors(const std::vector<program::TensorInfo>& tensors, const char* what,
                 std::vector<DramName>& names) {
  for (const program::TensorInfo& tensor : tensors)
    names.push_back({tensor.addr, tensor.addr + static_cast<uint64_t>(tensor.bytes()),
                     fmt::format("{} {}", what, report::printable(tensor.name))});
}

}  // namespace

std::string instruction_text(const program::Program& program, uint32_t pc) {
  const std::string text = program::disassemble(program.code.at(pc));
  const std::string layer = LayerNames(program).of(pc);
  const size_t fields = text.find(' ');
  const std::string rest = fields == std::string::npos ? "" : text.substr(fields);
  if (layer.empty()) return fmt::format("{} {}", pc, text);
  return fmt::format("{} {} of {}:{}", pc, text.substr(0, fields), report::printable(layer), rest);
}

std::vector<DramName> dram_names(const TracedRun& run, Cycle to) {
  const program::Program& program = run.program;
  std::vector<DramName> names;
  add_tensors(program.inputs, "input", names);
  add_tensors(program.outputs, "output", names);
  names.push_back({program.code_addr,
                   program.code_addr + program.code.size() * isa::kInstructionBytes, "code"});

  const LayerNames layers(program);
  const std::vector<BurstOwner> owners = burst_owners(run);
  std::map<UseOfLayer, DramName> ranges;
  std::vector<UseOfLayer> order;  // by their first burst
  for (size_t i = 0; i < owners.size() && run.result.dram[i].cycle <= to; ++i) {
    const BurstOwner& owner = owners[i];
    if (owner.unit == isa::Unit::kFetch) continue;
    const bool param = opcode_at(program, owner.pc) == isa::Opcode::kLoadParam;
    if (owner.unit == isa::Unit::kLda && !param) continue;  // somebody has stored what it loads
    const Use use = owner.unit == isa::Unit::kSto   ? Use::kStored
                    : owner.unit == isa::Unit::kLdw ? Use::kWeights
                                                    : Use::kParams;
    const UseOfLayer key{use, report::printable(layers.of(owner.pc))};
    const auto [range, is_new] =
        ranges.try_emplace(key, DramName{owner.addr, owner.addr, name_of(key)});
    if (is_new) order.push_back(key);
    range->second.from = std::min<uint64_t>(range->second.from, owner.addr);
    range->second.to = std::max<uint64_t>(range->second.to, uint64_t{owner.addr} + owner.bytes);
  }
  // What was stored last counts where layers take turns in a place.
  for (auto key = order.rbegin(); key != order.rend(); ++key) names.push_back(ranges.at(*key));
  return names;
}

std::vector<uint32_t> instructions_in(const TracedRun& run, Cycle from, Cycle to) {
  struct Range {
    bool seen = false;
    uint32_t first = 0, last = 0;
  };
  std::array<Range, isa::kUnits> at_work{};
  std::array<uint32_t, isa::kUnits> before{};
  for (const core::RetireEvent& event : run.result.retired) {
    if (event.end < from) before[static_cast<size_t>(event.unit)] = event.pc;
    if (event.end < from || event.start > to) continue;
    Range& range = at_work[static_cast<size_t>(event.unit)];
    if (!range.seen) range = {true, event.pc, event.pc};
    range.first = std::min(range.first, event.pc);
    range.last = std::max(range.last, event.pc);
  }
  std::vector<uint32_t> found;
  std::array<int, isa::kUnits> behind{};  // one more may wait in front of the unit
  for (uint32_t pc = 0; pc < run.program.code.size(); ++pc) {
    const auto unit = static_cast<size_t>(unit_at(run.program, pc));
    const Range& range = at_work[unit];
    const uint32_t first = range.seen ? range.first : before[unit];
    const uint32_t last = range.seen ? range.last : before[unit];
    if (pc == before[unit] || (pc >= first && pc <= last) || (pc > last && behind[unit]++ == 0))
      found.push_back(pc);
  }
  return found;
}

std::shared_ptr<const platform::WaveWords> wave_words(const TracedRun& run, Cycle from, Cycle to) {
  const program::Program& program = run.program;
  auto words = std::make_shared<platform::WaveWords>();
  const LayerNames layers(program);
  TextList layer_list(words->layers), tensors(words->tensors);
  words->opcodes = {kNone};
  std::array<uint32_t, 256> opcode_numbers{};
  for (size_t value = 0; value < opcode_numbers.size(); ++value) {
    const std::string name = isa::opcode_name(static_cast<isa::Opcode>(value));
    if (name == "?") continue;
    opcode_numbers[value] = static_cast<uint32_t>(words->opcodes.size());
    words->opcodes.push_back(name);
  }
  // Those of the window first: they have room.
  for (const uint32_t pc : instructions_in(run, from, to))
    if (!layers.of(pc).empty()) layer_list.number_of(report::printable(layers.of(pc)));
  for (uint32_t pc = 0; pc < program.code.size(); ++pc) {
    const std::string& layer = layers.of(pc);
    words->code.push_back({unit_at(program, pc),
                           opcode_numbers[static_cast<size_t>(opcode_at(program, pc)) & 255],
                           layer.empty() ? 0 : layer_list.number_of(report::printable(layer))});
  }
  const std::vector<DramName> names = dram_names(run, to);
  for (const core::DramEvent& burst : run.result.dram)
    for (const DramName& name : names)
      if (burst.cycle >= from && burst.cycle <= to && burst.addr >= name.from &&
          burst.addr < name.to) {
        tensors.number_of(name.name);
        break;
      }
  for (const DramName& name : names)
    words->ranges.push_back({name.from, name.to, tensors.number_of(name.name)});
  return words;
}

}  // namespace systole::trace
