// SPDX-License-Identifier: Apache-2.0
// The interface of the two core engines: a program in, memory image, logs and counters out.
#pragma once

#include <memory>

#include "model/arch/arch.h"
#include "model/program/program.h"
#include "sim/platform/dram_image.h"
#include "sim/platform/run.h"

namespace systole::engine {

class Engine {
 public:
  virtual ~Engine() = default;
  virtual const char* name() const = 0;
  /// Runs `program` from reset with `dram` as memory (size: at least program.dram_bytes), in place;
  /// only what RunResult::written holds has changed. One call per process: SystemC keeps global
  /// state.
  virtual platform::RunResult run(const program::Program& program, platform::DramImage& dram,
                                  const platform::RunOptions& options) = 0;
};

std::unique_ptr<Engine> make_model_engine(const arch::ArchConfig& arch);
/// Verilates and compiles the RTL for arch.hw unless the user cache has it; `trace` selects the
/// build that can write waveforms. `allow_large`: also builds arrays above 64x64, which takes long
/// (the user's --yes). Throws Error if the tools are missing or fail.
std::unique_ptr<Engine> make_rtl_engine(const arch::ArchConfig& arch, bool trace,
                                        bool allow_large = false);

}  // namespace systole::engine
