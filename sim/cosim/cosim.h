// SPDX-License-Identifier: Apache-2.0
// Co-simulation: the same program on both engines (and the golden executor), which must not differ.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "model/golden/random_program.h"
#include "sim/cosim/divergence.h"
#include "sim/engine/engine.h"

namespace systole::cosim {

struct CosimOptions {
  platform::RunOptions run;  ///< for both engines; the waveform is the RTL's
  bool golden = true;  ///< check the memory image, or the fault, against the golden executor too
  bool allow_large = false;  ///< also build arrays above 64x64 (the user's --yes)
  bool quick_build = false;  ///< RTL that is built sooner and simulates slower
};

struct CosimResult {
  std::string difference;           ///< empty: none
  std::optional<Divergence> first;  ///< where to look, if that can be told
  Outcome rtl;
  Outcome model;
  bool equal() const { return difference.empty(); }
};

/// Runs `program` on both engines from the memory `image`, each in a process of its own, and
/// compares.
CosimResult cosim_program(const program::Program& program, const arch::ArchConfig& arch,
                          const platform::DramImage& image, const CosimOptions& options);
/// The same with engines that exist already.
CosimResult cosim_engines(engine::Engine& rtl, engine::Engine& model,
                          const program::Program& program, const arch::ArchConfig& arch,
                          const platform::DramImage& image, const CosimOptions& options);

/// What a batch of random programs gave.
struct CosimBatch {
  int programs = 0;     ///< run
  int faults = 0;       ///< of them ended in a fault, as they should
  int cut = 0;          ///< of them ended at the cycle limit
  uint64_t cycles = 0;  ///< simulated by each engine
  int different = 0;
  std::string differences;  ///< each with the command that runs it again
  /// The seed and the cycle of the first difference, if there is one to look at.
  std::optional<std::pair<uint64_t, Cycle>> first = {};
};

/// Runs `count` random programs, number i from seed `seed + i`, which also seeds the registers and,
/// with `random` memory, the memory. Stops after `max_different` differences. `progress`: after
/// each program.
CosimBatch cosim_random(const arch::ArchConfig& arch, int count, uint64_t seed,
                        const golden::RandomOptions& random, const CosimOptions& options,
                        int max_different = 1,
                        const std::function<void(const CosimBatch&)>& progress = {});

/// The command line that runs random program `seed` on `arch` again, with the limits of `run`.
std::string rerun_command(const arch::ArchConfig& arch, uint64_t seed,
                          const platform::RunOptions& run);

}  // namespace systole::cosim
