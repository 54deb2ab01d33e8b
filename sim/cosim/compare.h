// SPDX-License-Identifier: Apache-2.0
// Compares the runs of two engines, to the byte, the instruction, the burst, the counter and the
// cycle.
#pragma once

#include <string>

#include "sim/engine/engine.h"

namespace systole::cosim {

/// What one engine made of a program.
struct Outcome {
  std::string engine;
  platform::RunResult result;
  platform::DramImage image;
};

/// Empty if the two are equal: status, fault, cycles, every counter, memory statistics, retire log,
/// DRAM log, the cause of every cycle of every unit, memory image.
/// Otherwise the first divergence in time, the last events of each unit before it on both
/// sides, and what else differs. Host time and dump may differ.
std::string compare(const Outcome& a, const Outcome& b, const program::Program& program);

}  // namespace systole::cosim
