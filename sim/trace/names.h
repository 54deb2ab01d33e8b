// SPDX-License-Identifier: Apache-2.0
// The names of layers, opcodes and traffic in traces, and what the head of a trace tells.
#pragma once

#include <map>
#include <string>

#include "model/isa/isa.h"
#include "sim/trace/burst_owners.h"

namespace systole::trace {

/// Names of the layers by the tags of instructions.
class LayerNames {
 public:
  explicit LayerNames(const program::Program& program);
  /// Of instruction `pc`; empty if its tag is no layer's.
  const std::string& of(uint32_t pc) const;
  /// The same as a field of CSV that readers which know of comments (#) take whole.
  const std::string& csv_of(uint32_t pc) const;

 private:
  struct Name {
    std::string plain, csv;
  };
  const Name& find(uint32_t pc) const;

  const program::Program& program_;
  std::map<uint16_t, Name> names_;
  const Name none_;
};

isa::Opcode opcode_at(const program::Program& program, uint32_t pc);

/// "instructions", "activations", "params", "weights", "outputs": as the counters of bytes.
const char* traffic_class(const program::Program& program, const BurstOwner& owner);

/// Lines that begin with "# ": what ran on what, and what a cycle is.
std::string trace_head(const TracedRun& run, const std::string& title);

}  // namespace systole::trace
