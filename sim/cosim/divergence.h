// SPDX-License-Identifier: Apache-2.0
// Where to look for the cause of a difference: cycle, instruction, layer, and place in a tensor.
#pragma once

#include <optional>
#include <string>

#include "sim/cosim/compare.h"
#include "sim/trace/traced_run.h"

namespace systole::cosim {

/// The first place in time where a run is not as it should be.
struct Divergence {
  Cycle cycle = 0;
  std::optional<uint32_t> pc;  ///< of the instruction that differs, or that wrote the byte
  std::string what;            ///< "end of the instruction", "DRAM byte 0x40: output y[0, 1, 2, 3]"
  std::string expected, found;
};

/// Where `found` first differs from `expected` in its logs, or else in what it wrote; nothing if it
/// does not. Of bytes, the one that was written first counts.
std::optional<Divergence> first_divergence(const Outcome& found, const Outcome& expected,
                                           const program::Program& program,
                                           const arch::ArchConfig& arch);
/// The same of the bytes alone, against the memory that the golden executor left.
std::optional<Divergence> first_wrong_byte(const trace::TracedRun& run,
                                           const platform::DramImage& found,
                                           const platform::DramImage& expected);

/// "cycle 60: instruction 1 store of conv1: end: expected 61, found 60\n".
std::string divergence_text(const Divergence& divergence, const program::Program& program);

}  // namespace systole::cosim
