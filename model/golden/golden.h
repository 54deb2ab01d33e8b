// SPDX-License-Identifier: Apache-2.0
// The golden executor: what a program computes, without time, independent of both engines.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/isa/isa.h"
#include "model/program/program.h"

namespace systole::golden {

struct GoldenOptions {
  uint64_t order_seed = 1;    ///< chooses among the orders that the tokens allow
  uint64_t memory_bytes = 0;  ///< addresses from here on answer with an error; 0: the image's size
  double work_limit = 1e12;   ///< bytes moved and multiplications; beyond: Error
};

/// A fault that can be the first. Which of several comes first depends on time.
struct GoldenFault {
  isa::Fault code = isa::Fault::kNone;
  uint32_t pc = 0;
  bool operator==(const GoldenFault&) const = default;
};

struct GoldenResult {
  enum class Status { kFinished, kFault, kDeadlock } status = Status::kFinished;
  std::vector<GoldenFault> faults;  ///< kFault: the candidates; the core reports one of them
  std::string waiting;              ///< kDeadlock: what each unit waits for
};

/// Runs `program` on the memory image `dram` (at least program.dram_bytes), in place. For a program
/// that faults only the candidates are predicted: what else completes depends on time. A deadlock
/// that the hardware's overlap of weight loads could avoid is reported too; legal programs have
/// none.
GoldenResult run_golden(const program::Program& program, std::vector<uint8_t>& dram,
                        const GoldenOptions& options = {});

}  // namespace systole::golden
