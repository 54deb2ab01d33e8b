// SPDX-License-Identifier: Apache-2.0
// Names that traces have in common.
#include "sim/trace/names.h"

#include <fmt/format.h>

#include "sim/report/format.h"

namespace systole::trace {
namespace {

std::string quoted_field(const std::string& name) {
  const std::string printable = report::printable(name);
  const std::string field = report::csv_field(printable);
  return field == printable && field.find('#') != std::string::npos ? '"' + field + '"' : field;
}

}  // namespace

LayerNames::LayerNames(const program::Program& program) : program_(program) {
  for (const program::LayerInfo& layer : program.layers)
    names_.emplace(layer.tag, Name{layer.name, quoted_field(layer.name)});
}

const LayerNames::Name& LayerNames::find(uint32_t pc) const {
  const auto name = names_.find(isa::Header::decode(program_.code.at(pc)).tag);
  return name == names_.end() ? none_ : name->second;
}

const std::string& LayerNames::of(uint32_t pc) const { return find(pc).plain; }

const std::string& LayerNames::csv_of(uint32_t pc) const { return find(pc).csv; }

isa::Opcode opcode_at(const program::Program& program, uint32_t pc) {
  return static_cast<isa::Opcode>(isa::Header::decode(program.code.at(pc)).opcode);
}

const char* traffic_class(const program::Program& program, const BurstOwner& owner) {
  switch (owner.unit) {
    case isa::Unit::kFetch:
      return "instructions";
    case isa::Unit::kLdw:
      return "weights";
    case isa::Unit::kSto:
      return "outputs";
    default:
      return opcode_at(program, owner.pc) == isa::Opcode::kLoadParam ? "params" : "activations";
  }
}

std::string trace_head(const TracedRun& run, const std::string& title) {
  const arch::MemoryConfig& memory = run.arch.memory;
  return fmt::format(
      "# systole {}: network {}, architecture {}, memory {}\n"
      "# time: cycles of the core clock, {:.6g} MHz; cycle 0 is the first one of the run, the one "
      "after START; the run has {} cycles\n",
      title, report::printable(run.program.name), report::printable(run.arch.name),
      memory.kind == "ddr" ? memory.ddr.name : memory.kind, run.arch.clock_mhz, run.result.cycles);
}

}  // namespace systole::trace
