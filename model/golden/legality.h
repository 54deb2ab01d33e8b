// SPDX-License-Identifier: Apache-2.0
// The checker of legal programs: every conflicting pair of accesses is ordered, everything read was
// written.
#pragma once

#include <cstdint>
#include <string>

#include "model/isa/isa.h"
#include "model/program/program.h"

namespace systole::golden {

struct LegalityReport {
  /// Empty if the program is legal; else the first violation found, naming instructions and
  /// addresses.
  std::string violation;
  /// The fault that stops the program at dispatch (bus errors are not predicted here). A program
  /// that faults can be legal: it is checked up to the fault.
  isa::Fault fault = isa::Fault::kNone;
  uint32_t fault_pc = 0;
  bool legal() const { return violation.empty(); }
};

/// Checks `program` under every order that its semaphores allow. Illegal are: two accesses of
/// different units to the same bytes, one of them a write, that no semaphore orders; reads of
/// storage never written (DRAM always is); a vector before the first vector_set, or with a scale
/// outside [2^-64, 2^64); a vector that reads what an earlier output of its own wrote; a store into
/// the code; a deadlock, also one through full queues, or through ports that a matmul holds while
/// it waits for weights.
LegalityReport check_legality(const program::Program& program);

}  // namespace systole::golden
