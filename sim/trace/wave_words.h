// SPDX-License-Identifier: Apache-2.0
// The words of a waveform of a run: instructions, layers, and what stands where in DRAM.
#pragma once

#include <memory>

#include "sim/platform/wave_words.h"
#include "sim/trace/traced_run.h"

namespace systole::trace {

/// Of the cycles from `from` to `to` of `run`: as far as there is room, layers and names of DRAM
/// that occur then; those of DRAM are as dram_names has them.
std::shared_ptr<const platform::WaveWords> wave_words(const TracedRun& run, Cycle from, Cycle to);

/// What stands where in DRAM at the end of cycle `to`: inputs, outputs, code, and by layer weights,
/// parameters and what it has stored. The first that holds an address counts.
struct DramName {
  uint64_t from = 0, to = 0;
  std::string name;
};
std::vector<DramName> dram_names(const TracedRun& run, Cycle to);

/// The instructions that are at work in the window, or the newest of their unit, by pc.
std::vector<uint32_t> instructions_in(const TracedRun& run, Cycle from, Cycle to);

/// "matmul of conv1: wait=vpu ub_stride0=32 ..."
std::string instruction_text(const program::Program& program, uint32_t pc);

}  // namespace systole::trace
