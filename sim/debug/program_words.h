// SPDX-License-Identifier: Apache-2.0
// Instructions, layers, units and numbers of a program as they are written and read in the
// debugger.
#pragma once

#include <string>
#include <vector>

#include "model/isa/isa.h"
#include "model/program/program.h"
#include "sim/trace/names.h"

namespace systole::debug {

class ProgramWords {
 public:
  /// `program` outlives it.
  explicit ProgramWords(const program::Program& program) : program_(program), layers_(program) {}

  /// "12 vector of conv1".
  std::string instruction(uint32_t pc) const;
  /// The name of its layer, printable; empty if its tag is no layer's.
  std::string layer_of(uint32_t pc) const;
  isa::Opcode opcode(uint32_t pc) const { return trace::opcode_at(program_, pc); }

  /// The first instruction of a layer. Throws Error.
  uint32_t first_of_layer(const std::string& name) const;
  std::vector<std::string> layer_names() const;
  /// An instruction's number. Throws Error.
  uint32_t parse_pc(const std::string& word) const;

 private:
  const program::Program& program_;
  const trace::LayerNames layers_;
};

/// "120", "0x78". Throws Error, which says that `what` was expected.
uint64_t parse_number(const std::string& word, const std::string& what);
isa::Unit parse_unit(const std::string& word);
isa::Cause parse_cause(const std::string& word);
std::vector<std::string> unit_names();
std::vector<std::string> cause_names();

}  // namespace systole::debug
